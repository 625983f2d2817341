/** Rows of a table question: add one from the template, remove one and offer it back. */
import { newRow } from "../fill/answers.js";
import { uuid7 } from "../offline/ids.js";

export function addRow(root) {
  const row = newRow(root, root.dataset.q, uuid7().slice(-12));
  root.querySelector(".trows").append(row);
  row.querySelector("input, select, textarea")?.focus();
}

export function removeRow(button, words) {
  const row = button.closest("[data-row]");
  const undo = Object.assign(document.createElement("button"), {
    type: "button", className: "button button-quiet", textContent: words.undo_row,
  });
  undo.addEventListener("click", (event) => {
    event.stopPropagation();
    undo.replaceWith(row);
    row.querySelector("input, select, textarea")?.dispatchEvent(new Event("change", { bubbles: true }));
  });
  row.replaceWith(undo);
  setTimeout(() => undo.remove(), 15000);
  undo.focus();
}
