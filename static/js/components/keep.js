/** data-module="keep" data-pages='[{"url", "stamp"}]': has the worker keep these pages for when there is no network. */
export default async function keep(root) {
  if (!navigator.serviceWorker || !document.body.dataset.worker) return;
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage({ type: "keep", pages: JSON.parse(root.dataset.pages) });
}
