/**
 * The PIN: asked for in front of the page, which stays as it is beneath, and set.
 * After too many wrong ones what is here goes (custody.js).
 */
import { wipe } from "./custody.js";
import { complain, done, pressed, show } from "./dialogs.js";
import { passkeySecret } from "./passkey.js";
import { ring } from "./store.js";
import { Closed } from "./vault.js";

const LENGTH_LEAST = 6;
const WARN_BELOW = 6; // tries left

let asking;

/** Resolves to the key's bytes when the person has opened the vault. */
export function unlocked(user) {
  asking ??= asked(user).finally(() => {
    asking = undefined;
  });
  return asking;
}

async function asked(user) {
  if (!document.body.dataset.rescue) throw new Closed(user); // a page of nobody's
  const box = await show("unlock");
  const ways = await ring.ways(user);
  box.querySelector('[data-act="passkey"]').hidden = !ways.passkey;
  warn(box, ways.left);
  const opened = await new Promise((resolve, reject) => {
    box.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      attempt(box, user).then((raw) => raw && resolve(raw)).catch(reject);
    });
    box.querySelector('[data-act="passkey"]').addEventListener("click", () => {
      byPasskey(user, ways.passkey).then(resolve).catch((error) => console.info("passkey", error));
    });
    box.querySelector('[data-act="forgotten"]').addEventListener("click", () => gone(box, user).catch(reject));
  });
  done(box);
  return opened;
}

async function attempt(box, user) {
  const controls = box.querySelectorAll("input, [type=submit]");
  const [input] = controls;
  for (const one of controls) one.disabled = true;
  try {
    return await ring.enter(user, input.value);
  } catch (error) {
    if (!(error instanceof Closed)) throw error;
    if (error.left <= 0) await gone(box, user);
    complain(box, "wrong");
    warn(box, error.left);
    return null;
  } finally {
    input.value = "";
    for (const one of controls) one.disabled = false;
    input.focus();
  }
}

function warn(box, left) {
  if (left < WARN_BELOW) complain(box, "few", { n: left });
}

async function byPasskey(user, passkey) {
  return ring.enterBySecret(user, await passkeySecret(passkey));
}

/** The PIN is lost: nobody opens it here any more.  Ends on the page for signing in. */
async function gone(box, user) {
  const rescue = await wipe(user, { forgotten: true });
  done(box);
  const told = await show("gone", { places: { n: rescue?.count ?? 0 } });
  told.querySelector("[data-some]").hidden = !rescue;
  await pressed(told);
  signOut();
  await new Promise(() => {}); // the page goes
}

/** The session must not outlive what it protected. */
export function signOut() {
  const form = document.querySelector('form[action$="/sign-out"]');
  if (form) form.submit();
  else location.assign("/sign-in");
}

/** Asks for a new PIN, twice; resolves to whether it was set. */
export async function choosePin(user, { must = false } = {}) {
  const box = await show("choose", { mayLeave: !must });
  box.querySelector('[data-act="later"]').hidden = must;
  const set = await new Promise((resolve) => {
    box.querySelector('[data-act="later"]').addEventListener("click", () => resolve(false));
    box.addEventListener("close", () => must || resolve(false));
    box.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const [first, second] = [...box.querySelectorAll("input")].map((input) => input.value);
      if (first.length < LENGTH_LEAST || /^(.)\1*$/.test(first)) complain(box, "weak", { n: LENGTH_LEAST });
      else if (first !== second) complain(box, "differ");
      else ring.setPin(user, first).then(() => resolve(true));
    });
  });
  if (box.isConnected) done(box);
  if (set) document.dispatchEvent(new Event("vault:changed"));
  return set;
}
