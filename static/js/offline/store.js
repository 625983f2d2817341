/**
 * What the phone keeps until the server has it: changes to answers, and photos.
 *
 *   changes  id → {id, inspection, user, api, question, value, base, seen, settles, device_time,
 *                  batch, status: "waiting" | "refused" | "conflict", problem}
 *            base is undefined until the outbox has learnt which change the page had shown.
 *   photos   sha256 → {sha256, user, bytes: ArrayBuffer, type, sent}
 *   meta     key → value; "sent <user> <inspection>" → {question: {id, value, seen}}, what the server
 *            has taken since the page was made: a copy of the page does not show it by itself
 *
 * Every write is durable before it is called saved.  Bytes are ArrayBuffers: Blobs in IndexedDB
 * are lost by some WebViews.
 */
import { openDB } from "../../vendor/idb@8.0.4/index.js";
import { uuid7 } from "./ids.js";

const STRICT = { durability: "strict" };
const FLAG = "mingcha-waiting";

let opened;

function db() {
  opened ??= openDB("mingcha", 1, {
    upgrade(base) {
      base.createObjectStore("changes", { keyPath: "id" }).createIndex("inspection", "inspection");
      base.createObjectStore("photos", { keyPath: "sha256" });
      base.createObjectStore("meta");
    },
    terminated() {
      opened = undefined;
    },
  });
  return opened;
}

async function write(stores, work) {
  const tx = (await db()).transaction(stores, "readwrite", STRICT);
  const result = await work(tx);
  await tx.done;
  return result;
}

/** The name of this device, made once. */
export async function device() {
  const base = await db();
  const known = await base.get("meta", "device");
  if (known) return known;
  const made = uuid7();
  await write(["meta"], (tx) => tx.objectStore("meta").put(made, "device"));
  return made;
}

/**
 * Keeps a change.  One to the same question that still waits and was never sent is replaced: it
 * takes over its base, so that the server sees one step.
 */
export async function keep(change) {
  localStorage.setItem(FLAG, "1");
  return write(["changes"], async (tx) => {
    const store = tx.objectStore("changes");
    const earlier = await store.index("inspection").getAll(change.inspection);
    for (const one of earlier) {
      if (one.question !== change.question || one.user !== change.user) continue;
      if (one.status === "waiting" && one.batch) {
        change.base = one.id; // on its way: this one comes after it
        continue;
      }
      if (one.status !== "conflict") {
        change.base = one.base;
        change.seen = one.seen;
      }
      store.delete(one.id);
    }
    store.put({ ...change, status: "waiting" });
    return change;
  });
}

/** Everything of this user that the server does not have, or has refused, oldest first. */
export async function kept(user, inspection) {
  const base = await db();
  const all = inspection
    ? await base.getAllFromIndex("changes", "inspection", inspection)
    : await base.getAll("changes");
  return all.filter((change) => change.user === user);
}

/** The server has the change: it need not stay, but an older copy of the page must still show it. */
export async function arrived({ id, user, inspection, question, value, seen }) {
  await write(["changes", "meta"], async (tx) => {
    const meta = tx.objectStore("meta");
    const key = `sent ${user} ${inspection}`;
    const sent = (await meta.get(key)) ?? {};
    meta.put({ ...sent, [question]: { id, value, seen } }, key);
    tx.objectStore("changes").delete(id);
  });
  await tidy();
}

/** What this phone has sent that a page made at `seen` does not show; the rest is forgotten. */
export async function sentSince(user, inspection, seen) {
  const key = `sent ${user} ${inspection}`;
  const sent = (await (await db()).get("meta", key)) ?? {};
  const newer = Object.entries(sent).filter(([, one]) => one.seen >= seen);
  if (newer.length < Object.keys(sent).length) {
    await write(["meta"], (tx) => tx.objectStore("meta").put(Object.fromEntries(newer), key));
  }
  return newer;
}

/** Replaces records by their newer selves; `gone` are ids the server now has. */
export async function settle(newer, gone = []) {
  await write(["changes"], (tx) => {
    const store = tx.objectStore("changes");
    for (const change of newer) store.put(change);
    for (const id of gone) store.delete(id);
  });
  await tidy();
}

async function tidy() {
  if (!(await (await db()).count("changes"))) localStorage.removeItem(FLAG);
}

/** A change was refused: what was to follow it follows what it was to replace. */
export async function rebase(refused) {
  const later = (await kept(refused.user, refused.inspection)).filter((one) => one.base === refused.id);
  if (later.length) await settle(later.map((one) => ({ ...one, base: refused.base })));
}

/** Keeps a photo's bytes until its receipt has come. */
export function keepPhoto(photo) {
  return write(["photos"], (tx) => tx.objectStore("photos").put({ ...photo, sent: false }));
}

export async function photo(sha256) {
  return (await db()).get("photos", sha256);
}

/** The server has the photo: its bytes need not stay. */
export function forgetPhoto(sha256) {
  return write(["photos"], (tx) => tx.objectStore("photos").delete(sha256));
}

/** How many photos of this user are here alone. */
export async function photosOf(user) {
  return (await (await db()).getAll("photos")).filter((one) => one.user === user).length;
}

/** Asks the browser, once, not to throw away what is kept here; resolves to its answer. */
export async function persist() {
  const known = await (await db()).get("meta", "persisted");
  if (known === true || !navigator.storage?.persist) return known ?? null;
  const answer = await navigator.storage.persist();
  await write(["meta"], (tx) => tx.objectStore("meta").put(answer, "persisted"));
  return answer;
}

/** Whether the browser has promised; null where it was never asked. */
export async function persisted() {
  if (await navigator.storage?.persisted?.()) return true;
  return (await (await db()).get("meta", "persisted").catch(() => null)) ?? null;
}

/** Whether anything waits, told without opening the database. */
export function mayWait() {
  return localStorage.getItem(FLAG) === "1";
}
