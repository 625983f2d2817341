/**
 * The fill form: every change is kept on the phone at once, then sent; the page shows which is which.
 * One listener for the whole form; a tap writes one record and nothing else.
 */
import { read, write } from "../fill/answers.js";
import { Marks } from "../fill/marks.js";
import { uuid7 } from "../offline/ids.js";
import { Outbox } from "../offline/outbox.js";
import { keep, kept, persist, photo, sentSince, settle } from "../offline/store.js";
import { take } from "./photo.js"; // not later: there may be no connection then
import { addRow, removeRow } from "./table.js";

const TYPING_MS = 700;
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
    Object.assign(this, { inspection, user, api, seen: Number(seen), typing: new Map(), waiting: 0, bases: {}, values: new Map() });
    this.writing = Promise.resolve();
    this.outbox = new Outbox(user, (told) => this.hear(told), this.seen);
  }

  async start() {
    try {
      await this.takeUp(await kept(this.user, this.inspection));
    } catch (error) {
      console.error("store", error);
      this.marks.say("alert", this.form.words.no_store, { bad: true });
      return; // the page goes on as a plain form
    }
    this.form.classList.add("fill-kept");
    if (!globalThis.crypto?.subtle) this.form.classList.add("fill-plain-photos");
    this.form.addEventListener("input", (event) => this.typed(event));
    this.form.addEventListener("change", (event) => this.changed(event));
    this.form.addEventListener("click", (event) => this.clicked(event));
    this.form.addEventListener("submit", (event) => this.submitted(event));
    addEventListener("pagehide", () => this.flush());
    addEventListener("beforeunload", (event) => {
      if (this.typing.size) event.preventDefault();
      this.flush();
    });
    this.form.dispatchEvent(new CustomEvent("fill:ready", { bubbles: true }));
    this.outbox.soon(0);
  }

  /** Puts back what was not sent; what is in conflict the server's page already shows. */
  async takeUp(changes) {
    await settle([], changes.filter((one) => one.status === "conflict").map((one) => one.id));
    const mine = changes.filter((one) => one.status !== "conflict");
    for (const [question, { id, value }] of await sentSince(this.user, this.inspection, this.seen)) {
      if (await this.putBack(question, value)) this.bases[question] = id;
    }
    for (const change of mine) {
      if (!(await this.putBack(change.question, change.value))) continue;
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

  typed({ target }) {
    if (!target.matches("input:not([type=radio], [type=checkbox], [type=file]), textarea")) return;
    const root = target.closest("[data-q]");
    if (!root || !target.name) return;
    clearTimeout(this.typing.get(root));
    this.typing.set(root, setTimeout(() => this.save(root), TYPING_MS));
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

  save(root, settling) {
    clearTimeout(this.typing.get(root));
    this.typing.delete(root);
    const question = root.dataset.q;
    const value = read(root);
    const said = JSON.stringify(value);
    if (!settling && this.values.get(question) === said) return; // typed, kept, and then left
    this.values.set(question, said);
    const change = {
      id: uuid7(),
      inspection: this.inspection,
      user: this.user,
      api: this.api,
      question,
      value,
      base: Object.hasOwn(this.bases, question) ? this.bases[question] : undefined,
      seen: this.seen,
      settles: settling?.checked ? settling.dataset.ids.trim().split(" ").filter(Boolean) : [],
      device_time: new Date().toISOString(),
    };
    this.writing = this.writing.then(() => this.write(change));
  }

  async write(change) {
    try {
      await keep(change);
    } catch (error) {
      console.error("store", error);
      this.form.classList.remove("fill-kept");
      this.marks.say("alert", this.form.words.no_store, { bad: true });
      return;
    }
    this.bases[change.question] = change.id;
    this.marks.set(change.question, "saved");
    this.status("waiting", (this.waiting += 1));
    this.form.dispatchEvent(new CustomEvent("fill:saved", { bubbles: true }));
    this.outbox.soon(0.4);
  }

  flush() {
    for (const root of [...this.typing.keys()]) this.save(root);
  }

  // -- what the outbox tells -----------------------------------------------------------------

  hear(told) {
    if (told.change) this.judged(told);
    else if (told.bases) this.shown(told.bases);
    else if (told.news) for (const one of told.news) this.news(one);
    else this.count().then(() => this.waits(told.state)).then(() => this.status(told.state));
  }

  judged({ change, status, problem }) {
    if (change.inspection !== this.inspection) return;
    const kind = { refused: "refused", conflict: "conflict" }[status] ?? "sent";
    if (this.bases[change.question] === change.id || kind !== "sent") this.marks.set(change.question, kind, problem);
    if (status === "refused" && this.bases[change.question] === change.id) this.bases[change.question] = change.base;
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
      const waits = root?.querySelector(".mark-saved, .mark-refused, .mark-conflict");
      if (!root || waits || this.typing.has(root) || root.contains(document.activeElement)) continue;
      write(root, v);
      this.values.delete(q);
      this.bases[q] = id;
      this.marks.set(q, "sent");
    }
    this.form.dispatchEvent(new CustomEvent("fill:saved", { bubbles: true }));
  }

  /** The first time that something cannot be sent, the browser is asked to keep it; the task list tells its answer. */
  async waits(state) {
    if (state !== "waiting" || !this.waiting || this.asked) return;
    this.asked = true;
    await persist().catch((error) => console.info("persist", error));
  }

  async count() {
    const changes = await kept(this.user, this.inspection);
    this.waiting = changes.filter((one) => one.status === "waiting").length;
    this.refused = changes.filter((one) => one.status === "refused").length;
    this.clashes = changes.filter((one) => one.status === "conflict").length;
  }

  status(state) {
    document.dispatchEvent(new CustomEvent("fill:waiting", { detail: this.waiting + this.typing.size > 0 }));
    const { words } = this.form;
    const say = (icon, text, more) => this.marks.say(icon, text, more);
    if (state === "signed-out") {
      const next = encodeURIComponent(location.pathname);
      say("key", words.signed_out, { bad: true, href: `${this.form.dataset.signIn}?next=${next}`, target: "_blank" });
    } else if (this.refused) say("stop", words.refused.replace("{n}", this.refused), { bad: true });
    else if (this.clashes) say("fork", words.clash.replace("{n}", this.clashes), { bad: true, href: location.pathname });
    else if (!this.waiting) say("cloud", words.sent);
    else if (this.overdue) say("alert", words.overdue.replace("{n}", this.waiting), { bad: true });
    else if (navigator.onLine === false) say("phone", words.offline.replace("{n}", this.waiting));
    else say("phone", words.saved.replace("{n}", this.waiting));
  }
}
