/**
 * data-module="rescues" on a page of nobody's: rescue files that wait on this phone, to be saved.  It also
 * asks whether this device was revoked meanwhile; then what is kept here goes.
 */
import { save, wipe } from "../offline/custody.js";
import { people, rescues } from "../offline/leaving.js";
import { device } from "../offline/store.js";

export default async function component(root) {
  await look().catch((error) => console.info("standing", error));
  const list = root.querySelector("ul");
  for (const file of await rescues()) {
    const line = root.querySelector("template").content.firstElementChild.cloneNode(true);
    const at = new Date(file.made_at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    const words = line.querySelector("span");
    words.textContent = words.textContent.replace("{n}", file.count).replace("{at}", at);
    line.querySelector("button").addEventListener("click", () => save(file));
    list.append(line);
  }
  root.hidden = !list.children.length;
}

async function look() {
  const here = await people();
  if (!here.length) return;
  const answer = await fetch(`/api/v1/devices/${await device()}`, { headers: { Accept: "application/json" } });
  const { revoked } = await answer.json();
  for (const user of here) if (revoked.includes(Number(user))) await wipe(user, { forgotten: true });
}
