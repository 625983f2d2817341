/**
 * What happens to a person's records when they may not stay on this phone.  What the server has is
 * removed; what only the phone has becomes a rescue file that the bureau alone can open, and waits
 * here until it is sent or saved.
 */
import { ask } from "./door.js";
import { clear, forgetRescue, rescues, sealPlain, unsent } from "./leaving.js";
import { fileOf, recordsOf } from "./rescue.js";
import { nameOf } from "./ring.js";
import { ring } from "./store.js";

/** A rescue file of all that is unsent; null where there is nothing, or nothing can be sealed. */
export async function made(user) {
  if ((await ring.state(user)) !== "locked") await sealPlain(user);
  const { escrow } = (await ring.read(nameOf(user))) ?? {};
  const { entries, photos } = await unsent(user);
  const sealed = { entries: entries.filter((one) => one.sealed), photos: photos.filter((one) => one.sealed) };
  const count = sealed.entries.length + sealed.photos.length;
  if (!escrow || !count) return null;
  const made_at = new Date().toISOString();
  return { made_at, count, bytes: await fileOf({ escrow, made_at }, recordsOf(sealed.entries, sealed.photos)) };
}

/** Removes what is kept of a user; resolves to the rescue file that took the place of what was unsent. */
export async function wipe(user, { discard = false, forgotten = false } = {}) {
  const rescue = discard ? null : await made(user);
  const stays = (one) => !discard && one.status !== "sent" && !one.sealed; // what could not be sealed
  await clear(user, { rescue, stays, forgotten });
  sessionStorage.clear();
  await globalThis.caches?.delete("mingcha-pages");
  return rescue;
}

/** Sends the rescue files of this user, who is signed in; resolves to how many went. */
export async function sendRescues(user) {
  let sent = 0;
  for (const file of await rescues(user)) {
    const headers = { "Content-Type": "application/octet-stream" };
    await ask("/api/v1/rescue", { method: "POST", headers, body: file.bytes });
    await forgetRescue(file.name);
    sent += 1;
  }
  return sent;
}

/** Gives a rescue file to the person, to be carried to a supervisor. */
export function save({ made_at, bytes }) {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const name = `mingcha-${made_at.slice(0, 16).replaceAll(":", "-")}.rescue`;
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
