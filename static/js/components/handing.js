/**
 * Signing and handing in without the server, on the fill form: what is missing, the record as it is
 * signed, a place for each to sign, and a button that hands in.  All of it goes into the journal; what
 * was signed is bound to the digest of what was shown, so that a later change voids it.
 */
import { read } from "../fill/answers.js";
import { labelOf, recordOf } from "../fill/record.js";
import { standingOf } from "../fill/standing.js";
import { copied, why } from "../offline/database.js";
import { uuid7 } from "../offline/ids.js";
import { locked } from "../offline/outbox.js";
import { part } from "../offline/parts.js";
import { add, journal, settle } from "../offline/store.js";
import signature from "./signature.js"; // not later: there may be no connection then

export async function handing(page) {
  return new Handing(page, await part("handing"));
}

class Handing {
  constructor(page, { data, content }) {
    this.page = page;
    this.words = JSON.parse(data.words);
    this.drawings = content;
    this.root = content.querySelector("section").cloneNode(true);
    this.root.addEventListener("click", (event) => this.clicked(event));
    this.root.addEventListener("submit", (event) => this.signed(event));
    this.sending = new Set();
    addEventListener("hashchange", () => location.hash !== "#hand-in" && this.close());
  }

  async open() {
    const { form } = this.page;
    this.page.keeping.flush();
    await this.page.keeping.writing;
    await this.show();
    form.hidden = true;
    form.after(this.root);
    document.body.classList.add("handing");
    this.root.querySelector("h2").focus();
  }

  close() {
    this.root.remove();
    this.page.form.hidden = false;
    document.body.classList.remove("handing");
  }

  part(name) {
    return this.root.querySelector(`[data-part="${name}"]`);
  }

  /** Looks again; whoever is just writing or drawing keeps what is there. */
  async show() {
    const { page, words } = this;
    const entries = await journal(page.user, page.inspection);
    const standing = await standingOf(page, entries);
    this.digest = standing.digest;
    this.submission = entries.filter((one) => one.kind === "submission").at(-1);
    const handed = ["waiting", "sent"].includes(this.submission?.status);
    this.part("digest").textContent = standing.digest.slice(0, 12);
    this.part("record").replaceChildren(recordOf(page.form, words));
    this.part("left").replaceChildren(...[...standing.left].map(([id, reason]) => this.line(id, reason)));
    this.part("left").hidden = !standing.left.size;
    this.part("given").replaceChildren(...standing.given.map((one) => this.givenOf(one)));
    this.signers(handed ? [] : standing.unsigned);
    this.tell(standing, handed);
    this.root.querySelector('[data-act="submit"]').hidden = handed || Boolean(standing.left.size + standing.unsigned.length);
    this.root.querySelector('[data-act="back"]').hidden = handed;
    this.root.querySelector('[data-act="withdraw"]').hidden = this.submission?.status !== "waiting";
    await page.weigh(entries);
  }

  tell({ left, unsigned }, handed) {
    const { words, submission } = this;
    const names = unsigned.map((one) => one.name || words.unit).join("、");
    const told = [];
    if (submission?.status === "refused") told.push(["error", [submission.problem.title, submission.problem.remedy].filter(Boolean).join(" ")]);
    if (handed) told.push(["success", words.handed]);
    else if (left.size) told.push(["warning", `${words.left.replace("{n}", left.size)} ${words.mind}`]);
    else if (unsigned.length) told.push(["info", words.unsigned.replace("{names}", names)]);
    else told.push(["success", words.ready]);
    this.part("told").replaceChildren(...told.map(([kind, text]) => this.notice(kind, text)));
  }

  notice(kind, text) {
    const notice = this.drawing(kind);
    notice.querySelector("p").textContent = text;
    return notice;
  }

  drawing(name) {
    return this.drawings.querySelector(`[data-for="${name}"]`).content.firstElementChild.cloneNode(true);
  }

  line(id, reason) {
    const root = this.page.marks.root(id);
    const link = Object.assign(document.createElement("a"), { href: `#${id}`, textContent: labelOf(root) });
    const because = Object.assign(document.createElement("span"), { className: "soft", textContent: this.words[reason] ?? reason });
    const item = document.createElement("li");
    item.append(link, " ", because);
    return item;
  }

  // -- signatures ----------------------------------------------------------------------------

  givenOf(one) {
    const { words } = this;
    const item = this.drawing("given");
    item.classList.toggle("signature-void", !one.holds);
    item.querySelector("strong").textContent = one.name;
    item.querySelector(".soft").textContent = one.role === "unit" ? words.unit : words.inspector;
    const ink = item.querySelector("svg");
    if (one.strokes) {
      ink.setAttribute("viewBox", `0 0 ${one.strokes.width} ${one.strokes.height}`);
      ink.firstElementChild.setAttribute("d", one.strokes.path);
    } else ink.remove();
    const said = one.method === "refused" ? words.refusal.replace("{reason}", one.reason).replace("{witness}", one.witness) : "";
    item.querySelector("[data-said]").textContent = said;
    item.querySelector("[data-state]").textContent = this.stateOf(one);
    item.querySelector("[data-void]").hidden = one.holds || one.status === "refused";
    return item;
  }

  stateOf({ id, status, sent_at, problem }) {
    const { words } = this;
    if (status === "refused") return [words.refused, problem?.title, problem?.remedy].filter(Boolean).join(" ");
    const at = sent_at ? new Date(sent_at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false }) : "";
    return `${words[this.sending.has(id) ? "sending" : status]} ${at}`.trim();
  }

  /** A place to sign for each who has not; places that are there stay as they are. */
  signers(people) {
    const box = this.part("signers");
    const wanted = new Map(people.map((one) => [`${one.role} ${one.id}`, one]));
    for (const place of [...box.children]) if (!wanted.delete(place.dataset.who)) place.remove();
    for (const [key, one] of wanted) box.append(this.place(key, one));
  }

  place(key, { role, id, name, position }) {
    const { words } = this;
    const place = this.drawing("signer");
    place.dataset.who = key;
    place.querySelector("h3").textContent = role === "unit" ? words.unit_signs : name;
    const met = role === "unit" ? this.received() : { name, position };
    for (const field of ["name", "position"]) place.querySelector(`[name="${field}"]`).value = met[field] ?? "";
    if (role === "unit") {
      place.querySelector("form > button").textContent = words.read;
    } else {
      place.querySelector('[name="name"]').readOnly = true;
      place.querySelector("form > button").textContent = words.true;
      place.querySelector('[data-part="refusal"]').remove();
    }
    for (const [n, field] of [...place.querySelectorAll(".field")].entries()) {
      const control = field.querySelector("input, textarea");
      control.id = field.querySelector("label").htmlFor = `sign-${role}-${id}-${n}`;
    }
    signature(place.querySelector(".pad"));
    return place;
  }

  received() {
    const root = this.page.marks.root("visit.received_by");
    return (root && read(root)) || {};
  }

  async signed(event) {
    event.preventDefault();
    const form = event.target;
    const [role, id] = form.closest(".signer").dataset.who.split(" ");
    const field = (name) => form.elements[name]?.value.trim() ?? "";
    const refused = event.submitter?.name === "refused";
    const lacks = wrongWith(field, refused);
    if (lacks) {
      this.complain(form, lacks);
      return;
    }
    const body = {
      inspection: this.page.inspection, role, signer: id === "null" ? null : Number(id),
      name: field("name"), position: field("position"), method: refused ? "refused" : "drawn",
      strokes: refused ? null : JSON.parse(field("strokes")),
      reason: refused ? field("reason") : "", witness: refused ? field("witness") : "", digest: this.digest,
    };
    await this.act("signature", body, (one) => one.kind === "signature" && one.status === "refused" && `${one.body.role} ${one.body.signer}` === `${role} ${id}`);
  }

  complain(form, [field, words]) {
    const error = form.querySelector(".error");
    error.textContent = this.words[words];
    error.hidden = false;
    const control = form.elements[field];
    (control.type === "hidden" ? form.querySelector("canvas") : control).scrollIntoView({ block: "center" });
    control.focus();
  }

  // -- acts ----------------------------------------------------------------------------------

  /** Puts an act into the journal; an earlier one that was refused gives way to it. */
  async act(kind, body, replaces) {
    const { user, inspection } = this.page;
    try {
      const old = (await journal(user, inspection)).filter(replaces);
      await add({ id: uuid7(), kind, inspection, user, body, device_time: new Date().toISOString() });
      if (old.length) await settle([], old);
      await copied();
    } catch (error) {
      console.error("store", error);
      this.part("told").replaceChildren(this.notice("error", this.page.form.words[why(error)]));
      return;
    }
    await this.show();
    this.part("told").scrollIntoView({ block: "center" });
    this.page.outbox.soon(0.4);
  }

  async clicked(event) {
    const act = event.target.closest("[data-act]")?.dataset.act;
    const link = event.target.closest('a[href^="#"]');
    if (link) {
      this.close(); // before the address changes, so that there is something to land on
      return;
    }
    if (act === "back") history.replaceState(null, "", location.pathname), this.close();
    if (act === "submit") await this.act("submission", { inspection: this.page.inspection }, (one) => one.kind === "submission" && one.status === "refused");
    if (act === "withdraw") await this.withdraw();
  }

  /** Takes a submission back, unless it is just leaving. */
  async withdraw() {
    await locked(async () => {
      const { user, inspection } = this.page;
      const old = (await journal(user, inspection)).filter((one) => one.kind === "submission" && one.status === "waiting");
      await settle([], old);
    });
    await this.page.told.count();
    await this.show();
  }

  /** The outbox has told of an entry; null: it rests. */
  look(entry, status) {
    if (!entry) this.sending.clear();
    else if (status === "sending") this.sending.add(entry.id);
    if (this.root.isConnected) this.show().catch((error) => console.error("handing", error));
  }
}

function wrongWith(field, refused) {
  if (!field("name")) return ["name", "no_name"];
  if (!refused) return field("strokes") ? null : ["strokes", "no_strokes"];
  if (!field("reason")) return ["reason", "no_reason"];
  return field("witness") ? null : ["witness", "no_witness"];
}
