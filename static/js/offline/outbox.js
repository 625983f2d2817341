/**
 * Sends what waits: photos first, then the changes that speak of them, item by item with receipts.
 * Runs at the start, when the connection is back, when the page is looked at again, and after each
 * change; after a failure with growing pauses.
 */
import { upload } from "./blobs.js";
import { ask, Offline, Problem, renew, SignedOut } from "./door.js";
import { uuid7 } from "./ids.js";
import { arrived, device, kept, rebase, settle } from "./store.js";

const PAUSES = [2, 5, 15, 45, 120];
const BATCH = 200;

/**
 * tell(news) hears: {state: "sending" | "waiting" | "signed-out" | "clear"}, {change, status, problem},
 * {news: [...]} and {bases: state}.
 */
export class Outbox {
  constructor(user, tell = () => {}, cursor = 0) {
    this.user = user;
    this.tell = tell;
    this.cursor = cursor;
    this.failures = 0;
    this.signedOut = false;
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
      if (this.signedOut) await renew();
      const clear = await locked(() => this.renewed(() => this.round()));
      this.failures = 0;
      this.signedOut = false;
      this.tell({ state: clear ? "clear" : "waiting" });
      return clear;
    } catch (error) {
      this.signedOut = error instanceof SignedOut;
      this.tell({ state: this.signedOut ? "signed-out" : "waiting" });
      if (error instanceof Offline) this.soon(PAUSES[Math.min(this.failures++, PAUSES.length - 1)]);
      else if (!this.signedOut) console.error(error);
      return false;
    }
  }

  /** A copy of a page has an old token: a new one is asked for once before the session counts as ended. */
  async renewed(work) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SignedOut) || !(await renew())) throw error;
      return work();
    }
  }

  async round() {
    for (;;) {
      const waiting = (await kept(this.user)).filter((change) => change.status === "waiting");
      if (!waiting.length) return true;
      this.tell({ state: "sending" });
      const ready = (await this.uploaded(batchOf(waiting))).filter(Boolean);
      if (ready.length) await this.deliver(await based(ready, this.tell));
    }
  }

  /** Sends the photos of these changes; a change whose photo is refused is refused with it. */
  uploaded(changes) {
    return Promise.all(
      changes.map(async (change) => {
        try {
          for (const one of photosIn(change.value)) await upload(one.sha256);
          return change;
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          await this.judge(change, { status: "refused", problem: error.body });
          return null;
        }
      }),
    );
  }

  async deliver(changes) {
    const batch = changes[0].batch ?? uuid7();
    await settle(changes.map((change) => ({ ...change, batch })));
    const { inspection } = changes[0];
    const body = { inspection, changes: changes.map(wire) };
    const item = { id: batch, kind: "changes", body, device_time: new Date().toISOString() };
    const answer = await ask("/api/v1/sync", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ device: await device(), cursor: this.cursor, items: [item] }),
    });
    const result = answer.results?.find((one) => one.id === batch);
    if (!result) throw new Offline(); // somebody else's answer
    this.cursor = answer.cursor ?? this.cursor;
    const told = new Map((result.changes ?? []).map((one) => [one.id, one]));
    for (const change of changes) await this.judge(change, told.get(change.id) ?? result);
    if (answer.news?.length) this.tell({ news: answer.news });
  }

  async judge(change, { status, problem }) {
    if (status === "refused") {
      await settle([{ ...change, status, problem }]);
      await rebase(change);
    } else if (status === "conflict") await settle([{ ...change, status }]);
    else await arrived(change);
    this.tell({ change, status, problem });
  }
}

/** One tab at a time, where the browser can tell. */
function locked(work) {
  return navigator.locks ? navigator.locks.request("mingcha-outbox", work) : work();
}

/** What was sent together goes together again; else the oldest changes of one inspection. */
function batchOf(waiting) {
  const sent = waiting.find((change) => change.batch);
  if (sent) return waiting.filter((change) => change.batch === sent.batch);
  const { inspection } = waiting[0];
  return waiting.filter((change) => change.inspection === inspection).slice(0, BATCH);
}

/** Fills in bases: the change that the page had shown, unless somebody has been there since. */
async function based(changes, tell) {
  if (changes.every((change) => change.base !== undefined)) return changes;
  const { api } = changes.find((change) => change.base === undefined);
  const { state } = api ? await ask(api) : { state: {} };
  tell({ bases: state });
  return changes.map((change) => {
    if (change.base !== undefined) return change;
    const entry = state[change.question];
    return { ...change, base: entry && entry.seq <= change.seen ? entry.id : null };
  });
}

function wire({ id, question, value, base, settles, device_time }) {
  return { id, question, value, base: base ?? null, device_time, ...(settles?.length ? { settles } : {}) };
}

function photosIn(value) {
  return Array.isArray(value) ? value.filter((one) => one && one.sha256) : [];
}
