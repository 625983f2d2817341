/**
 * Keeps what is typed and tapped: one write after the other, the newest last, and no mark that says
 * more than is true.  `page` is the fill form (components/fill.js).
 */
import { copied, why } from "../offline/database.js";
import { uuid7 } from "../offline/ids.js";
import { keep } from "../offline/store.js";
import { read } from "./answers.js";

const PAUSE_S = 0.4; // before what was tapped is sent; what is typed waits for a pause of the hand
const TYPING_PAUSE_S = 1.5;
const OF_WORDS = new Set(["short_text", "long_text", "person", "table"]);
const PLAIN = /^[ -~\n\r\t]*$/;

export class Keeping {
  constructor(page) {
    this.page = page;
    this.typed = new Set(); // roots of questions whose last keys are not even being written
    this.unsaved = new Set(); // ids of questions that show what is not kept yet
    this.values = new Map(); // what was kept last, as JSON
    this.storing = 0;
    this.writing = Promise.resolve();
    this.broken = null; // name of the words that say why nothing can be kept
  }

  /** A key: kept at once, or as soon as the write before it is done. */
  type(root) {
    this.typed.add(root);
    this.unsay(root.dataset.q);
    if (!this.storing) this.flush(TYPING_PAUSE_S);
  }

  flush(pause) {
    for (const root of [...this.typed]) this.save(root, null, pause);
  }

  save(root, settling, pause = PAUSE_S) {
    this.typed.delete(root);
    const question = root.dataset.q;
    const body = read(root);
    const said = JSON.stringify(body);
    if (!settling && this.values.get(question) === said) {
      this.said(question, pause); // typed, kept, and then left
      return;
    }
    this.values.set(question, said);
    this.unsay(question);
    const change = this.change(question, body, settling);
    this.storing += 1;
    this.writing = this.writing.then(() => this.write(root, change, said)).then(() => this.written(pause));
  }

  change(question, body, settling) {
    const { inspection, user, api, seen, bases } = this.page;
    return {
      id: uuid7(), inspection, user, api, question, body, seen,
      base: Object.hasOwn(bases, question) ? bases[question] : undefined,
      settles: settling?.checked ? settling.dataset.ids.trim().split(" ").filter(Boolean) : [],
      device_time: new Date().toISOString(),
    };
  }

  async write(root, change, said) {
    const { question } = change;
    try {
      await keep(change);
      this.page.bases[question] = change.id;
      this.page.told.waiting.add(question);
      await copied(); // a kill may take the one, but not both
      if (this.values.get(question) === said && !this.typed.has(root)) {
        this.unsaved.delete(question);
        this.page.marks.set(question, "saved");
        this.look(root, change.body);
      }
      if (!this.unsaved.size) this.broken = null;
    } catch (error) {
      console.error("store", error);
      this.broken = why(error);
      this.values.delete(question);
      this.typed.add(root); // once more with the next flush
    }
    this.storing -= 1;
  }

  /** What no document could show is told at once, though it is kept. */
  async look(root, body) {
    const { q, kind } = root.dataset;
    if (!OF_WORDS.has(kind)) return;
    const signs = PLAIN.test(JSON.stringify(body)) ? [] : await this.strangeIn(body);
    if (!this.unsaved.has(q)) this.page.marks.strange(q, signs);
  }

  async strangeIn(body) {
    const glyphs = await import("./glyphs.js").catch(() => null); // without a connection the server tells it
    const spans = await glyphs?.printable(this.page.form.dataset.glyphs);
    return spans ? glyphs.unprintable(body, spans) : [];
  }

  written(pause) {
    if (this.typed.size && !this.storing && !this.broken) this.flush(pause); // typed meanwhile
    this.page.form.classList.toggle("fill-kept", !this.broken);
    this.page.saved();
    this.page.outbox.soon(pause);
  }

  /** What the eye sees is not on the phone yet: neither mark nor bar may say so. */
  unsay(question) {
    this.unsaved.add(question);
    this.page.marks.unsay(question);
    this.page.told.status("storing");
  }

  /** It is what was kept already: the mark is true again, unless it is being written. */
  said(question, pause) {
    if (!this.storing && this.unsaved.delete(question)) {
      this.page.marks.resay(question);
      this.page.told.status("waiting");
    }
    if (this.page.told.waiting.size) this.page.outbox.soon(pause);
  }
}
