/**
 * Watches over what this phone keeps, on every page of somebody who fills in: locks it when nobody is
 * there, wipes it when it may not stay, tells the server how much waits, and asks before signing out.
 */
import { ask, lastContact, Offline, Problem, SignedOut } from "./door.js";
import { rescues, unsent } from "./leaving.js";
import { part } from "./parts.js";
import { idle, note, noted, touch } from "./ring.js";
import { device, isAlone, ring } from "./store.js";

const LOOK_MS = 20_000;
const TOUCH_MS = 10_000;
const TELL_MS = 5 * 60_000;
const DAY_MS = 24 * 3600 * 1000;
const LATER = "mingcha-pin-later";
const NO_NEWS = Number.MAX_SAFE_INTEGER; // a message that only tells, and asks for nothing

// Seldom needed, and then the worker has them; without one they come at once, for later there may be no connection.
const custody = () => import("./custody.js");
const dialogs = () => import("./dialogs.js");
const lock = () => import("./lock.js"); // brings the other two

export async function start({ user, days, must }) {
  if (!navigator.serviceWorker) Promise.all([lock(), part("dialogs")]).catch((error) => console.info("lock", error));
  watch(user);
  document.addEventListener("store:alone", () => offer(user, must).catch(unlessOffline));
  if (isAlone()) offer(user, must).catch(unlessOffline);
  document.addEventListener("device:revoked", () => revoked(user));
  document.addEventListener("vault:locked", () => unlock(user));
  document.querySelector('form[action$="/sign-out"]')?.addEventListener("submit", (event) => leave(event, user));
  addEventListener("online", () => contact(user));
  if (Date.now() - lastContact() > Number(days) * DAY_MS) await expired(user);
  if ((await ring.state(user)) === "locked") await unlock(user);
  await tellLeft(user).catch(unlessOffline);
  contact(user);
}

/** What cannot be shown without the server is shown by a later page. */
function unlessOffline(error) {
  if (!(error instanceof Offline)) throw error;
}

/** What lies in rescue files is on no page before it is sent: nobody need fill it in again. */
async function tellLeft(user) {
  const count = (await rescues(user)).reduce((sum, file) => sum + file.count, 0);
  if (!count) return;
  const strip = (await part("dialogs")).content.querySelector(".sealed-up");
  strip.querySelector("p").textContent = strip.querySelector("p").textContent.replace("{n}", count);
  document.querySelector(".page-head").after(strip);
}

// -- locking ----------------------------------------------------------------------------------

function watch(user) {
  let touched = 0;
  const there = () => {
    if (Date.now() - touched < TOUCH_MS || idle()) return;
    touched = Date.now();
    touch();
  };
  for (const name of ["pointerdown", "keydown", "input"]) addEventListener(name, there, { capture: true, passive: true });
  const look = () => idle() && close(user).catch((error) => console.error("lock", error));
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
}

/** Locks a vault that has a PIN, and asks for it; the page beneath stays as it is. */
export async function close(user) {
  if (!(await ring.ways(user)).pin || document.querySelector('dialog[data-name="unlock"]')) return;
  await ring.lock(user);
  await unlock(user);
}

async function unlock(user) {
  return (await lock()).unlocked(user);
}

/** The first time that something is on this phone alone: a PIN is offered, or asked for by policy. */
async function offer(user, must) {
  if ((await ring.state(user)) !== "device" || document.querySelector(".offer")) return;
  if (must !== undefined) {
    const { choosePin } = await lock();
    await choosePin(user, { must: true });
    return;
  }
  if (Date.now() - Number(noted(LATER) ?? 0) < 7 * DAY_MS) return;
  const strip = (await part("dialogs")).content.querySelector(".offer");
  document.querySelector(".page-head").after(strip); // in the page's flow: nothing is covered
  const [{ pressed }, { choosePin }] = await Promise.all([dialogs(), lock()]);
  const act = await pressed(strip);
  strip.remove();
  if (act !== "set" || !(await choosePin(user))) note(LATER, String(Date.now()));
}

// -- the server -------------------------------------------------------------------------------

/** Says how much waits, at most once in five minutes, and sends rescue files that were left. */
async function contact(user) {
  try {
    if (navigator.onLine === false) return;
    if ((await rescues(user)).length && (await (await custody()).sendRescues(user))) {
      if (document.querySelector(".sealed-up")) location.reload(); // now the server has what this page does not show
      else document.dispatchEvent(new Event("outbox"));
    }
    await ring.renewEscrow(user, JSON.parse(document.body.dataset.rescue));
    if (Date.now() - Number(sessionStorage.getItem("mingcha-told") ?? 0) < TELL_MS) return;
    await tell(user);
    sessionStorage.setItem("mingcha-told", String(Date.now()));
  } catch (error) {
    if (error instanceof SignedOut) await standing(user);
    else if (error instanceof Problem) console.info("contact", error.message);
  }
}

/** How much only this phone has: {count, oldest}. */
export async function queue(user) {
  const { entries, photos } = await unsent(user);
  const oldest = entries.map((one) => one.device_time).sort()[0] ?? null;
  return { count: entries.length + photos.length, oldest };
}

async function tell(user) {
  const { count, oldest } = await queue(user);
  const told = { device: await device(), cursor: NO_NEWS, items: [], queue: { waiting: count, oldest } };
  const headers = { "Content-Type": "application/json" };
  await ask("/api/v1/sync", { method: "POST", headers, body: JSON.stringify(told) });
}

/** A session that ended may mean that the device was revoked. */
async function standing(user) {
  const { revoked: whose } = await ask(`/api/v1/devices/${await device()}`).catch(() => ({ revoked: [] }));
  if (whose.includes(Number(user))) await revoked(user);
}

// -- wiping -----------------------------------------------------------------------------------

let leaving = false;

/** An administrator has revoked this device: what is unsent is offered as a file, the rest goes. */
async function revoked(user) {
  if (leaving) return;
  leaving = true;
  const [{ save, wipe }, { pressed, show }, { signOut }] = await Promise.all([custody(), dialogs(), lock()]);
  const rescue = await wipe(user, { forgotten: true });
  const box = await show("revoked", { places: { n: rescue?.count ?? 0 } });
  for (const part of box.querySelectorAll("[data-some]")) part.hidden = !rescue;
  while ((await pressed(box)) === "save") save(rescue);
  signOut();
}

/** Nobody has been heard of for too long. */
async function expired(user) {
  const [{ wipe }, { done, pressed, show }] = await Promise.all([custody(), dialogs()]);
  const rescue = await wipe(user, { forgotten: true });
  const box = await show("expired", { places: { n: rescue?.count ?? 0 } });
  box.querySelector("[data-some]").hidden = !rescue;
  touch();
  await pressed(box);
  done(box);
}

/** Signing out wipes; what is unsent is asked about first. */
async function leave(event, user) {
  event.preventDefault();
  const { count } = await queue(user);
  if (count && !(await asked(user, count))) return;
  else if (!count) await (await custody()).wipe(user);
  event.target.submit();
}

async function asked(user, count) {
  const [{ wipe }, { done, pressed, show }] = await Promise.all([custody(), dialogs()]);
  const plain = (await ring.state(user)) === "plain";
  const box = await show(plain ? "leave-plain" : "leave", { places: { n: count }, mayLeave: true });
  const act = await Promise.race([pressed(box), new Promise((resolve) => box.addEventListener("close", () => resolve("stay")))]);
  if (act !== "stay") await wipe(user, { discard: act === "discard" });
  if (box.isConnected) done(box);
  return act !== "stay";
}
