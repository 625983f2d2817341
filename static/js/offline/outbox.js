/**
 * Sends what waits in the journal, one inspection after the other, each in the order of the acts:
 * photos, then the items that speak of them, with a receipt for each.  Runs at the start, when the
 * connection is back, when the page is looked at again, and after each act; after a failure with
 * growing pauses.
 */
import { ask, Offline, Problem, SignedOut } from "./door.js";
import { uuid7 } from "./ids.js";
import { arrived, device, kept, photosIn, rebase, settle } from "./store.js";

const PAUSES = [2, 5, 15, 45, 120];
const MOST = 200;
const TRIES = 3;

/**
 * tell(news) hears: {state: "waiting" | "signed-out" | "clear"}, {sending: [entry]},
 * {entry, status, problem}, {news: [...]} and {bases: state}.
 */
export class Outbox {
  constructor(user, tell = () => {}, cursor = 0) {
    this.user = user;
    this.tell = tell;
    this.cursor = cursor;
    this.failures = 0;
    addEventListener("online", () => this.soon(0));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.soon(0);
    });
  }

  /** Sends after `seconds`; an earlier plan gives way. */
  soon(seconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), seconds * 1000);
  }

  /** Sends everything; resolves to whether nothing is left waiting. */
  async send() {
    clearTimeout(this.timer);
    if (this.sending) {
      await this.sending;
      return this.send();
    }
    this.sending = this.attempt().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  async attempt() {
    try {
      const clear = await locked(() => this.round());
      this.failures = 0;
      this.tell({ state: clear ? "clear" : "waiting" });
      return clear;
    } catch (error) {
      const signedOut = error instanceof SignedOut;
      this.tell({ state: signedOut ? "signed-out" : "waiting" });
      if (error instanceof Offline) this.soon(PAUSES[Math.min(this.failures++, PAUSES.length - 1)]);
      else if (!signedOut) console.error(error);
      return false;
    }
  }

  async round() {
    for (;;) {
      const here = await kept(this.user);
      const next = nextOf(here);
      if (!next.length) return !here.some((one) => one.status === "waiting");
      const left = here.filter((one) => !next.includes(one));
      this.left = { waiting: left.length, oldest: left[0]?.device_time };
      this.tell({ sending: next });
      const ready = (await this.uploaded(next)).filter(Boolean);
      if (ready.length) await this.deliver(await based(ready, this.tell));
    }
  }

  /** Sends the photos of these entries; a change whose photo is refused is refused with it. */
  uploaded(entries) {
    return Promise.all(
      entries.map(async (entry) => {
        try {
          const photos = photosIn(entry);
          const { upload } = photos.length ? await blobs() : {};
          for (const one of photos) await upload(one.sha256);
          return entry;
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          await this.judge(entry, { status: "refused", problem: error.body });
          return null;
        }
      }),
    );
  }

  /** A message that is refused as a whole goes again in pieces, so that one entry holds up no other. */
  async deliver(entries) {
    const sent = await settle(batched(entries)); // what was replaced meanwhile goes in its new form
    if (!sent.length) return;
    try {
      await this.exchange(sent);
    } catch (error) {
      if (!(error instanceof Problem) || error.body.status === 403) throw error;
      if (sent.length === 1) await this.unread(sent[0], error.body);
      else for (const { batch, ...entry } of sent) await this.deliver([entry]);
    }
  }

  /** Mostly it was damaged on the way, and the same again is read. */
  async unread(entry, problem) {
    const tries = (entry.tries ?? 0) + 1;
    if (tries > TRIES) return this.judge(entry, { status: "refused", problem });
    await settle([{ ...entry, tries }]);
    throw new Offline();
  }

  async exchange(sent) {
    const answer = await ask("/api/v1/sync", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ device: await device(), cursor: this.cursor, queue: this.left, items: itemsOf(sent) }),
    });
    const told = new Map();
    for (const result of answer.results ?? []) {
      told.set(result.id, result);
      for (const change of result.changes ?? []) told.set(change.id, { receipt: result.receipt, ...change });
    }
    const results = sent.map((entry) => told.get(entry.id) ?? told.get(entry.batch));
    if (results.includes(undefined)) throw new Offline(); // somebody else's answer
    this.cursor = answer.cursor ?? this.cursor;
    for (const [place, entry] of sent.entries()) await this.judge(entry, results[place]);
    if (answer.news?.length) this.tell({ news: answer.news });
  }

  async judge(entry, { status, problem, receipt }) {
    if (status === "refused") {
      await settle([{ ...entry, status, problem }]);
      if (entry.kind === "change") await rebase(entry);
    } else if (status === "conflict") await settle([{ ...entry, status }]);
    else await arrived(entry, receipt);
    this.tell({ entry, status, problem });
  }
}

/** One tab at a time, where the browser can tell. */
export function locked(work) {
  return navigator.locks ? navigator.locks.request("mingcha-outbox", work) : work();
}

/**
 * What goes next: an opening by itself, for the rest hangs on it; else what waits of one inspection,
 * in its order.  Where the opening was refused the rest stays here.
 */
function nextOf(here) {
  const refused = new Set(here.filter((one) => one.kind === "inspection" && one.status === "refused").map((one) => one.id));
  const waiting = here.filter((one) => one.status === "waiting" && !refused.has(one.inspection));
  if (!waiting.length || waiting[0].kind === "inspection") return waiting.slice(0, 1);
  return waiting.filter((one) => one.inspection === waiting[0].inspection).slice(0, MOST);
}

/** Changes that follow one another get one batch; what was sent together before goes together again. */
function batched(entries) {
  let batch = null;
  return entries.map((entry) => {
    if (entry.kind !== "change" || entry.batch) batch = null;
    else batch ??= uuid7();
    return batch ? { ...entry, batch } : entry;
  });
}

function itemsOf(entries) {
  const items = [];
  for (const entry of entries) {
    const { kind, inspection, batch, device_time } = entry;
    if (kind !== "change") items.push({ id: entry.id, kind, body: entry.body, device_time });
    else {
      if (items.at(-1)?.id !== batch) {
        items.push({ id: batch, kind: "changes", body: { inspection, changes: [] }, device_time: new Date().toISOString() });
      }
      items.at(-1).body.changes.push(wire(entry));
    }
  }
  return items;
}

/** Fills in bases: the change that the page had shown, unless somebody has been there since. */
async function based(entries, tell) {
  const open = entries.find((entry) => entry.kind === "change" && entry.base === undefined);
  if (!open) return entries;
  const { state = {} } = open.api ? await ask(open.api).catch(unknown) : {};
  tell({ bases: state });
  return entries.map((entry) => {
    if (entry.kind !== "change" || entry.base !== undefined) return entry;
    const known = state[entry.question];
    return { ...entry, base: known && known.seq <= entry.seen ? known.id : null };
  });
}

/** The server knows nothing of it: what is sent will be refused, with the reason. */
function unknown(error) {
  if (error instanceof Problem) return {};
  throw error;
}

function wire({ id, question, body, base, settles, device_time }) {
  return { id, question, value: body, base: base ?? null, device_time, ...(settles?.length ? { settles } : {}) };
}

/** What sends photos; where it does not come, nothing else would. */
function blobs() {
  return import("./blobs.js").catch(() => {
    throw new Offline();
  });
}
