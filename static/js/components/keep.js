/**
 * data-module="keep" data-pages='[{"url", "stamp"}]': has the worker keep these pages for when there is
 * no network, beside those of inspections that this phone has opened and not sent yet.
 */
import { kept } from "../offline/store.js";

export default async function keep(root) {
  if (!navigator.serviceWorker || !document.body.dataset.worker) return;
  const { active } = await navigator.serviceWorker.ready;
  const own = (await kept(document.body.dataset.user)).filter((one) => one.kind === "inspection").map((one) => one.id);
  const { copy } = document.documentElement.dataset;
  const at = copy ? Date.parse(copy) : performance.timeOrigin;
  active.postMessage({ type: "keep", pages: JSON.parse(root.dataset.pages), own, at });
}
