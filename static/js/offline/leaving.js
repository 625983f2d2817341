/** What leaves the phone otherwise than by the outbox: as a rescue file, or for good. */
import { copied, dropCopies, using, write } from "./database.js";
import { uuid7 } from "./ids.js";
import { nameOf, userOf, vaults } from "./ring.js";
import { isUnsent, journal, keepPhoto, outline, ring, tidy } from "./store.js";

/** Whoever kept something on this phone. */
export async function people() {
  const { names, all } = await using(async (base) => ({
    names: await base.getAllKeys("meta", vaults()),
    all: [...(await base.getAll("journal")), ...(await base.getAll("photos"))],
  }));
  return [...new Set([...names.map(userOf), ...all.map((one) => one.user)])];
}

/** What only this phone has of a user, as it lies here: {entries, photos}. */
export async function unsent(user) {
  const photos = await using((base) => base.getAll("photos"));
  const entries = (await outline(user)).filter(isUnsent);
  return { entries, photos: photos.filter((one) => one.user === user) };
}

/** Seals what an earlier version kept plain. */
export async function sealPlain(user) {
  await journal(user);
  for (const one of (await unsent(user)).photos) if (one.bytes) await keepPhoto(one);
}

/**
 * In one step, all that is kept of a user goes, but what `stays`; a rescue file may take its place.
 * The PIN outlives it, unless it was forgotten.
 */
export async function clear(user, { rescue, stays = () => false, forgotten = false } = {}) {
  await copied();
  const known = new Set((await outline(user)).map(({ id }) => id)); // what the journal has lost stays
  await dropCopies(({ id }) => known.has(id));
  await write(["journal", "photos", "meta"], async (journal, photos, meta) => {
    if (rescue) await meta.put({ ...rescue, user }, `rescue ${uuid7()}`);
    const gone = (one) => one.user === user && !stays(one);
    for (const one of await journal.getAll()) if (gone(one)) journal.delete(one.n);
    for (const one of await photos.getAll()) if (gone(one)) photos.delete(one.sha256);
    const { session, ...vault } = (await meta.get(nameOf(user))) ?? {};
    if (vault.pin && !forgotten) await meta.put(vault, nameOf(user));
    else await meta.delete(nameOf(user));
  });
  ring.keys.delete(user);
  await copied();
  await tidy();
}

/** The rescue files that wait here, of everybody or of one user: [{name, user, made_at, count, bytes}]. */
export async function rescues(user) {
  const range = IDBKeyRange.bound("rescue ", "rescue!");
  const [names, files] = await using((base) => Promise.all([base.getAllKeys("meta", range), base.getAll("meta", range)]));
  return files.map((file, at) => ({ ...file, name: names[at] })).filter((file) => !user || file.user === user);
}

export function forgetRescue(name) {
  return write(["meta"], (meta) => meta.delete(name));
}
