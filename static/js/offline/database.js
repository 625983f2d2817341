/**
 * The one connection to the phone's database, what it looks like, and writing to it; what lies in it is
 * store.js's.  Lost connections are opened anew, and what is unsent gets a second copy after each write
 * (copies.js).
 */
import "../../vendor/idb@8.0.4/umd.js"; // the published small one
import { available } from "./vault.js";

export const COPIES = "copies"; // the cache of copies.js
const { openDB } = globalThis.idb;
const NAME = "mingcha";
const VERSION = 2;
const STRICT = { durability: "strict" };
const PATIENCE_MS = 10_000; // behind another tab's request nobody is told that it is blocked
const START_MS = 1000; // the first question comes before the second copies
const COPIES_MS = 5000; // where they cannot be made, what is here alone counts as kept
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
      if (isNew) await withCopies(({ agree }) => agree(base)); // it may have been deleted
      setTimeout(copySoon, START_MS);
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

/** Does the work with the open database; once more with a new connection when the browser has dropped the old one. */
export async function using(work) {
  try {
    return await work(await db());
  } catch (error) {
    if (!LOST.has(error.name)) throw error;
    opened = undefined;
    return work(await db());
  }
}

/** One durable step over these object stores: all of it or nothing. */
export function write(stores, work) {
  return using(async (base) => {
    const tx = base.transaction(stores, "readwrite", STRICT);
    try {
      const result = await work(...stores.map((name) => tx.objectStore(name)));
      await tx.done;
      copySoon();
      return result;
    } catch (error) {
      abort(tx); // half of it would be a loss
      throw error;
    }
  });
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
      await using(agree);
    })
    .catch((error) => {
      due = false;
      console.info("copies", error);
    });
}

/** Resolves when the copies agree with what is here, or nobody should wait any longer. */
export function copied() {
  return Promise.race([copying, new Promise((resolve) => setTimeout(resolve, COPIES_MS))]);
}

/** Does something with the copies, if there are any; what fails is made good at the next start. */
async function withCopies(work) {
  try {
    if (await globalThis.caches?.has(COPIES)) await work(await import("./copies.js"));
  } catch (error) {
    console.info("copies", error);
  }
}

/** What is about to be removed on purpose has no copies any more, lest it come back. */
export function dropCopies(isGone) {
  return withCopies(({ drop }) => drop(isGone));
}
