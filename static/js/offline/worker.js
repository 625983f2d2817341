/**
 * The service worker.  The server writes SHELL before it: release, language, pages, files, later.
 *
 *   static files   cache first, by content
 *   parts of pages the same, with the shell
 *   forms          their copy at once; then the page is told what the network says
 *   other pages    network first; the last copy of this person's when there is no network, or a slow one
 *   all else       the network alone: nothing under /api/, no answer to a POST
 *
 * What a person typed is not here but in IndexedDB (store.js): caches may be lost at any time.
 */
const FILES = `mingcha-files-${SHELL.release}-${SHELL.language}`;
const PAGES = "mingcha-pages";
const [OFFLINE, PARTS] = SHELL.pages;
const OWNER = "/.owner"; // whose pages these are
const SLOW_MS = 5000;
const AFTER_A_WRITE_MS = 60_000;
const ANSWER_MS = 1500;
const GATEWAY = [502, 503, 504]; // a proxy is there, the server is not
const KEPT = /^\/(inspections\/(new|blank\/.+|[0-9a-f-]{36}(\/answers)?))?$/;
const FORM = /^\/inspections\/[0-9a-f-]{36}\/answers$/;
const ACTS = /^(\/inspections\/[0-9a-f-]{36})(\/(signatures|submission))?$/; // the form does them without a network
const NOW = "?now"; // asks the server first
const MADE_BY = `${SHELL.release} ${SHELL.language} `; // before the server's stamp in that of a copy
const OWN = "own"; // the stamp of a page that the phone itself has made
const HEADERS = ["Content-Type", "Content-Security-Policy", "Referrer-Policy", "Permissions-Policy",
  "X-Content-Type-Options", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"];

let written = 0; // when something was sent last: what follows must not be an old copy
let turned = 0; // when a plain form was sent or another language chosen: then the server makes the form, too
let signOuts = 0;

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));

async function install() {
  const cache = await caches.open(FILES);
  await cache.addAll(SHELL.files);
  for (const page of SHELL.pages) {
    const answer = await fetch(page, { credentials: "omit", headers: { "X-Language": SHELL.language } });
    if (!answer.ok) throw new Error(`${page}: ${answer.status}`);
    await cache.put(page, await copyOf(answer));
  }
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith("mingcha-") && ![FILES, PAGES].includes(name)) await caches.delete(name);
  }
  await clients.claim();
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && url.pathname === "/sign-out") event.waitUntil(forget());
  if (request.method !== "GET") {
    written = Date.now();
    if (request.mode === "navigate") turned = written;
  } else if (url.pathname.startsWith("/static/")) event.respondWith(fileOf(request, url));
  else if (url.pathname === PARTS) event.respondWith(partsOf(request));
  else if (request.mode === "navigate") event.respondWith(pageOf(event, url));
});

addEventListener("message", (event) => {
  const { type, ...told } = event.data ?? {};
  if (type === "keep") event.waitUntil(keep(told));
  else if (type === "take-over") event.waitUntil(takeOver());
});

// -- static files -----------------------------------------------------------------------------

/** An old release's address is answered with what there is now, as the server does. */
async function fileOf(request, url) {
  const cache = await caches.open(FILES);
  const known = await cache.match(url.pathname);
  if (known) return known;
  try {
    const answer = await fetch(request);
    if (answer.ok && SHELL.later.includes(url.pathname)) await cache.put(url.pathname, answer.clone());
    return answer;
  } catch (error) {
    const name = url.pathname.split("/").slice(3).join("/");
    const here = SHELL.files[0].split("/").slice(0, 3).join("/");
    const other = await cache.match(`${here}/${name}`);
    if (other) return other;
    throw error;
  }
}

async function partsOf(request) {
  return (await (await caches.open(FILES)).match(PARTS)) ?? fetch(request);
}

// -- pages ------------------------------------------------------------------------------------

async function pageOf(event, url) {
  if (url.pathname.startsWith("/language/")) turned = Date.now();
  const kept = KEPT.test(url.pathname);
  const copy = await copyFor(url.pathname, kept);
  const network = fetch(event.request).then(async (answer) => {
    if (answer.status === 404 && copy && stampOf(copy) === OWN) return copy; // not sent yet
    if (GATEWAY.includes(answer.status) && copy) throw new Error(`${url.pathname}: ${answer.status}`);
    if (kept && ["", NOW].includes(url.search)) event.waitUntil(put(url.pathname, answer.clone(), markOf(answer)));
    return answer;
  });
  event.waitUntil(network.catch(() => {}));
  const atOnce = copy && !url.search && FORM.test(url.pathname) && isOfToday(copy) && !isRecent(turned);
  const isPatient = !copy || (isRecent(written) && !atOnce);
  const inTime = Promise.race([network.catch(() => null), ...(isPatient ? [] : [pause(SLOW_MS)])]);
  if (copy) event.waitUntil(follow(event.resultingClientId, copy, inTime, network));
  if (atOnce) return copy;
  return (await inTime) ?? copy ?? (await (await caches.open(FILES)).match(OFFLINE)) ?? Response.error();
}

function isRecent(time) {
  return Date.now() - time < AFTER_A_WRITE_MS;
}

/** Tells a page that is a copy whether the server was not to be reached in time, or has a newer one. */
async function follow(client, copy, inTime, network) {
  const tell = async (news) => (await clients.get(client))?.postMessage({ type: "copy", news });
  if (!(await inTime)) await tell("alone");
  const answer = await network.catch(() => null);
  if (answer && ![stampOf(answer), markOf(answer)].includes(stampOf(copy))) await tell("newer");
}

/** Made by this release, of what is the server's or the phone's own: not a message that was for once. */
function isOfToday(copy) {
  const stamp = stampOf(copy);
  return stamp === OWN || stamp?.startsWith(MADE_BY);
}

function stampOf(page) {
  return page.headers.get("X-Mingcha-Stamp");
}

/** What the server says of the page's state, as a copy of it is stamped; null where it says nothing. */
function markOf(answer) {
  const state = stampOf(answer);
  return state && `${MADE_BY}${state}`;
}

/** The copy of a page; signing and handing in happen on the form. */
async function copyFor(path, kept) {
  const cache = await caches.open(PAGES);
  const copy = kept ? await cache.match(path) : null;
  const [, inspection, act] = (!copy && path.match(ACTS)) || [];
  if (!inspection || !(await cache.match(`${inspection}/answers`))) return copy;
  return Response.redirect(`${inspection}/answers${act ? "#hand-in" : ""}`, 302);
}

/** Keeps a page of somebody signed in; another person's pages go first. */
async function put(path, answer, stamp) {
  const before = signOuts;
  if (answer.status !== 200 || answer.redirected) return;
  const page = await copyOf(answer, stamp);
  const owner = (await page.clone().text()).match(/<body[^>]* data-user="(\d+)"/)?.[1];
  if (!owner) return;
  if ((await ownerOf(await caches.open(PAGES))) !== owner) await caches.delete(PAGES);
  if (before !== signOuts) return; // signed out meanwhile
  const cache = await caches.open(PAGES);
  await cache.put(OWNER, new Response(owner));
  await cache.put(path, page);
}

async function ownerOf(cache) {
  return (await cache.match(OWNER))?.text();
}

/** The page, marked as a copy of this moment. */
async function copyOf(answer, stamp) {
  const headers = new Headers();
  for (const name of HEADERS) if (answer.headers.has(name)) headers.set(name, answer.headers.get(name));
  headers.set("X-Mingcha-Stamp", stamp ?? "");
  headers.set("X-Mingcha-Kept", Date.now());
  const text = await answer.text();
  return new Response(text.replace("<html ", `<html data-copy="${new Date().toISOString()}" `), { headers });
}

async function forget() {
  signOuts += 1;
  await caches.delete(PAGES);
}

/**
 * Fetches the pages of open tasks that are new or have changed; drops those of closed ones, but `own` and what was
 * kept after the list was made (`at`): it knew nothing of them.
 */
async function keep({ pages, own = [], at }) {
  const before = signOuts;
  for (const { url, stamp } of pages) {
    const mark = `${MADE_BY}${stamp}`;
    const known = await (await caches.open(PAGES)).match(url);
    if (known && (!stamp || stampOf(known) === mark)) continue;
    const answer = await fetch(url).catch(() => null);
    if (!answer || before !== signOuts) return;
    await put(url, answer, FORM.test(url) ? markOf(answer) : mark);
  }
  const open = new Set([...own, ...pages.map(({ url }) => subject(url))]);
  const cache = await caches.open(PAGES);
  for (const request of await cache.keys()) {
    const what = subject(new URL(request.url).pathname);
    if (what && !open.has(what) && keptAt(await cache.match(request)) < at) await cache.delete(request);
  }
  const files = await caches.open(FILES);
  for (const url of SHELL.later) if (!(await files.match(url))) await files.add(url);
}

function keptAt(page) {
  return Number(page?.headers.get("X-Mingcha-Kept"));
}

/** Whose page it is: an inspection's id, or a blank one's address. */
function subject(path) {
  if (path.startsWith("/inspections/blank/")) return path;
  const id = path.split("/")[2];
  return id?.length === 36 ? id : null;
}

// -- a new release ----------------------------------------------------------------------------

/** Takes the old release's place when no open page has anything half done; a silent page has. */
async function takeOver() {
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const answers = await Promise.all(windows.map(isBusy));
  if (!answers.includes(true)) await skipWaiting();
}

function isBusy(client) {
  const { port1, port2 } = new MessageChannel();
  const told = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data !== false);
  });
  client.postMessage({ type: "busy?" }, [port2]);
  return Promise.race([told, pause(ANSWER_MS).then(() => true)]);
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
