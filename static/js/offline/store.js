/**
 * What the phone keeps until the server has it, in IndexedDB; nothing else opens the database.
 *
 *   journal  n → {n, id, kind, inspection, user, device_time, status, body, …}, in the order of the acts
 *            kind "inspection", "signature", "submission": an item of the protocol, `body` as it is sent;
 *            beside an opening `shown` {unit, title, team}: whom and what it is about, in words
 *            kind "change": one answer; `body` is its value, and {question, base, seen, settles, api,
 *            batch} stand beside it.  base is undefined until the outbox has learnt which change the
 *            page had shown; batch is the item in which it was sent.
 *            status "waiting", "refused" {problem}, "conflict", or "sent" {sent_at, receipt}: the last
 *            stays until a newer page has been opened, for a copy does not show it by itself
 *   photos   sha256 → {sha256, user, bytes: ArrayBuffer, type}
 *   meta     key → value
 *
 * `body`, `problem`, `shown` and `bytes` lie sealed with the key of their user (ring.js), as `sealed`; plain
 * where the browser may not encrypt.  The rest is ids, states and times.
 *
 * Every write is durable before it is called saved.  Bytes are ArrayBuffers: Blobs in IndexedDB
 * are lost by some WebViews.
 */
import "../../vendor/idb@8.0.4/umd.js"; // the published small one
import { uuid7 } from "./ids.js";
import { nameOf, Ring, userOf, vaults } from "./ring.js";
import { about, available, open, openJson, seal, sealJson } from "./vault.js";

const { openDB } = globalThis.idb;
const NAME = "mingcha";
const VERSION = 2;
const STRICT = { durability: "strict" };
const FLAG = "mingcha-waiting";
const DAY_MS = 24 * 3600 * 1000;
const PATIENCE_MS = 10_000; // behind another tab's request nobody is told that it is blocked
const COPIES_MS = 2000; // for the copies nobody waits longer before leaving: the next start looks after them
const START_MS = 1000; // the first question comes before the second copies
const LOST = new Set(["InvalidStateError", "UnknownError"]); // the connection, not what was asked of it

let opened;
let awaited;

class OtherTab extends Error {}

function db() {
  opened ??= connect().catch((error) => {
    if (!(error instanceof OtherTab)) opened = undefined; // else another request would only wait behind this one
    throw error;
  });
  return opened;
}

function connect() {
  return new Promise((resolve, reject) => {
    const blocked = () => {
      reject(new OtherTab("blocked"));
      awaited = opening.then(() => {
        opened = opening; // the other tab has gone
        awaited = undefined;
      });
    };
    const waiting = setTimeout(blocked, PATIENCE_MS);
    let isNew = false;
    const opening = openDB(NAME, VERSION, {
      upgrade: (base, from, ...more) => {
        isNew = from === 0;
        return upgrade(base, from, ...more);
      },
      blocked,
      blocking: (_now, _next, { target }) => {
        target.close();
        opened = undefined;
      },
      terminated: () => {
        opened = undefined;
      },
    }).then(async (base) => {
      if (isNew) await recover(base).catch((error) => console.error("copies", error));
      else setTimeout(copySoon, START_MS);
      return base;
    });
    opening.then(resolve, reject).finally(() => clearTimeout(waiting));
  });
}

async function upgrade(base, from, _to, tx) {
  if (from < 1) {
    base.createObjectStore("photos", { keyPath: "sha256" });
    base.createObjectStore("meta");
  }
  const journal = base.createObjectStore("journal", { keyPath: "n", autoIncrement: true });
  journal.createIndex("id", "id", { unique: true });
  journal.createIndex("inspection", "inspection");
  journal.createIndex("status", "status");
  if (from === 1) {
    await takeOver(tx, journal);
    base.deleteObjectStore("changes");
  }
}

/** The first version kept changes alone, and what was sent under "sent <user> <inspection>". */
async function takeOver(tx, journal) {
  const meta = tx.objectStore("meta");
  for (const key of await meta.getAllKeys()) {
    const [, user, inspection] = String(key).match(/^sent (\S+) (\S+)$/) ?? [];
    if (!user) continue;
    for (const [question, { value, ...one }] of Object.entries(await meta.get(key))) {
      journal.add({ ...one, kind: "change", status: "sent", user, inspection, question, body: value });
    }
    meta.delete(key);
  }
  const changes = await tx.objectStore("changes").getAll();
  changes.sort((a, b) => (a.device_time < b.device_time ? -1 : 1));
  for (const { value, ...change } of changes) journal.add({ ...change, kind: "change", body: value });
}

/** Does the work; once more with a new connection when the browser has dropped the old one. */
async function using(work) {
  try {
    return await work(await db());
  } catch (error) {
    if (!LOST.has(error.name)) throw error;
    opened = undefined;
    return work(await db());
  }
}

function write(stores, work) {
  return using(async (base) => {
    const tx = base.transaction(stores, "readwrite", STRICT);
    try {
      const result = await work(...stores.map((name) => tx.objectStore(name)));
      await tx.done;
      if (stores.includes("journal") || stores.includes("photos")) copySoon();
      return result;
    } catch (error) {
      abort(tx); // half of it would be a loss
      throw error;
    }
  });
}

// -- the second copies (copies.js) --------------------------------------------------------------

let copying = Promise.resolve();
let due = false;

/** After the work at hand: nobody waits for it, and several changes are one round. */
function copySoon() {
  if (due || !available() || !globalThis.caches) return;
  due = true;
  copying = copying
    .then(async () => {
      const { agree } = await import("./copies.js");
      due = false;
      await using(async (base) => agree(await toCopy(base)));
    })
    .catch((error) => {
      due = false;
      console.info("copies", error);
    });
}

async function toCopy(base) {
  const range = vaults();
  const [names, kept] = await Promise.all([base.getAllKeys("meta", range), base.getAll("meta", range)]);
  const escrows = names.map((name, place) => ({ user: userOf(name), escrow: kept[place].escrow }));
  return {
    entries: (await base.getAll("journal")).filter((one) => one.sealed && isUnsent(one)),
    photos: await base.getAllKeys("photos"),
    photo: (sha256) => base.get("photos", sha256),
    escrows: escrows.filter(({ escrow }) => escrow),
  };
}

/** The database came up empty: had it been deleted, what was in it waits from now on as rescue files. */
async function recover(base) {
  if (!(await globalThis.caches?.has("copies"))) return;
  const { COPIES, recovered } = await import("./copies.js");
  const files = await recovered();
  const tx = base.transaction("meta", "readwrite", STRICT);
  for (const file of files) tx.store.put(file, `rescue ${uuid7()}`);
  await tx.done;
  await caches.delete(COPIES);
}

function isUnsent({ status }) {
  return status === "waiting" || status === "refused";
}

function abort(tx) {
  tx.done.catch(() => {});
  try {
    tx.abort();
  } catch {
    // it has ended by itself
  }
}

/** Resolves when the database is open that another tab kept from opening; nothing when none did. */
export function freed() {
  return awaited;
}

/** Why the store failed, as the name of the words that say it: "full", "other_tab" or "no_store". */
export function why(error) {
  if (error.name === "QuotaExceededError") return "full";
  return error instanceof OtherTab || error.name === "VersionError" ? "other_tab" : "no_store";
}

/** The name of this device, made once. */
export async function device() {
  const known = await using((base) => base.get("meta", "device"));
  if (known) return known;
  const made = uuid7();
  await write(["meta"], (meta) => meta.put(made, "device"));
  return made;
}

// -- what a person wrote, sealed --------------------------------------------------------------

export const ring = new Ring({
  read: (name) => using((base) => base.get("meta", name)),
  change: (name, work) =>
    write(["meta"], async (meta) => {
      const next = work(await meta.get(name));
      await meta.put(next, name);
      return next;
    }),
  device,
});

async function sealing({ body, problem, shown, sealed, ...words }) {
  const key = await ring.key(words.user);
  if (!key) return { ...words, body, problem, shown };
  return { ...words, sealed: await sealJson(key, { body, problem, shown }, about(words)) };
}

async function unsealed({ sealed, ...words }) {
  if (!sealed) return words;
  return { ...words, ...(await openJson(await ring.key(words.user), sealed, about(words))) };
}

// -- the journal ------------------------------------------------------------------------------

/** Keeps an item of the protocol: {id, kind, inspection, user, device_time, body, …}. */
export async function add(plain) {
  const item = await sealing(plain);
  flag(true);
  return write(["journal"], async (journal) => {
    if (!(await journal.index("id").getKey(item.id))) await journal.add({ ...item, status: "waiting" });
  });
}

/**
 * Keeps a change.  One to the same question that still waits is replaced: this one takes over its
 * base and what it settles, so that the server sees one step.  Not so when it is on its way, or was
 * signed since.
 */
export async function keep(change) {
  const item = await sealing({ ...change, kind: "change" });
  flag(true);
  return write(["journal"], async (journal) => {
    const all = await journal.index("inspection").getAll(change.inspection);
    const signed = Math.max(0, ...all.filter((one) => one.kind !== "change").map((one) => one.n));
    for (const one of all.filter((other) => sameAnswer(other, change) && other.status !== "sent")) {
      if (one.status === "waiting" && (one.batch || one.n < signed)) {
        change.base = one.id; // this one comes after it
        continue;
      }
      if (one.status !== "conflict") {
        change.base = one.base;
        change.seen = one.seen;
        change.settles = [...new Set([...(one.settles ?? []), ...(change.settles ?? [])])];
      }
      journal.delete(one.n);
    }
    const { base, seen, settles } = change;
    await journal.add({ ...item, base, seen, settles, status: "waiting" });
    return change;
  });
}

function sameAnswer(one, other) {
  return one.question === other.question && one.user === other.user && one.kind === "change";
}

/** Everything of this user, oldest first, also what was sent and is not shown by every page. */
export async function journal(user, inspection) {
  const all = await outline(user, inspection);
  const plain = all.filter((one) => !one.sealed);
  if (plain.length && (await ring.key(user))) await settle(plain); // an earlier version's
  return Promise.all(all.map(unsealed));
}

/** The same without what a person wrote: asks for no PIN. */
export async function outline(user, inspection) {
  const all = await using((base) =>
    inspection ? base.getAllFromIndex("journal", "inspection", inspection) : base.getAll("journal"),
  );
  return all.filter((one) => one.user === user).sort((a, b) => a.n - b.n);
}

/** Everything of this user that the server does not have, or has refused, oldest first. */
export async function kept(user, inspection) {
  return (await journal(user, inspection)).filter((one) => one.status !== "sent");
}

/** The server has it; an earlier value that was sent need not be remembered beside it. */
export async function arrived(entry, receipt) {
  const { problem, ...sent } = entry;
  const item = await sealing({ ...sent, status: "sent", sent_at: new Date().toISOString(), receipt });
  await write(["journal"], async (journal) => {
    for (const one of await journal.index("inspection").getAll(entry.inspection)) {
      if (entry.kind === "change" && one.status === "sent" && sameAnswer(one, entry)) journal.delete(one.n);
    }
    journal.put(item);
  });
  await tidy();
}

/** Changes that this phone has sent and a page made at `seen` does not show; old ones are forgotten. */
export async function sentSince(user, inspection, seen) {
  const sent = (await journal(user, inspection)).filter((one) => one.kind === "change" && one.status === "sent");
  const old = sent.filter((one) => one.seen < seen && !(Date.now() - Date.parse(one.sent_at) < DAY_MS));
  if (old.length) await settle([], old);
  return sent.filter((one) => one.seen >= seen);
}

/**
 * Replaces entries by their newer selves; removes those `gone`.  One that a later change has replaced
 * since it was read stays away; resolves to the others.
 */
export async function settle(newer, gone = []) {
  const items = await Promise.all(newer.map(sealing));
  const here = await write(["journal"], async (journal) => {
    const known = new Set(await journal.getAllKeys());
    for (const one of items) if (known.has(one.n)) journal.put(one);
    for (const { n } of gone) journal.delete(n);
    return known;
  });
  await tidy();
  return newer.filter(({ n }) => here.has(n));
}

/** A change was refused: what was to follow it follows what it was to replace. */
export async function rebase(refused) {
  const later = (await kept(refused.user, refused.inspection)).filter((one) => one.base === refused.id);
  if (later.length) await settle(later.map((one) => ({ ...one, base: refused.base })));
}

async function tidy() {
  if (!(await using((base) => base.countFromIndex("journal", "status", "waiting")))) flag(false);
}

/** Says to other pages, without opening the database, whether something waits. */
function flag(waits) {
  try {
    if (waits) localStorage.setItem(FLAG, "1");
    else localStorage.removeItem(FLAG);
  } catch {
    // a browser without it looks when the form is opened
  }
}

// -- photos -----------------------------------------------------------------------------------

/** Keeps a photo's bytes until its receipt has come. */
export async function keepPhoto({ bytes, ...words }) {
  const key = await ring.key(words.user);
  const item = key ? { ...words, sealed: await seal(key, bytes, aboutPhoto(words)) } : { ...words, bytes };
  return write(["photos"], (photos) => photos.put(item));
}

export async function photo(sha256) {
  const { sealed, ...words } = (await using((base) => base.get("photos", sha256))) ?? {};
  if (!sealed) return words.sha256 ? words : undefined;
  return { ...words, bytes: await open(await ring.key(words.user), sealed, aboutPhoto(words)) };
}

function aboutPhoto({ sha256, user }) {
  return about({ kind: "photo", id: sha256, user });
}

/** The server has the photo: its bytes need not stay. */
export function forgetPhoto(sha256) {
  return write(["photos"], (photos) => photos.delete(sha256));
}

/** How many photos of this user are here alone. */
export async function photosOf(user) {
  return (await using((base) => base.getAll("photos"))).filter((one) => one.user === user).length;
}

// -- what leaves the phone otherwise ----------------------------------------------------------

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
  await Promise.race([copying, new Promise((resolve) => setTimeout(resolve, COPIES_MS))]); // they go with it
  await tidy();
}

/** The rescue files that wait here: [{name, user, made_at, count, bytes}]. */
export async function rescues() {
  const range = IDBKeyRange.bound("rescue ", "rescue!");
  const [names, files] = await using((base) => Promise.all([base.getAllKeys("meta", range), base.getAll("meta", range)]));
  return files.map((file, place) => ({ ...file, name: names[place] }));
}

export function forgetRescue(name) {
  return write(["meta"], (meta) => meta.delete(name));
}

// -- the browser's promise --------------------------------------------------------------------

/** Asks the browser, once, not to throw away what is kept here; resolves to its answer. */
export async function persist() {
  document.dispatchEvent(new Event("store:alone")); // guard.js offers a PIN
  const known = await using((base) => base.get("meta", "persisted"));
  if (known === true || !navigator.storage?.persist) return known ?? null;
  const answer = await navigator.storage.persist();
  await write(["meta"], (meta) => meta.put(answer, "persisted"));
  return answer;
}

/** Whether the browser has promised; null where it was never asked. */
export async function persisted() {
  if (await navigator.storage?.persisted?.()) return true;
  return (await using((base) => base.get("meta", "persisted")).catch(() => null)) ?? null;
}
