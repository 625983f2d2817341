/**
 * The fill form: every change is kept on the phone at once, then sent; the page shows which is which.
 * One listener for the whole form; a tap writes one record and nothing else.
 */
import { write } from "../fill/answers.js";
import { Keeping } from "../fill/keeping.js";
import { Marks } from "../fill/marks.js";
import { NOW, Told } from "../fill/told.js";
import { freed, why } from "../offline/database.js";
import { ask, SignedOut } from "../offline/door.js";
import { Outbox } from "../offline/outbox.js";
import { journal, photo, sentSince, settle } from "../offline/store.js";
import { take } from "./photo.js"; // not later: there may be no connection then
import { addRow, removeRow } from "./table.js";

const DAY_MS = 24 * 3600 * 1000;
const PATIENCE_MS = 4000; // for the server, before the phone itself says what is missing
const HAND_IN = "#hand-in";
const EDITABLE = new Set(["draft", "returned"]);

export default async function fill(form) {
  await new Fill(form).start();
}

class Fill {
  constructor(form) {
    this.form = form;
    this.marks = new Marks(form);
    form.words = JSON.parse(form.dataset.words);
    const { inspection, user, seen, api, hand } = form.dataset;
    Object.assign(this, { inspection, user, api, seen: Number(seen), hand: JSON.parse(hand), bases: {} });
    this.keeping = new Keeping(this);
    this.told = new Told(this);
    this.outbox = new Outbox(user, (told) => this.told.hear(told), this.seen);
  }

  async start() {
    let entries;
    try {
      entries = await journal(this.user, this.inspection);
      this.introduce(entries);
      await this.takeUp(entries);
    } catch (error) {
      console.error("store", error);
      this.marks.say("alert", this.form.words[why(error)], { bad: true });
      this.again(freed());
      return; // the page goes on as a plain form
    }
    this.form.classList.add("fill-kept");
    if (!globalThis.crypto?.subtle) this.form.classList.add("fill-plain-photos");
    this.listen();
    this.form.dispatchEvent(new CustomEvent("fill:ready", { bubbles: true }));
    this.outbox.soon(0);
    if ("newer" in document.documentElement.dataset) this.freshen();
    document.addEventListener("page:newer", () => this.freshen());
    document.addEventListener("store:returned", () => this.comeBack());
    this.signed = Boolean(this.hand.given.length || entries.some((one) => one.kind === "signature" && one.status !== "refused"));
    if (this.signed) this.weigh(entries).catch((error) => console.error("signatures", error));
    const handed = entries.some((one) => one.kind === "submission" && one.status === "waiting");
    if (handed || location.hash === HAND_IN) await this.handIn();
    else if (!navigator.serviceWorker) this.prepare().catch((error) => console.info("handing", error)); // there may be no connection later
  }

  /** The other tab has gone: begins anew, unless somebody has filled in the plain form meanwhile. */
  async again(free) {
    let touched = false;
    this.form.addEventListener("input", () => (touched = true), { once: true });
    await free;
    if (free && !touched) await this.start();
  }

  listen() {
    for (const hand of ["pointerdown", "keydown"]) addEventListener(hand, () => (this.touched = true), { once: true });
    this.form.addEventListener("input", (event) => this.entered(event));
    this.form.addEventListener("change", (event) => this.changed(event));
    this.form.addEventListener("click", (event) => this.clicked(event));
    this.form.addEventListener("submit", (event) => this.submitted(event));
    addEventListener("hashchange", () => location.hash === HAND_IN && this.handIn());
    addEventListener("pagehide", () => this.keeping.flush());
    document.addEventListener("visibilitychange", () => this.keeping.flush());
    addEventListener("beforeunload", (event) => {
      this.keeping.flush();
      if (this.keeping.unsaved.size) event.preventDefault();
    });
  }

  /**
   * This page is a copy, and the server has a newer one: what others filled in since is laid onto it.  What
   * cannot be laid onto it opens the newest page by itself, or by a link where somebody is at work already.
   */
  async freshen() {
    const { told, form, api } = this;
    try {
      const { state, status, conflicts } = await ask(api);
      told.newer(state, conflicts);
      const isMoved = !EDITABLE.has(status) || (status === "returned" && !form.querySelector(".said"));
      if ((isMoved || told.unseen) && !this.touched && location.search !== NOW) location.replace(NOW);
      else if (isMoved) this.marks.head(form.words.moved, form.words.look, NOW);
    } catch (error) {
      if (error instanceof SignedOut) told.rested("signed-out");
      else console.info("newer", error.message);
    }
  }

  /** A page that the phone itself has made says whom it is about, from the journal. */
  introduce(entries) {
    if (!("blank" in this.form.dataset)) return;
    const opening = entries.find((one) => one.kind === "inspection");
    if (!opening) {
      location.replace("/"); // nobody has opened it
      return;
    }
    const { unit, team } = opening.shown;
    this.hand = { ...this.hand, unit: opening.body.unit, team };
    document.getElementById("whom").textContent = [unit, team.map((one) => one.name).join("、")].join(" · ");
    if (opening.status === "refused") this.acted(opening, "refused", opening.problem);
  }

  /** Somebody has signed: says so when what they signed is no longer what is here. */
  async weigh(entries) {
    if (!globalThis.crypto?.subtle) return;
    const { standingOf } = await import("../fill/standing.js");
    const { given, unsigned } = await standingOf(this, entries);
    this.signed = given.some((one) => one.holds);
    this.told.voided = unsigned.length > 0 && given.some((one) => !one.holds);
    this.told.status("waiting");
  }

  /** Puts back what was not sent; what is in conflict the server's page already shows. */
  async takeUp(entries) {
    const conflicts = entries.filter((one) => one.status === "conflict");
    if (conflicts.length) await settle([], conflicts);
    for (const { question, id, body } of await sentSince(this.user, this.inspection, this.seen)) {
      if (await this.putBack(question, body)) this.bases[question] = id;
    }
    const mine = entries.filter((one) => one.kind === "change" && ["waiting", "refused"].includes(one.status));
    for (const change of mine) {
      if (!(await this.putBack(change.question, change.body))) continue;
      if (change.status === "waiting") this.bases[change.question] = change.id;
      this.marks.set(change.question, change.status === "refused" ? "refused" : "saved", change.problem);
    }
    const oldest = mine.map((one) => Date.parse(one.device_time)).sort((a, b) => a - b)[0];
    this.told.overdue = Date.now() - oldest > DAY_MS;
    await this.told.count();
  }

  /** What the browser had lost is in the journal again. */
  async comeBack() {
    await this.takeUp(await journal(this.user, this.inspection));
    this.saved();
    this.outbox.soon(0);
  }

  /** Writes a value that the page does not show; photos that are only here are shown from here. */
  async putBack(question, value) {
    const root = this.marks.root(question);
    if (!root || this.keeping.unsaved.has(question)) return false;
    write(root, value, root.dataset.kind === "photo" ? await picturesOf(value) : null);
    this.keeping.look(root, value);
    return true;
  }

  // -- hands ---------------------------------------------------------------------------------

  entered({ target }) {
    if (!target.matches("input:not([type=radio], [type=checkbox], [type=file]), textarea")) return;
    const root = target.closest("[data-q]");
    if (root && target.name) this.keeping.type(root);
  }

  changed({ target }) {
    const root = target.closest("[data-q]");
    if (!root || !target.name) return;
    if (target.type === "file") this.photos(root, target);
    else this.keeping.save(root, target.name === "settle" ? target : root.querySelector('[name="settle"]:checked'));
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
    this.keeping.save(root);
  }

  async photos(root, input) {
    if (this.form.classList.contains("fill-plain-photos")) return;
    try {
      await take(root, input, this.user, this.form.words);
    } catch (error) {
      console.error("photo", error);
      this.marks.set(root.dataset.q, "refused", { title: this.form.words[why(error)] });
    }
    this.keeping.save(root);
  }

  /** Everything is kept, and somebody may look at it anew. */
  saved() {
    this.told.voided ||= this.signed;
    this.told.status("waiting");
    this.form.dispatchEvent(new CustomEvent("fill:saved", { bubbles: true }));
  }

  // -- handing in ----------------------------------------------------------------------------

  /** The button "go on to submit": the server says what is missing, or without it the phone. */
  async submitted(event) {
    const { submitter } = event;
    if (submitter?.name === "save" && this.form.classList.contains("fill-plain-photos")) {
      this.keeping.flush();
      return;
    }
    event.preventDefault();
    this.keeping.flush();
    await this.keeping.writing;
    const clear = await Promise.race([this.outbox.send(), new Promise((done) => setTimeout(done, PATIENCE_MS))]);
    if (submitter?.name !== "then") return;
    const refused = this.form.querySelector(".mark-refused, .mark-conflict");
    if (refused) this.show(refused);
    else if (clear) location.assign(this.form.dataset.submit);
    else if (globalThis.crypto?.subtle) location.hash === HAND_IN ? await this.handIn() : (location.hash = HAND_IN);
    else this.told.status("waiting");
  }

  async prepare() {
    const { handing } = await import("./handing.js");
    this.handing ??= await handing(this);
  }

  async handIn() {
    await this.prepare();
    await this.handing.open();
  }

  /** An opening, a signature or a submission has moved on; null: the outbox rests. */
  acted(entry, status, problem) {
    if (entry?.inspection && entry.inspection !== this.inspection) return;
    this.handing?.look(entry, status);
    if (entry?.kind === "submission" && ["applied", "duplicate"].includes(status)) location.assign(`/inspections/${this.inspection}`);
    if (entry?.kind !== "inspection" || status !== "refused") return;
    const { words } = this.form;
    this.marks.head(`${words.opening}${[problem.title, problem.remedy].filter(Boolean).join(" ")}`, words.reopen, `/inspections/new#${this.inspection}`);
  }

  show(element) {
    element.scrollIntoView({ block: "center" });
    element.closest("[data-q]").querySelector("input, textarea, select")?.focus({ preventScroll: true });
  }
}

/** Where the photos are that only this phone has: asked for first, for the server knows nothing of them. */
async function picturesOf(shots) {
  const urls = new Map();
  for (const { sha256 } of shots ?? []) {
    const here = await photo(sha256);
    if (here) urls.set(sha256, URL.createObjectURL(new Blob([here.bytes], { type: here.type })));
  }
  return urls;
}
