/** Sends a photo in pieces; the server remembers how far it got, so a broken one goes on. */
import { ask, Problem } from "./door.js";
import { forgetPhoto, photo } from "./store.js";

const PIECE = 512 * 1024;

/** Sends the photo if the phone has it; one it does not have is the server's already. */
export async function upload(sha256) {
  const kept = await photo(sha256);
  if (!kept) return;
  const size = kept.bytes.byteLength;
  let start = size > PIECE ? await arrived(sha256) : 0;
  for (let tries = 0; start < size && tries < 200; tries += 1) {
    const end = Math.min(start + PIECE, size);
    try {
      const answer = await ask(`/api/v1/blobs/${sha256}`, {
        method: "PUT",
        headers: { "Content-Type": kept.type, "Content-Range": `bytes ${start}-${end - 1}/${size}` },
        body: kept.bytes.slice(start, end),
      });
      start = Math.max(end, answer.offset ?? 0);
    } catch (error) {
      const offset = error instanceof Problem && error.body.code === "offset" && error.body.params?.offset;
      if (typeof offset !== "number") throw error;
      start = offset;
    }
  }
  await forgetPhoto(sha256);
}

async function arrived(sha256) {
  const { offset, status } = await ask(`/api/v1/blobs/${sha256}`);
  return status === "duplicate" ? Number.POSITIVE_INFINITY : (offset ?? 0);
}
