/**
 * What the phone keeps until the server has it, in IndexedDB (database.js).
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
import { dropCopies, using, write } from "./database.js";
import { uuid7 } from "./ids.js";
import { Ring } from "./ring.js";
import { about, open, openJson, seal, sealJson } from "./vault.js";

const FLAG = "mingcha-waiting";
const DAY_MS = 24 * 3600 * 1000;

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

/** What lies sealed, with what a person wrote. */
export async function unsealed({ sealed, ...words }) {
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

/** Whether both are changes of one person's answer to one question. */
export function sameAnswer(one, other) {
  return one.kind === "change" && ["question", "inspection", "user"].every((name) => one[name] === other[name]);
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
  if (all.length) present();
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
  if (gone.length) await dropCopies(({ id }) => gone.some((one) => one.id === id));
  const here = await write(["journal"], async (journal) => {
    const known = new Set(await journal.getAllKeys());
    for (const one of items) if (known.has(one.n)) journal.put(one);
    for (const { n } of gone) journal.delete(n);
    return known;
  });
  await tidy();
  return newer.filter(({ n }) => here.has(n));
}

/** The photos that a change answers with: [{sha256, …}]. */
export function photosIn({ kind, body }) {
  return kind === "change" && Array.isArray(body) ? body.filter((one) => one?.sha256) : [];
}

/** Whether only this phone has it. */
export function isUnsent({ status }) {
  return status === "waiting" || status === "refused";
}

/** A change was refused: what was to follow it follows what it was to replace. */
export async function rebase(refused) {
  const later = (await kept(refused.user, refused.inspection)).filter((one) => one.base === refused.id);
  if (later.length) await settle(later.map((one) => ({ ...one, base: refused.base })));
}

/** Nothing waits any more: says so to other pages. */
export async function tidy() {
  if (!(await using((base) => base.countFromIndex("journal", "status", "waiting")))) flag(false);
}

/** There is something on this phone to watch over (main.js). */
export function present() {
  document.dispatchEvent(new Event("store:kept"));
}

/** Says to other pages, without opening the database, whether something waits. */
function flag(waits) {
  try {
    if (waits) localStorage.setItem(FLAG, "1");
    else localStorage.removeItem(FLAG);
  } catch {
    // a browser without it looks when the form is opened
  }
  if (waits) present();
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

// -- the browser's promise --------------------------------------------------------------------

let alone = false;

/** Whether something was found to be on this phone alone since the page was opened (`store:alone`). */
export function isAlone() {
  return alone;
}

/** Asks the browser, once, not to throw away what is kept here; resolves to its answer. */
export async function persist() {
  alone = true;
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
