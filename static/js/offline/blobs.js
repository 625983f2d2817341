/** Sends a photo in pieces; the server remembers how far it got, so a broken one goes on. */
import { ask, Offline, Problem } from "./door.js";
import { forgetPhoto, photo } from "./store.js";

const PIECE = 512 * 1024;
const TRIES = 200;
const STORED = ["applied", "duplicate"];
const RESTARTS = 3; // of a photo that was damaged on the way

/** Sends the photo if the phone has it; one it does not have is the server's already. */
export async function upload(sha256) {
  const kept = await photo(sha256);
  if (!kept) return;
  let here = kept.bytes.byteLength > PIECE ? await ask(`/api/v1/blobs/${sha256}`) : {};
  let restarts = 0;
  for (let tries = 0; !STORED.includes(here.status); tries += 1) {
    if (tries === TRIES) throw new Offline();
    try {
      here = await sent(kept, here.offset ?? 0);
    } catch (error) {
      here = from(error);
      if (here.offset === undefined && (restarts += 1) > RESTARTS) throw error;
    }
  }
  await forgetPhoto(sha256);
}

/** Sends the next piece; where all have arrived, the last byte again, so that the server finishes. */
function sent({ sha256, type, bytes }, offset) {
  const size = bytes.byteLength;
  const start = Math.max(0, Math.min(offset, size - 1));
  const end = Math.min(start + PIECE, size);
  return ask(`/api/v1/blobs/${sha256}`, {
    method: "PUT",
    headers: { "Content-Type": type, "Content-Range": `bytes ${start}-${end - 1}/${size}` },
    body: bytes.slice(start, end),
  });
}

/** Where to go on after a refusal that says so; from the beginning after damage on the way. */
function from(error) {
  const { code, params } = error instanceof Problem ? error.body : {};
  if (code === "offset") return { offset: params.offset };
  if (code === "wrong_hash" || code === "bad_range") return {};
  throw error;
}
