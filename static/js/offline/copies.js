/**
 * Second copies of what is unsent, outside IndexedDB.  A kill may tear a record there in two, and at the
 * start after the next Chromium deletes the whole database (docs/front-end.md, "What a kill can take").
 *
 * A copy is the sealed record as it lies in the journal, in Cache Storage; beside them lies each person's
 * escrow.  The key has gone with the database, but together they are a rescue file, which the bureau opens.
 */
import { COPIES } from "./database.js";
import { uuid7 } from "./ids.js";
import { fileOf, recordsOf } from "./rescue.js";
import { userOf, vaults } from "./ring.js";
import { isUnsent, present } from "./store.js";
import { bytesOf, textOf } from "./vault.js";

const WORDS = "X-Words";

/** Makes the copies agree with what lies in the database. */
export async function agree(base) {
  const cache = await caches.open(COPIES);
  const wanted = new Map();
  const entries = (await base.getAll("journal")).filter((one) => one.sealed && isUnsent(one));
  for (const record of recordsOf(entries, [])) wanted.set(place("entry", record.id, textOf(record.iv)), () => record);
  for (const sha256 of await base.getAllKeys("photos")) {
    wanted.set(place("photo", sha256), async () => recordsOf([], [await base.get("photos", sha256)])[0]);
  }
  if (wanted.size) for (const one of await escrows(base)) wanted.set(place("escrow", one.user, one.escrow.id), () => one);
  const here = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  for (const [path, make] of wanted) if (!here.has(path)) await put(cache, path, await make());
  for (const path of here) if (!wanted.has(path)) await cache.delete(path);
}

async function escrows(base) {
  const [names, kept] = await Promise.all([base.getAllKeys("meta", vaults()), base.getAll("meta", vaults())]);
  return names.map((name, at) => ({ user: userOf(name), escrow: kept[at].escrow })).filter(({ escrow }) => escrow);
}

/** What was here before the database came up empty lies in it as rescue files from now on. */
export async function recover(base) {
  const files = await recovered();
  const tx = base.transaction("meta", "readwrite", { durability: "strict" });
  for (const file of files) tx.store.put(file, `rescue ${uuid7()}`);
  await tx.done;
  await caches.delete(COPIES);
  if (files.length) present();
}

/** The copies as rescue files: [{user, made_at, count, bytes}]. */
async function recovered() {
  const cache = await caches.open(COPIES);
  const found = await Promise.all((await cache.keys()).map(async (key) => taken(await cache.match(key))));
  const made_at = new Date().toISOString();
  const files = found.filter(({ escrow }) => escrow).map(async ({ user, escrow }) => {
    const records = found.filter((one) => one.data && one.user === user && one.iv).sort(inOrder);
    return { user, made_at, count: records.length, bytes: await fileOf({ escrow, made_at }, records) };
  });
  return (await Promise.all(files)).filter(({ count }) => count);
}

function place(...names) {
  return `/copies/${names.map(encodeURIComponent).join("/")}`;
}

function put(cache, path, { data, iv, ...words }) {
  const told = encodeURIComponent(JSON.stringify({ ...words, iv: iv && textOf(iv) }));
  return cache.put(path, new Response(data, { headers: { [WORDS]: told } }));
}

async function taken(answer) {
  const { iv, ...words } = JSON.parse(decodeURIComponent(answer.headers.get(WORDS)));
  return { ...words, iv: iv && bytesOf(iv), data: await answer.arrayBuffer() };
}

/** Photos first; then as it was done, for the phone's ids tell the time. */
function inOrder(one, other) {
  const [a, b] = [one, other].map(({ kind, id }) => (kind === "photo" ? "" : id));
  return a < b ? -1 : Number(a > b);
}
