/**
 * data-module="held" on a list: what is on this phone.  Pages kept by the worker, and how many answers
 * wait, since when.  The <template> in it is one line; data-words are the words.
 */
import { outline } from "../offline/store.js";

export default async function held(root) {
  const words = JSON.parse(root.dataset.words);
  const cache = globalThis.caches && (await caches.has("mingcha-pages")) ? await caches.open("mingcha-pages") : null;
  const owner = await (await cache?.match("/.owner"))?.text();
  const waiting = owner ? (await outline(owner).catch(() => [])).filter((one) => one.status !== "sent") : [];
  for (const request of (await cache?.keys()) ?? []) {
    const path = new URL(request.url).pathname;
    const [, , inspection = "", what = ""] = path.split("/");
    if (inspection.length === 36 ? what !== "answers" : path !== "/" && path !== "/inspections/new") continue;
    const page = await (await cache.match(request)).text();
    const mine = waiting.filter((one) => one.inspection === inspection);
    root.append(line(root, path, page, [mine.find((one) => one.shown)?.shown.unit, tell(mine, words)]));
  }
  root.hidden = !root.querySelector("li");
  const nothing = document.getElementById("nothing-held");
  if (nothing) nothing.hidden = !root.hidden;
}

function line(root, path, page, told) {
  const parsed = (name) => page.match(new RegExp(`<${name}[^>]*>([^<]*)`))?.[1].trim() ?? "";
  const item = root.querySelector("template").content.firstElementChild.cloneNode(true);
  const link = item.querySelector("a");
  link.href = path;
  link.textContent = plain(parsed("h1")) || path;
  const lede = path.endsWith("/answers") ? plain(page.match(/<\/h1>\s*<p[^>]*>([^<]*)/)?.[1] ?? "") : "";
  item.querySelector(".meta").textContent = [lede, ...told].filter(Boolean).join(" · ");
  return item;
}

/** The few entities that the server writes. */
function plain(text) {
  const signs = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'" };
  return text.replace(/&(amp|lt|gt|#34|#39);/g, (sign) => signs[sign]).trim();
}

function tell(items, words) {
  if (!items.length) return "";
  const since = new Date(Math.min(...items.map((one) => Date.parse(one.device_time))));
  const at = since.toLocaleString(document.documentElement.lang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  return words.waiting.replace("{n}", items.length).replace("{at}", at);
}
