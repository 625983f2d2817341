/**
 * Requests to this site's API with what the server asks of a browser.  Throws Offline when there is
 * no connection (try again later), SignedOut when the session ended (nothing is lost), else Problem.
 */
export class Offline extends Error {}
export class SignedOut extends Error {}
export class Problem extends Error {
  constructor(body) {
    super(body.title);
    this.body = body;
  }
}

const meta = document.querySelector('meta[name="csrf-token"]');
const PATIENCE_MS = 45_000;
const CONTACT = "mingcha-contact";
const LATER = new Set(["stale"]); // two at once: the same again is taken

/** A copy of a page has an old token: a new one is asked for once before the session counts as ended. */
export async function ask(url, options) {
  try {
    return await asked(url, options);
  } catch (error) {
    if (!(error instanceof SignedOut) || !(await renew())) throw error;
    return asked(url, options);
  }
}

/** What is not this server's JSON (a hotel's sign-in page, half an answer) is no answer. */
async function asked(url, options = {}) {
  const headers = { Accept: "application/json", "X-CSRFToken": meta.content, ...options.headers };
  headers["X-Language"] = document.documentElement.lang.slice(0, 2);
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(url, { credentials: "same-origin", ...options, headers, signal: patience.signal });
    const body = await answer.json();
    lastContact(Date.now());
    if (answer.ok) return body;
    refuse(answer.status, body);
  } catch (error) {
    if (error instanceof Problem || error instanceof SignedOut) throw error;
    throw new Offline();
  } finally {
    clearTimeout(timer);
  }
}

function refuse(status, body) {
  if (status === 401 || body.code === "csrf") throw new SignedOut();
  if (status >= 500 || status === 429 || LATER.has(body.code) || !body.code) throw new Offline();
  if (body.code === "device_revoked") document.dispatchEvent(new Event("device:revoked")); // guard.js
  throw new Problem({ status, ...body });
}

/** When the server was last heard of; now, where nobody remembers, and when it is heard of `now`. */
export function lastContact(now) {
  try {
    const known = now ?? localStorage.getItem(CONTACT) ?? Date.now();
    localStorage.setItem(CONTACT, String(known));
    return Number(known);
  } catch {
    return Date.now(); // a browser that remembers nothing
  }
}

/** Takes the token of this person's present session over, not another's; resolves to whether there is one. */
async function renew() {
  const page = await fetch("/diag", { credentials: "same-origin" }).catch(() => null);
  const text = page?.ok ? await page.text() : "";
  const found = text.match(/name="csrf-token" content="([^"]+)"/);
  if (!found || !text.includes(` data-user="${document.body.dataset.user}"`)) return false;
  meta.content = found[1];
  return true;
}
