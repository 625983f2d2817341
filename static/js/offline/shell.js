/**
 * The page's side of the service worker: registers it when the page has come to rest, tells a new
 * release whether something is half done here, and says when the page is only a copy or an old one.
 * Where there is no worker (plain http, browsers inside iOS apps) nothing of this happens.
 */
const policy = globalThis.trustedTypes?.createPolicy("mingcha-sw", {
  createScriptURL(url) {
    if (url !== "/sw.js") throw new TypeError(url);
    return url;
  },
});

let typed = false;
let unsent = false;

/** A form comes as a copy first, and the worker tells; any other page tells it by itself. */
export function start({ worker, copied }, isForm) {
  if (!isForm) tellCopy(copied);
  if (!worker || !navigator.serviceWorker) return;
  for (const [name, busy] of [["input", true], ["submit", false]]) {
    document.addEventListener(name, () => {
      typed = busy;
    });
  }
  document.addEventListener("fill:waiting", ({ detail }) => {
    unsent = detail;
    if (!detail) typed = false;
  });
  navigator.serviceWorker.addEventListener("message", ({ data, ports }) => {
    if (data?.type === "busy?") ports[0].postMessage(typed || unsent);
    else if (data?.news === "alone") tellCopy(copied);
    else if (data?.news === "newer") tellNewer();
  });
  if (document.readyState === "complete") rest(worker);
  else addEventListener("load", () => rest(worker), { once: true });
}

/** After the page's own work: the shell must not compete with the first question. */
function rest(worker) {
  const idle = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 1500));
  idle(() => register(worker).catch((error) => console.info("worker", error)));
}

async function register(worker) {
  const url = policy ? policy.createScriptURL(worker) : worker;
  const registration = await navigator.serviceWorker.register(url, { scope: "/", updateViaCache: "none" });
  const offer = () => navigator.serviceWorker.controller && registration.waiting?.postMessage({ type: "take-over" });
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", offer);
  });
  document.addEventListener("fill:waiting", ({ detail }) => detail || offer());
  offer();
}

/** The server has a newer page than this copy: for whoever listens, also later (fill.js). */
function tellNewer() {
  document.documentElement.dataset.newer = "";
  document.dispatchEvent(new Event("page:newer"));
}

/** No network: the page says of when it is. */
function tellCopy(words) {
  const { copy, lang } = document.documentElement.dataset.copy
    ? { copy: new Date(document.documentElement.dataset.copy), lang: document.documentElement.lang }
    : {};
  if (!copy || !words || document.querySelector(".copied")) return;
  const at = copy.toLocaleString(lang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const line = Object.assign(document.createElement("p"), { className: "copied", textContent: words.replace("{at}", at) });
  line.setAttribute("role", "status");
  document.querySelector(".page-head")?.append(line);
}
