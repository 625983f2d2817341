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

  /** kind: saved, sent, refused or conflict, by icon and word; a refusal also with its reason. */
  set(question, kind, problem) {
    const root = this.root(question);
    if (!root) return;
    const head = root.querySelector(":scope > h3, :scope > .label");
    let mark = head.querySelector(".mark");
    if (!mark) {
      mark = document.createElement("span");
      head.append(mark);
    }
    if (mark.dataset.kind !== kind) {
      mark.dataset.kind = kind;
      mark.className = `mark mark-${kind}`;
      const drawn = this.form.querySelector(`template[data-mark="${kind}"]`).content.cloneNode(true);
      mark.replaceChildren(drawn);
    }
    this.explain(root, head, kind === "refused" ? problem : null);
  }

  explain(root, head, problem) {
    let reason = root.querySelector(":scope > .error");
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

  /** The bottom bar: what is true of the whole form now. */
  say(icon, text, { bad = false, href, target } = {}) {
    if (!this.line) return;
    this.icon.setAttribute("href", `${this.sprite}#${icon}`);
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
