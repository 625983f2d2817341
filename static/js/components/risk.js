/**
 * data-module="risk" data-words: what is on this phone alone, and since when; louder after a day.  A line
 * for each inspection says what of it waits, or was refused and why.  Looks again whenever the outbox has
 * told something.
 */
import { kept, persisted, photosOf, ring } from "../offline/store.js";

const DAY_MS = 24 * 3600 * 1000;
const KINDS = ["inspection", "change", "signature", "submission"];

export default async function risk(root) {
  const words = JSON.parse(root.dataset.words);
  if (isSecureContext && !navigator.serviceWorker) root.after(notice(root, words.system_browser));
  const look = () => show(root, words).catch((error) => console.error("risk", error));
  document.addEventListener("outbox", ({ detail }) => (detail ? location.reload() : look())); // the server's list is newer
  await look();
}

async function show(root, words) {
  const { user } = document.body.dataset;
  const entries = await kept(user);
  const photos = await photosOf(user);
  root.hidden = !(entries.length + photos);
  if (root.hidden) return;
  const oldest = Math.min(Date.now(), ...entries.map((one) => Date.parse(one.device_time)));
  const late = Date.now() - oldest > DAY_MS;
  const told = [words.here, late ? words.late : "", (await persisted()) === false ? words.unprotected : ""];
  if ((await ring.state(user)) === "plain") told.push(words.plain);
  const answers = entries.filter((one) => one.kind === "change").length;
  root.querySelector("p").textContent = told
    .filter(Boolean).join(" ").replace("{n}", answers).replace("{m}", photos).replace("{at}", clock(oldest));
  root.querySelector(".notice").className = `notice notice-${late ? "error" : "warning"}`;
  root.setAttribute("role", late ? "alert" : "status");
  const lines = [...new Set(entries.map((one) => one.inspection))].map((id) => line(root, id, entries, words));
  root.querySelector("ul").replaceChildren(root.querySelector("template"), ...lines);
}

/** One inspection: a link to its form, what waits, and why something was refused. */
function line(root, id, all, words) {
  const entries = all.filter((one) => one.inspection === id);
  const item = root.querySelector("template").content.firstElementChild.cloneNode(true);
  const link = item.querySelector("a");
  const { unit, title } = entries.find((one) => one.shown)?.shown ?? {};
  link.href = `/inspections/${id}/answers`;
  link.textContent = unit ?? document.querySelector(`.card-title a[href*="${id}"]`)?.textContent ?? words.one;
  const counts = KINDS.map((kind) => [kind, entries.filter((one) => one.kind === kind).length]);
  const told = [title, ...counts.map(([kind, n]) => (n ? words[kind].replace("{n}", n) : ""))];
  item.querySelector(".meta").textContent = told.filter(Boolean).join(" · ");
  const refused = entries.find((one) => one.status === "refused");
  item.querySelector(".status-bad").hidden = !refused;
  item.querySelector(".status-off").hidden = Boolean(refused);
  if (refused) item.querySelector(".error").textContent = [refused.problem?.title, refused.problem?.remedy].filter(Boolean).join(" ");
  return item;
}

function notice(root, text) {
  const made = root.querySelector(".notice").cloneNode(true);
  made.querySelector("p").textContent = text;
  return made;
}

function clock(at) {
  return new Date(at).toLocaleString(document.documentElement.lang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
}
