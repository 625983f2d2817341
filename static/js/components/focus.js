/** Takes the focus when the page opens: an error summary, for readers and keyboards. */
export default function focus(root) {
  root.focus();
}
