/** data-module="privacy": how this phone keeps what is on it; a PIN, a passkey, a rescue file. */
import { made, save } from "../offline/custody.js";
import { close, queue } from "../offline/guard.js";
import { choosePin } from "../offline/lock.js";
import { makePasskey, possible } from "../offline/passkey.js";
import { ring } from "../offline/store.js";

export default async function privacy(root) {
  const { user } = document.body.dataset;
  const look = () => show(root, user);
  document.addEventListener("vault:changed", look);
  root.addEventListener("click", ({ target }) => {
    const act = target.closest("[data-act]")?.dataset.act;
    if (act) ACTS[act](root, user).then(look).catch((error) => (console.error(act, error), say(root, "failed")));
  });
  await look();
  root.hidden = false;
}

const ACTS = {
  pin: async (_root, user) => choosePin(user),
  lock: async (_root, user) => close(user),
  async passkey(root, user) {
    const passkey = await makePasskey(user, root.dataset.person);
    if (passkey) await ring.setPasskey(user, passkey);
    say(root, passkey ? "added" : "no-secret");
  },
  async save(root, user) {
    const file = await made(user);
    if (file) save(file);
    say(root, file ? "saved" : "nothing");
  },
};

async function show(root, user) {
  const state = await ring.state(user);
  const { pin, passkey } = await ring.ways(user);
  const { count } = await queue(user);
  for (const part of root.querySelectorAll("[data-state]")) {
    part.hidden = !part.dataset.state.split(" ").includes(pin ? "pin" : state === "plain" ? "plain" : "device");
  }
  root.querySelector('[data-act="passkey"]').hidden = !pin || Boolean(passkey) || !(await possible());
  root.querySelector('[data-act="save"]').hidden = !count || state === "plain";
  const waits = root.querySelector(".waits");
  waits.hidden = !count;
  waits.textContent = root.dataset.waits.replace("{n}", count);
}

function say(root, name) {
  const line = root.querySelector('[role="status"]');
  line.textContent = root.querySelector(`[data-said="${name}"]`).textContent;
}
