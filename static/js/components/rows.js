/** data-module="rows" data-undo-row="…": a form whose tables get and lose rows in the page, without a round trip. */
import { addRow, removeRow } from "./table.js";

export default function rows(form) {
  form.addEventListener("click", (event) => {
    const add = event.target.closest("[name=add-row]");
    const remove = event.target.closest("[data-act=remove-row]");
    if (add) {
      event.preventDefault();
      addRow(add.closest("[data-q]"));
    } else if (remove) {
      removeRow(remove, { undo_row: form.dataset.undoRow });
    }
  });
}
