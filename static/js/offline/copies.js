/**
 * Second copies of what is unsent, outside IndexedDB.  A kill may tear a record there in two: then Chromium
 * leaves out what was written after it, or deletes the whole database (docs/front-end.md, "What a kill can take").
 *
 * A copy is the sealed record as it lies in the journal, in Cache Storage; beside them lies each person's
 * escrow.  What the journal has lost is written into it again; where its key has gone as well, records and
 * escrow together are a rescue file, which the bureau opens.
 */
import { COPIES, write } from "./database.js";
import { uuid7 } from "./ids.js";
import { fileOf, recordsOf } from "./rescue.js";
import { nameOf, userOf, vaults } from "./ring.js";
import { add, isUnsent, keep, photosIn, present, ring, sameAnswer, unsealed } from "./store.js";
import { bytesOf, textOf } from "./vault.js";

const WORDS = "X-Words";
const ANYONE = "-"; // a photo tells inside whose it is
const looked = new WeakSet(); // connections: what is missing later has been removed on purpose

/** Makes the copies agree with what lies in the database; what it has lost comes back first. */
export async function agree(base) {
  const cache = await caches.open(COPIES);
  const locked = looked.has(base) ? [] : await bringBack(base, cache);
  if (!locked.length) looked.add(base);
  const wanted = await wantedOf(base);
  const here = await namesIn(cache);
  const known = new Set(here.map(({ path }) => path));
  for (const [path, make] of wanted) if (!known.has(path)) await put(cache, path, await make());
  const stays = ({ path, user }) => wanted.has(path) || locked.includes(user) || (locked.length && user === ANYONE);
  for (const one of here) if (!stays(one)) await cache.delete(one.path);
}

/** Copies that `isGone` ({kind, user, id}) go before what they are copies of: what is removed on purpose stays away. */
export async function drop(isGone) {
  const cache = await caches.open(COPIES);
  for (const one of await namesIn(cache)) if (isGone(one)) await cache.delete(one.path);
}

/** Where each copy lies, and how it is made. */
async function wantedOf(base) {
  const wanted = new Map();
  for (const entry of await base.getAll("journal")) {
    if (entry.sealed && isUnsent(entry)) wanted.set(place("entry", entry.user, entry.id, textOf(entry.sealed.iv)), () => entry);
  }
  for (const sha256 of await base.getAllKeys("photos")) wanted.set(placeOf(sha256), () => base.get("photos", sha256));
  if (wanted.size) for (const one of await escrows(base)) wanted.set(place("escrow", one.user, one.escrow.point), () => one);
  return wanted;
}

async function escrows(base) {
  const [names, kept] = await Promise.all([base.getAllKeys("meta", vaults()), base.getAll("meta", vaults())]);
  return names.map((name, at) => ({ user: userOf(name), escrow: kept[at].escrow })).filter(({ escrow }) => escrow);
}

// -- coming back ------------------------------------------------------------------------------

/** Entries that the journal has lost; resolves to the users whose must wait for their PIN. */
async function bringBack(base, cache) {
  const journal = await base.getAll("journal");
  const here = new Set(journal.map(({ id }) => id));
  const missing = (await namesIn(cache)).filter(({ kind, id }) => kind === "entry" && !here.has(id));
  const copies = await Promise.all(missing.map(({ path }) => taken(cache, path)));
  const isReplaced = (one) => journal.some((other) => sameAnswer(other, one) && other.id > one.id);
  const lost = copies.filter((one) => !isReplaced(one)).sort((a, b) => (a.id < b.id ? -1 : 1)); // the phone's ids tell the time
  const locked = [];
  for (const user of new Set(lost.map((one) => one.user))) {
    const mine = lost.filter((one) => one.user === user);
    const hasVault = await base.get("meta", nameOf(user));
    if (hasVault && (await ring.state(user)) === "locked") locked.push(user);
    else if (!(hasVault && (await returned(base, cache, mine)))) await sealedUp(base, cache, user, mine);
  }
  return locked;
}

/** Into the journal again, as if they were done now; false where they were sealed with another key. */
async function returned(base, cache, lost) {
  const plain = await Promise.all(lost.map(unsealed)).catch((error) => console.info("copies", error));
  if (!plain) return false;
  for (const { n, status, problem, ...one } of plain) {
    for (const { sha256 } of photosIn(one)) await photoReturned(base, cache, sha256);
    await (one.kind === "change" ? keep(one) : add(one));
  }
  document.dispatchEvent(new Event("store:returned"));
  return true;
}

async function photoReturned(base, cache, sha256) {
  const photo = (await base.getKey("photos", sha256)) ? null : await taken(cache, placeOf(sha256));
  if (photo) await write(["photos"], (photos) => photos.put(photo));
}

/** A rescue file in the database, whose key nobody here has. */
async function sealedUp(base, cache, user, entries) {
  const copies = await Promise.all((await namesIn(cache)).filter(({ kind }) => kind !== "entry").map(({ path }) => taken(cache, path)));
  const mine = copies.filter((one) => one.user === user);
  const { escrow } = mine.find((one) => one.escrow) ?? {};
  if (!escrow) return;
  const made_at = new Date().toISOString();
  const records = recordsOf(entries, mine.filter((one) => one.sha256));
  const tx = base.transaction("meta", "readwrite", { durability: "strict" });
  tx.store.put({ user, made_at, count: records.length, bytes: await fileOf({ escrow, made_at }, records) }, `rescue ${uuid7()}`);
  await tx.done;
  present();
}

// -- the cache --------------------------------------------------------------------------------

function place(...names) {
  return `/copies/${names.map(encodeURIComponent).join("/")}`;
}

function placeOf(sha256) {
  return place("photo", ANYONE, sha256);
}

/** All copies by name: [{path, kind, user, id}]. */
async function namesIn(cache) {
  return (await cache.keys()).map(({ url }) => {
    const path = new URL(url).pathname;
    const [kind, user, id] = path.split("/").slice(2).map(decodeURIComponent);
    return { path, kind, user, id };
  });
}

function put(cache, path, { sealed, ...words }) {
  const told = encodeURIComponent(JSON.stringify({ ...words, iv: sealed && textOf(sealed.iv) }));
  return cache.put(path, new Response(sealed?.data, { headers: { [WORDS]: told } }));
}

async function taken(cache, path) {
  const answer = await cache.match(path);
  const { iv, ...words } = JSON.parse(decodeURIComponent(answer.headers.get(WORDS)));
  return iv ? { ...words, sealed: { iv: bytesOf(iv), data: await answer.arrayBuffer() } } : words;
}
