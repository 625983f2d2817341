/** Opens the question of a destructive act with the focus inside; Escape takes it back. */
export default function confirm(root) {
  root.addEventListener("toggle", () => {
    if (root.open) root.querySelector("input:not([type=hidden]), textarea, button")?.focus();
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    root.open = false;
    root.querySelector("summary").focus();
  });
}
