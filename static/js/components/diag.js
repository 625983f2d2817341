/** data-module="diag" data-words: fills in what this browser can do, each line by mark and word, and a text to copy. */
import { outline, persisted } from "../offline/store.js";

export default async function diag(root) {
  const words = JSON.parse(root.dataset.words);
  const told = await looked(words);
  const lines = [];
  for (const [name, good, text] of told) {
    const row = root.querySelector(`[data-check="${name}"]`);
    const mark = good === null ? "" : good ? words.good : words.bad;
    const said = [mark, text].filter(Boolean).join(" · ");
    row.querySelector("dd").textContent = said;
    row.classList.toggle("bad", good === false);
    lines.push(`${row.querySelector("dt").textContent}: ${said}`);
  }
  const button = document.querySelector('[data-module~="copy"]');
  if (button) button.dataset.text = lines.join("\n");
}

async function looked(words) {
  const fail = (value) => (error) => (console.info("diag", error), value);
  const secure = globalThis.isSecureContext === true;
  const worker = "serviceWorker" in navigator ? Boolean(await navigator.serviceWorker.getRegistration()) : null;
  const { user } = document.body.dataset;
  const changes = await outline(user ?? "").then((all) => all.filter((one) => one.status !== "sent")).catch(fail(null));
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.().catch(fail({}))) ?? {};
  const safe = await persisted();
  const mebibytes = (bytes) => `${Math.round(bytes / 2 ** 20)} MiB`;
  return [
    ["secure", secure, secure ? "" : words.no_secure],
    ["worker", worker === null ? false : worker || null, worker === null ? words.no_worker : worker ? "" : words.worker_later],
    ["store", changes !== null, changes === null ? words.no_store : ""],
    ["waiting", null, changes === null ? "–" : String(changes.length)],
    ["persist", safe || null, safe === null ? words.not_asked : safe ? "" : words.unprotected],
    ["space", quota ? quota - usage > 2 ** 26 : null, quota ? `${mebibytes(usage)} / ${mebibytes(quota)}` : "–"],
    ["photos", Boolean(globalThis.createImageBitmap && globalThis.crypto?.subtle), secure ? "" : words.plain_photos],
    ["tabs", Boolean(navigator.locks), navigator.locks ? "" : words.no_locks],
    ["network", navigator.onLine || null, navigator.onLine ? "" : words.no_network],
    ["browser", null, navigator.userAgent],
  ];
}
