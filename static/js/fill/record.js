/** The record as a signer reads it, made from the form: each question that is answered, with its words. */
const make = (name, className, ...content) => {
  const element = Object.assign(document.createElement(name), { className });
  element.append(...content);
  return element;
};

export function recordOf(form, words) {
  const record = document.createDocumentFragment();
  for (const part of form.querySelectorAll("[data-section]")) {
    const section = make("section", "record", make("h3", "", part.querySelector("h2").textContent));
    for (const block of part.querySelectorAll(".item")) section.append(blockOf(block, words));
    record.append(section);
  }
  return record;
}

function blockOf(block, words) {
  const shown = make("div", "item item-shown");
  if (block.dataset.item) {
    shown.append(make("h4", "item-q", labelOf(block)), make("p", "", textOf(block, block.dataset.item) || words.blank));
  }
  const list = make("dl", "facts facts-stacked");
  for (const root of block.querySelectorAll("[data-q]")) {
    const answer = answerOf(root, words);
    if (answer) list.append(make("div", "shown", make("dt", "", labelOf(root)), make("dd", "", answer)));
  }
  if (list.childElementCount) shown.append(list);
  else if (!block.dataset.item) shown.append(make("p", "soft", words.blank));
  return shown;
}

/** The words of a question, without what stands beside them. */
export function labelOf(root) {
  const label = root.querySelector(":scope > h3, :scope > .label").cloneNode(true);
  for (const aside of label.querySelectorAll(".mark, .optional")) aside.remove();
  return label.textContent.trim();
}

function answerOf(root, words) {
  const { kind, q } = root.dataset;
  if (kind === "photo") return photosOf(root, words);
  if (kind === "table") return rowsOf(root);
  return textOf(root, q);
}

/** The words beside what is chosen, or what was typed. */
function textOf(root, name) {
  const names = new Set([name, `${name}-name`, `${name}-position`]);
  const controls = [...root.querySelectorAll("input:not([type=hidden]), select, textarea")].filter((one) => names.has(one.name));
  const unit = root.querySelector(".unit > span")?.textContent ?? "";
  const text = controls.map(wordsOf).filter(Boolean).join(" ");
  return text && [text, unit].filter(Boolean).join(" ");
}

function wordsOf(control) {
  if (control.matches("[type=radio], [type=checkbox]")) return control.checked ? (control.labels[0]?.textContent.trim() ?? "") : "";
  if (control.matches("select")) return control.value && control.selectedOptions[0].textContent.trim();
  return control.type === "datetime-local" ? control.value.replace("T", " ") : control.value.trim();
}

function photosOf(root, words) {
  const shots = [...root.querySelectorAll(".shot")].filter((shot) => shot.querySelector("input").checked);
  if (!shots.length) return null;
  const pictures = shots.map((shot) => {
    const { src } = shot.querySelector("img");
    return Object.assign(document.createElement("img"), { src, alt: "", width: 88, height: 88 });
  });
  return make("span", "", make("span", "shots", ...pictures), words.photos.replace("{n}", shots.length));
}

function rowsOf(root) {
  const rows = [...root.querySelectorAll("[data-row]")].map((row) =>
    [...row.querySelectorAll("[data-c]")]
      .map((cell) => [cell.querySelector(".label").textContent, textOf(cell, `${root.dataset.q}-${row.dataset.row}-${cell.dataset.c}`)])
      .filter(([, text]) => text)
      .map((pair) => pair.join(" "))
      .join(" · "),
  );
  const filled = rows.filter(Boolean);
  return filled.length ? make("span", "", ...filled.map((row) => make("span", "trow-shown", row))) : null;
}
