/** What a person sees of saving: a mark at each question that changed, and the line in the bottom bar. */
export class Marks {
  constructor(form) {
    this.form = form;
    this.line = document.getElementById("saving");
    this.words = this.line?.querySelector("span");
    this.icon = this.line?.querySelector("use");
    this.sprite = this.icon?.getAttribute("href").split("#")[0];
  }

  root(question) {
    return this.form.querySelector(`[data-q="${CSS.escape(question)}"]`);
  }

  /** kind: saved, sending, sent, refused or conflict, by icon and word; a refusal also with its reason. */
  set(question, kind, problem) {
    const root = this.root(question);
    if (!root) return;
    const head = root.querySelector(":scope > h3, :scope > .label");
    const mark = head.querySelector(".mark") ?? head.appendChild(document.createElement("span"));
    mark.hidden = false;
    if (mark.dataset.kind !== kind || kind === "sent") {
      mark.dataset.kind = kind;
      mark.className = `mark mark-${kind}`;
      mark.replaceChildren(this.form.querySelector(`template[data-mark="${kind}"]`).content.cloneNode(true));
      if (kind === "sent") mark.append(` ${clock()}`);
    }
    this.explain(root, head, kind === "refused" ? problem : null);
  }

  /** What the mark said is no longer true of what is shown. */
  unsay(question) {
    const mark = this.mark(question);
    if (mark) mark.hidden = true;
  }

  /** It is true again. */
  resay(question) {
    const mark = this.mark(question);
    if (mark) mark.hidden = false;
  }

  mark(question) {
    return this.root(question)?.querySelector(":scope > h3 .mark, :scope > .label .mark");
  }

  explain(root, head, problem) {
    let reason = root.querySelector(":scope > .error:not(.strange)");
    if (!problem) {
      reason?.remove();
      root.classList.remove("field-wrong");
      return;
    }
    if (!reason) {
      reason = document.createElement("p");
      reason.className = "error";
      reason.id = `${root.dataset.q}-error`;
      head.after(reason);
    }
    reason.textContent = [problem.title, problem.remedy].filter(Boolean).join(" ");
    root.classList.toggle("field-wrong", !root.dataset.item);
  }

  /** What is kept, but will not be printed: said at once, in words. */
  strange(question, signs) {
    const root = this.root(question);
    root?.querySelector(":scope > .strange")?.remove();
    if (!root || !signs.length) return;
    const told = document.createElement("p");
    told.className = "error strange";
    told.textContent = this.form.words.strange.replace("{signs}", signs.map(nameOf).join(" "));
    root.querySelector(":scope > h3, :scope > .label").after(told);
    told.setAttribute("role", "status");
  }

  /** A notice above the form, with a way out; once. */
  head(text, word, href) {
    document.getElementById("head-notice")?.remove();
    const notice = this.form.querySelector("template[data-notice]").content.firstElementChild.cloneNode(true);
    notice.id = "head-notice";
    notice.setAttribute("role", "alert");
    notice.querySelector("p").append(text, " ", Object.assign(document.createElement("a"), { href, textContent: word }));
    this.form.prepend(notice);
  }

  /** The bottom bar: what is true of the whole form now. */
  say(icon, text, { bad = false, href, target } = {}) {
    if (!this.line) return;
    const drawing = `${this.sprite}#${icon}`;
    if (this.icon.getAttribute("href") !== drawing) this.icon.setAttribute("href", drawing); // it is drawn anew
    this.line.classList.toggle("saving-bad", bad);
    if (this.words.textContent === text && !href) return;
    if (!href) {
      this.words.textContent = text;
      return;
    }
    const link = Object.assign(document.createElement("a"), { href, textContent: text });
    if (target) Object.assign(link, { target, rel: "noopener" });
    this.words.replaceChildren(link);
  }
}

function clock() {
  return new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
}

/** A sign itself where the eye can see it, and its number. */
function nameOf(sign) {
  const number = `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\p{C}\p{M}\p{Z}]/u.test(sign) ? number : `“${sign}”（${number}）`;
}
