/** What the outbox and the other phone tell, laid onto the form: marks, bases, news, and the bar below. */
import { kept, persist } from "../offline/store.js";
import { write } from "./answers.js";

export const NOW = "?now"; // the newest page: the worker asks the server first
const KIND = { refused: "refused", conflict: "conflict" };

export class Told {
  constructor(page) {
    this.page = page;
    this.waiting = new Set(); // ids of questions, and of acts, that the server does not have
    this.refused = 0;
    this.clashes = 0;
    this.unseen = 0; // in conflict, which this page does not show
    this.overdue = false;
    this.voided = false; // somebody signed, and something was changed since
  }

  hear(told) {
    if (told.sending) this.leaving(told.sending);
    else if (told.entry) this.judged(told);
    else if (told.bases) this.bases(told.bases);
    else if (told.news) for (const one of told.news) this.news(one);
    else this.count().then(() => this.rested(told.state));
  }

  /** Whether a mark about this entry would be about what the page shows. */
  isShown({ inspection, question, id }) {
    const { page } = this;
    return inspection === page.inspection && page.bases[question] === id && !page.keeping.unsaved.has(question);
  }

  leaving(entries) {
    for (const entry of entries) {
      if (entry.kind !== "change") this.page.acted(entry, "sending");
      else if (this.isShown(entry)) this.page.marks.set(entry.question, "sending");
    }
  }

  judged({ entry, status, problem }) {
    const { page } = this;
    if (entry.inspection !== page.inspection) return;
    if (entry.kind !== "change") {
      page.acted(entry, status, problem);
      return;
    }
    const kind = KIND[status] ?? "sent";
    if (kind !== "sent" || this.isShown(entry)) page.marks.set(entry.question, kind, problem);
    if (status === "refused" && page.bases[entry.question] === entry.id) page.bases[entry.question] = entry.base;
  }

  /** The server's state, asked for once: what the page shows is what each change replaces. */
  bases(state) {
    const { bases, seen } = this.page;
    for (const [question, entry] of Object.entries(state)) {
      if (!Object.hasOwn(bases, question) && entry.seq <= seen) bases[question] = entry.id;
    }
  }

  /** What the other inspector filled in appears, where this one has nothing waiting. */
  news({ inspection, changes }) {
    if (inspection !== this.page.inspection) return;
    if (changes.filter(({ id, q, v }) => this.show(q, id, v)).length) this.page.saved();
  }

  /** The same from the server's state, for a page that is older; a new conflict is on the newest page alone. */
  newer(state, conflicts) {
    const { seen, bases, form } = this.page;
    const shown = new Map([...form.querySelectorAll(".clash")].map((clash) => [clash.closest("[data-q]").dataset.q, clash]));
    for (const [q, clash] of shown) if (!conflicts.includes(q)) clash.remove();
    this.unseen = conflicts.filter((q) => !shown.has(q)).length;
    const others = Object.entries(state).filter(([q, { id, seq }]) => seq > seen && bases[q] !== id);
    if (others.filter(([q, { id, v }]) => this.show(q, id, v)).length) this.page.saved();
    else this.status("clear");
  }

  /** Lays a newer answer onto the form, unless this phone has one of its own there; tells whether it did. */
  show(question, id, value) {
    const { bases, keeping, marks } = this.page;
    const root = marks.root(question);
    const waits = root?.querySelector(".mark-saved, .mark-sending, .mark-refused, .mark-conflict");
    if (!root || waits || keeping.unsaved.has(question) || root.contains(document.activeElement)) return false;
    write(root, value);
    keeping.values.delete(question);
    bases[question] = id;
    marks.set(question, "sent");
    return true;
  }

  async count() {
    const here = await kept(this.page.user, this.page.inspection);
    const those = (status) => new Set(here.filter((one) => one.status === status).map((one) => one.question ?? one.id));
    this.waiting = those("waiting");
    [this.refused, this.clashes] = [those("refused").size, those("conflict").size];
  }

  /** The outbox rests: what did not get through is still here. */
  async rested(state) {
    const { form, marks, keeping } = this.page;
    for (const mark of form.querySelectorAll(".mark-sending")) {
      const { q } = mark.closest("[data-q]").dataset;
      if (!keeping.unsaved.has(q)) marks.set(q, "saved"); // else its newest is not on the phone yet
    }
    this.page.acted(null, state);
    this.status(state);
    if (state !== "waiting" || !this.waiting.size || this.asked) return;
    this.asked = true; // the first time that something cannot be sent; the task list tells the answer
    await persist().catch((error) => console.info("persist", error));
  }

  status(state) {
    const { keeping, form, marks } = this.page;
    const { words } = form;
    const waits = this.waiting.size;
    const clashes = Math.max(this.clashes, this.unseen);
    document.dispatchEvent(new CustomEvent("fill:waiting", { detail: waits + keeping.unsaved.size > 0 }));
    const void_ = this.voided ? words.voided : "";
    const say = (icon, text, more) => marks.say(icon, `${text.replace("{n}", waits)}${void_}`, { bad: this.voided, ...more });
    if (keeping.broken) say("alert", words[keeping.broken], { bad: true });
    else if (keeping.unsaved.size) say("phone", words.storing);
    else if (state === "signed-out") {
      const next = encodeURIComponent(location.pathname);
      say("key", words.signed_out, { bad: true, href: `${form.dataset.signIn}?next=${next}`, target: "_blank" });
    } else if (this.refused) say("stop", words.refused.replace("{n}", this.refused), { bad: true });
    else if (clashes) say("fork", words.clash.replace("{n}", clashes), { bad: true, href: NOW });
    else if (!waits) say("cloud", words.sent);
    else if (this.overdue) say("alert", words.overdue, { bad: true });
    else say("phone", navigator.onLine === false ? words.offline : words.saved);
  }
}
