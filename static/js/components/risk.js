/**
 * data-module="risk" data-words: what is on this phone alone, and since when; louder after a day.
 * Looks again whenever the outbox has told something.
 */
import { kept, persisted, photosOf } from "../offline/store.js";

const DAY_MS = 24 * 3600 * 1000;

export default async function risk(root) {
  const words = JSON.parse(root.dataset.words);
  const look = () => show(root, words).catch((error) => console.error("risk", error));
  document.addEventListener("outbox", look);
  await look();
}

async function show(root, words) {
  const { user } = document.body.dataset;
  const changes = await kept(user);
  const photos = await photosOf(user);
  root.hidden = !(changes.length + photos);
  if (root.hidden) return;
  const oldest = Math.min(Date.now(), ...changes.map((one) => Date.parse(one.device_time)));
  const late = Date.now() - oldest > DAY_MS;
  const at = new Date(oldest).toLocaleString(document.documentElement.lang, {
    month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit",
  });
  const told = [words.here, late ? words.late : "", (await persisted()) === false ? words.unprotected : ""];
  root.querySelector("p").textContent = told
    .filter(Boolean).join(" ").replace("{n}", changes.length).replace("{m}", photos).replace("{at}", at);
  root.querySelector(".notice").className = `notice notice-${late ? "error" : "warning"}`;
  root.setAttribute("role", late ? "alert" : "status");
}
