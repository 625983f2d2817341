/** A <details> menu that closes on Escape and on a tap elsewhere. */
export default function menu(root) {
  const close = (event) => {
    if (event.type === "keydown" ? event.key !== "Escape" : root.contains(event.target)) return;
    if (!root.open) return;
    root.open = false;
    if (event.type === "keydown") root.querySelector("summary").focus();
  };
  document.addEventListener("click", close);
  document.addEventListener("keydown", close);
}
