/**
 * The only script a page names.  It marks the page as scripted and loads, for each element with
 * data-module="name", components/name.js, whose default export takes that element.
 * A component that fails leaves the page as the server made it.
 */
import menu from "./components/menu.js";
import { start } from "./offline/shell.js";

const HERE = { menu }; // on every page
const NOTES = ["mingcha-waiting", "mingcha-contact"]; // of store and door: something has been kept here
const idle = globalThis.requestIdleCallback ?? setTimeout;
const isForm = Boolean(document.querySelector('[data-module~="form"]'));

document.documentElement.classList.add("js");

for (const root of document.querySelectorAll("[data-module]")) {
  for (const name of root.dataset.module.split(" ")) {
    load(name)
      .then((component) => component(root))
      .catch((error) => console.error(name, error));
  }
}

const guarding = guard()
  .catch((error) => console.error("guard", error))
  .finally(() => document.documentElement.classList.remove("guarded"));
sendWhatWaits();
document.addEventListener("store:returned", sendWhatWaits);
if (document.body.dataset.user) start(document.body.dataset, isForm);

async function load(name) {
  return HERE[name] ?? (await import(`./components/${name}.js`)).default;
}

/**
 * Who fills in: what is kept here is watched over, from the first thing on; behind a PIN before the page is seen,
 * else when it has come to rest.
 */
async function guard() {
  if (!document.body.dataset.rescue) return;
  if (localStorage.getItem("mingcha-locks")) document.documentElement.classList.add("guarded");
  else if (NOTES.some((name) => localStorage.getItem(name))) await new Promise((resolve) => idle(resolve));
  else {
    document.addEventListener("store:kept", () => watch().catch((error) => console.error("guard", error)), { once: true });
    return;
  }
  await watch();
}

async function watch() {
  const loaded = await import("./offline/guard.js").catch((error) => console.info("guard", error)); // the page is being left
  await loaded?.start(document.body.dataset);
}

/** What was done without a connection is sent from whichever page is opened next. */
async function sendWhatWaits() {
  const { user } = document.body.dataset;
  if (!user || isForm) return;
  try {
    await guarding; // a request made before would pass for a phone that was never out of touch
    if (localStorage.getItem("mingcha-waiting") !== "1") return;
    const { Outbox } = await import("./offline/outbox.js");
    let moved = false; // the lists of this page are no longer true
    const outbox = new Outbox(user, ({ entry, status, state }) => {
      moved ||= Boolean(entry) && entry.kind !== "change" && status !== "refused";
      document.dispatchEvent(new CustomEvent("outbox", { detail: state === "clear" && moved }));
    });
    await outbox.send();
  } catch (error) {
    console.error("outbox", error);
  }
}
