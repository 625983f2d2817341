/** data-module="copy" data-text="…" data-done="已复制": copies the text and says so on the button. */
export default function copy(root) {
  if (!navigator.clipboard) return;
  root.hidden = false;
  root.addEventListener("click", async () => {
    await navigator.clipboard.writeText(root.dataset.text);
    const before = root.textContent;
    root.textContent = root.dataset.done;
    setTimeout(() => {
      root.textContent = before;
    }, 2000);
  });
}
