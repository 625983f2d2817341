/**
 * The fill form: every change is kept on the phone at once, then sent; the page shows which is which.
 * One listener for the whole form; a tap writes one record and nothing else.
 */
import { read, write } from "../fill/answers.js";
import { Marks } from "../fill/marks.js";
import { uuid7 } from "../offline/ids.js";
import { Outbox } from "../offline/outbox.js";
import { keep, kept, persist, photo, sentSince, settle, why } from "../offline/store.js";
import { take } from "./photo.js"; // not later: there may be no connection then
import { addRow, removeRow } from "./table.js";

const PAUSE_S = 0.4; // before what was tapped is sent; what is typed waits for a pause of the hand
const TYPING_PAUSE_S = 1.5;
const DAY_MS = 24 * 3600 * 1000;

export default async function fill(form) {
  await new Fill(form).start();
}

class Fill {
  constructor(form) {
    this.form = form;
    this.marks = new Marks(form);
    form.words = JSON.parse(form.dataset.words);
    const { inspection, user, seen, api } = form.dataset;
    Object.assign(this, { inspection, user, api, seen: Number(seen), bases: {}, values: new Map() });
    Object.assign(this, { waiting: new Set(), refused: 0, clashes: 0, typed: new Set(), unsaved: new Set(), storing: 0, writing: Promise.resolve() });
    this.outbox = new Outbox(user, (told) => this.hear(told), this.seen);
  }

  async start() {
    try {
      await this.takeUp(await kept(this.user, this.inspection));
    } catch (error) {
      console.error("store", error);
      this.marks.say("alert", this.form.words[why(error)], { bad: true });
      return; // the page goes on as a plain form
    }
    this.form.classList.add("fill-kept");
    if (!globalThis.crypto?.subtle) this.form.classList.add("fill-plain-photos");
    this.form.addEventListener("input", (event) => this.entered(event));
    this.form.addEventListener("change", (event) => this.changed(event));
    this.form.addEventListener("click", (event) => this.clicked(event));
    this.form.addEventListener("submit", (event) => this.submitted(event));
    addEventListener("pagehide", () => this.flush());
    document.addEventListener("visibilitychange", () => this.flush());
    addEventListener("beforeunload", (event) => {
      this.flush();
      if (this.unsaved.size) event.preventDefault();
    });
    this.form.dispatchEvent(new CustomEvent("fill:ready", { bubbles: true }));
    this.outbox.soon(0);
  }

  /** Puts back what was not sent; what is in conflict the server's page already shows. */
  async takeUp(changes) {
    const conflicts = changes.filter((one) => one.status === "conflict");
    if (conflicts.length) await settle([], conflicts);
    const mine = changes.filter((one) => one.status !== "conflict" && one.kind === "change");
    for (const { question, id, body } of await sentSince(this.user, this.inspection, this.seen)) {
      if (await this.putBack(question, body)) this.bases[question] = id;
    }
    for (const change of mine) {
      if (!(await this.putBack(change.question, change.body))) continue;
      if (change.status === "waiting") this.bases[change.question] = change.id;
      this.marks.set(change.question, change.status === "refused" ? "refused" : "saved", change.problem);
    }
    const oldest = mine.map((one) => Date.parse(one.device_time)).sort((a, b) => a - b)[0];
    if (Date.now() - oldest > DAY_MS) this.overdue = true;
    await this.count();
  }

  /** Writes a value that the page does not show; photos that are only here are shown from here. */
  async putBack(question, value) {
    const root = this.marks.root(question);
    if (!root) return false;
    write(root, value);
    for (const shot of root.querySelectorAll(".shot")) {
      const here = await photo(shot.querySelector("input").value.split(" ")[0]);
      if (here) shot.querySelector("img").src = URL.createObjectURL(new Blob([here.bytes], { type: here.type }));
    }
    return true;
  }

  // -- hands ---------------------------------------------------------------------------------

  /** Each key is kept at once, one write after the other; it is sent when the hand rests. */
  entered({ target }) {
    if (!target.matches("input:not([type=radio], [type=checkbox], [type=file]), textarea")) return;
    const root = target.closest("[data-q]");
    if (!root || !target.name) return;
    this.typed.add(root);
    this.unsay(root.dataset.q);
    if (!this.storing) this.flush(TYPING_PAUSE_S);
  }

  changed({ target }) {
    const root = target.closest("[data-q]");
    if (!root || !target.name) return;
    if (target.type === "file") this.photos(root, target);
    else this.save(root, target.name === "settle" ? target : root.querySelector('[name="settle"]:checked'));
  }

  clicked(event) {
    const act = event.target.closest("[data-act], .add-row");
    const root = act?.closest("[data-q]");
    if (!root) return;
    if (act.dataset.act === "album") {
      const input = root.querySelector("input[type=file]");
      input.removeAttribute("capture");
      input.click();
      input.setAttribute("capture", "environment");
      return;
    }
    event.preventDefault();
    if (act.matches(".add-row")) addRow(root);
    else removeRow(act, this.form.words);
    this.save(root);
  }

  async photos(root, input) {
    if (this.form.classList.contains("fill-plain-photos")) return;
    await take(root, input, this.user, this.form.words);
    this.save(root);
  }

  /** The button "go on to submit": only when the server has everything. */
  async submitted(event) {
    const { submitter } = event;
    if (submitter?.name === "save" && this.form.classList.contains("fill-plain-photos")) {
      this.flush();
      return;
    }
    event.preventDefault();
    this.flush();
    await this.writing;
    const clear = await this.outbox.send();
    if (submitter?.name !== "then") return;
    const refused = this.form.querySelector(".mark-refused, .mark-conflict");
    if (refused) this.show(refused);
    else if (clear && this.form.dataset.submit) location.assign(this.form.dataset.submit);
    else if (clear) this.send(submitter);
    else this.status("waiting");
  }

  send(submitter) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value });
    this.form.append(field);
    this.form.submit();
  }

  show(element) {
    element.scrollIntoView({ block: "center" });
    element.closest("[data-q]").querySelector("input, textarea, select")?.focus({ preventScroll: true });
  }

  // -- keeping -------------------------------------------------------------------------------

  save(root, settling, pause = PAUSE_S) {
    this.typed.delete(root);
    const question = root.dataset.q;
    const body = read(root);
    const said = JSON.stringify(body);
    if (!settling && this.values.get(question) === said) {
      this.said(question); // typed, kept, and then left
      if (this.waiting.size) this.outbox.soon(pause);
      return;
    }
    this.values.set(question, said);
    this.unsay(question);
    const change = {
      id: uuid7(),
      inspection: this.inspection,
      user: this.user,
      api: this.api,
      question,
      body,
      base: Object.hasOwn(this.bases, question) ? this.bases[question] : undefined,
      seen: this.seen,
      settles: settling?.checked ? settling.dataset.ids.trim().split(" ").filter(Boolean) : [],
      device_time: new Date().toISOString(),
    };
    this.storing += 1;
    this.writing = this.writing.then(() => this.write(root, change, said)).then(() => this.written(pause));
  }

  async write(root, change, said) {
    try {
      await keep(change);
      this.waiting.add(change.question);
      this.bases[change.question] = change.id;
      if (this.values.get(change.question) === said && !this.typed.has(root)) {
        this.unsaved.delete(change.question);
        this.marks.set(change.question, "saved");
      }
      if (!this.unsaved.size) this.broken = null;
    } catch (error) {
      console.error("store", error);
      this.broken = why(error);
      this.values.delete(change.question);
      this.typed.add(root); // once more with the next flush
    }
    this.storing -= 1;
  }

  written(pause) {
    if (this.typed.size && !this.storing && !this.broken) this.flush(pause); // typed meanwhile
    this.form.classList.toggle("fill-kept", !this.broken);
    this.status("waiting");
    this.form.dispatchEvent(new CustomEvent("fill:saved", { bubbles: true }));
    this.outbox.soon(pause);
  }

  flush(pause) {
    for (const root of [...this.typed]) this.save(root, null, pause);
  }

  /** What the eye sees is not on the phone yet: neither mark nor bar may say so. */
  unsay(question) {
    this.unsaved.add(question);
    this.marks.unsay(question);
    this.status("storing");
  }

  /** It is what was kept already: the mark is true again, unless it is being written. */
  said(question) {
    if (this.storing || !this.unsaved.delete(question)) return;
    this.marks.resay(question);
    this.status("waiting");
  }

  // -- what the outbox tells -----------------------------------------------------------------

  hear(told) {
    if (told.sending) this.leaving(told.sending);
    else if (told.entry) this.judged(told);
    else if (told.bases) this.shown(told.bases);
    else if (told.news) for (const one of told.news) this.news(one);
    else this.count().then(() => this.rested(told.state));
  }

  /** The outbox rests: what did not get through is still here. */
  async rested(state) {
    for (const mark of this.form.querySelectorAll(".mark-sending")) this.marks.set(mark.closest("[data-q]").dataset.q, "saved");
    this.status(state);
    await this.waits(state);
  }

  /** Whether a mark about this entry would be about what the page shows. */
  isShown({ inspection, question, id }) {
    return inspection === this.inspection && this.bases[question] === id && !this.unsaved.has(question);
  }

  leaving(entries) {
    for (const entry of entries) if (this.isShown(entry)) this.marks.set(entry.question, "sending");
  }

  judged({ entry, status, problem }) {
    if (entry.inspection !== this.inspection || entry.kind !== "change") return;
    const kind = { refused: "refused", conflict: "conflict" }[status] ?? "sent";
    if (kind !== "sent" || this.isShown(entry)) this.marks.set(entry.question, kind, problem);
    if (status === "refused" && this.bases[entry.question] === entry.id) this.bases[entry.question] = entry.base;
  }

  /** The server's state, asked for once: what the page shows is what each change replaces. */
  shown(state) {
    for (const [question, entry] of Object.entries(state)) {
      if (!Object.hasOwn(this.bases, question) && entry.seq <= this.seen) this.bases[question] = entry.id;
    }
  }

  /** What the other inspector filled in appears, where this one has nothing waiting. */
  news({ inspection, changes }) {
    if (inspection !== this.inspection) return;
    for (const { id, q, v } of changes) {
      const root = this.marks.root(q);
      const waits = root?.querySelector(".mark-saved, .mark-sending, .mark-refused, .mark-conflict");
      if (!root || waits || this.unsaved.has(q) || root.contains(document.activeElement)) continue;
      write(root, v);
      this.values.delete(q);
      this.bases[q] = id;
      this.marks.set(q, "sent");
    }
    this.form.dispatchEvent(new CustomEvent("fill:saved", { bubbles: true }));
  }

  /** The first time that something cannot be sent, the browser is asked to keep it; the task list tells its answer. */
  async waits(state) {
    if (state !== "waiting" || !this.waiting.size || this.asked) return;
    this.asked = true;
    await persist().catch((error) => console.info("persist", error));
  }

  async count() {
    const here = await kept(this.user, this.inspection);
    const those = (status) => new Set(here.filter((one) => one.status === status).map((one) => one.question ?? one.id));
    this.waiting = those("waiting");
    [this.refused, this.clashes] = [those("refused").size, those("conflict").size];
  }

  status(state) {
    document.dispatchEvent(new CustomEvent("fill:waiting", { detail: this.waiting.size + this.unsaved.size > 0 }));
    const { words } = this.form;
    const say = (icon, text, more) => this.marks.say(icon, text, more);
    if (this.broken) say("alert", words[this.broken], { bad: true });
    else if (this.unsaved.size) say("phone", words.storing);
    else if (state === "signed-out") {
      const next = encodeURIComponent(location.pathname);
      say("key", words.signed_out, { bad: true, href: `${this.form.dataset.signIn}?next=${next}`, target: "_blank" });
    } else if (this.refused) say("stop", words.refused.replace("{n}", this.refused), { bad: true });
    else if (this.clashes) say("fork", words.clash.replace("{n}", this.clashes), { bad: true, href: location.pathname });
    else if (!this.waiting.size) say("cloud", words.sent);
    else if (this.overdue) say("alert", words.overdue.replace("{n}", this.waiting.size), { bad: true });
    else if (navigator.onLine === false) say("phone", words.offline.replace("{n}", this.waiting.size));
    else say("phone", words.saved.replace("{n}", this.waiting.size));
  }
}
