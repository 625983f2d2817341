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

export async function ask(url, options = {}) {
  const headers = { Accept: "application/json", "X-CSRFToken": meta.content, ...options.headers };
  headers["X-Language"] = document.documentElement.lang.slice(0, 2);
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", ...options, headers });
  } catch {
    throw new Offline();
  }
  const body = answer.status === 204 ? {} : await read(answer);
  if (answer.ok) return body;
  if (answer.status === 401 || body.code === "csrf") throw new SignedOut();
  if (answer.status >= 500 || answer.status === 429) throw new Offline();
  throw new Problem({ title: `HTTP ${answer.status}`, status: answer.status, ...body });
}

/** Takes the token of this person's present session over, not another's; resolves to whether there is one. */
export async function renew() {
  const page = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  const text = page?.ok ? await page.text() : "";
  const found = text.match(/name="csrf-token" content="([^"]+)"/);
  if (!found || !text.includes(` data-user="${document.body.dataset.user}"`)) return false;
  meta.content = found[1];
  return true;
}

/** What is no JSON is not the server's: a network's own sign-in page, or an answer cut short. */
async function read(answer) {
  const body = await answer.json().catch(() => null);
  if (!body) throw new Offline();
  return body;
}
