/**
 * Opens an inspection from the phone: kept here first, then sent, so that it works without a network.
 * The page to fill in is the blank one of its checklist, which the worker keeps, with the new id in it.
 * Where there is no worker the plain form goes to the server.
 */
import { refusalOf } from "../fill/team.js";
import { copied, why } from "../offline/database.js";
import { uuid7 } from "../offline/ids.js";
import { Outbox } from "../offline/outbox.js";
import { add, journal, settle } from "../offline/store.js";

const PAGES = "mingcha-pages";
const NOBODY = "00000000-0000-0000-0000-000000000000";
const PATIENCE_MS = 4000;

export default function opening(root) {
  const form = document.getElementById(root.dataset.form);
  const told = Object.fromEntries(["checklists", "team", "words"].map((name) => [name, JSON.parse(root.dataset[name])]));
  const date = form.elements.planned_on;
  if (document.documentElement.dataset.copy && date) date.value = today(); // the copy may be of another day
  form.addEventListener("submit", (event) => {
    if (!navigator.serviceWorker?.controller) return;
    event.preventDefault();
    open(form, told).catch((error) => {
      console.error("opening", error);
      complain(form, "checklist", told.words[why(error)]);
    });
  });
}

async function open(form, { checklists, team, words }) {
  const { user } = document.body.dataset;
  const body = bodyOf(form, checklists);
  const wrong = wrongWith(body, team, Number(user));
  if (wrong) {
    complain(form, wrong[0], words[wrong[1]]);
    return;
  }
  const page = await (await caches.open(PAGES)).match(checklists[body.checklist].blank);
  if (!page) {
    form.submit();
    return;
  }
  const item = await kept(user, body, { unit: labelOf(form, "unit", body.unit), title: labelOf(form, "checklist", body.checklist), team: body.inspectors.map((id) => team.find((one) => one.id === id)) });
  await Promise.all([put(page, item.id), copied()]);
  const problem = await sent(user, item.id);
  if (problem) complain(form, fieldOf(form, problem), [problem.title, problem.remedy].filter(Boolean).join(" "));
  else location.assign(`/inspections/${item.id}/answers`);
}

function bodyOf(form, checklists) {
  const data = new FormData(form);
  const checklist = data.get("checklist");
  return {
    checklist,
    version: checklists[checklist]?.version,
    unit: Number(data.get("unit")),
    inspectors: data.getAll("inspectors").map(Number),
    planned_on: data.get("planned_on") || null,
  };
}

/** [field, name of the words] of what the server would refuse too. */
function wrongWith({ checklist, unit, inspectors }, team, user) {
  if (!checklist) return ["checklist", "checklist"];
  if (!unit) return ["unit", "unit"];
  const units = Object.fromEntries(team.filter((one) => inspectors.includes(one.id)).map((one) => [one.id, one.unit]));
  const code = refusalOf(unit, units, user);
  return code && ["inspectors", code];
}

/** Puts the opening into the journal; one that was refused (its id stands behind #) is mended in its place. */
async function kept(user, body, shown) {
  const earlier = (await journal(user, location.hash.slice(1) || NOBODY)).find((one) => one.kind === "inspection" && one.status === "refused");
  if (earlier) {
    const { problem, ...rest } = earlier;
    const mended = { ...rest, body, shown, status: "waiting" };
    await settle([mended]);
    return mended;
  }
  const id = uuid7();
  const item = { id, kind: "inspection", inspection: id, user, body, shown, device_time: new Date().toISOString() };
  await add(item);
  return item;
}

async function put(page, id) {
  const text = (await page.text()).replaceAll(NOBODY, id).replace(/ data-copy="[^"]*"/, "");
  const headers = new Headers(page.headers);
  headers.set("X-Mingcha-Stamp", "own");
  headers.set("X-Mingcha-Kept", Date.now());
  await (await caches.open(PAGES)).put(`/inspections/${id}/answers`, new Response(text, { headers }));
}

/** Sends it if the server is near; resolves to its refusal, which is then forgotten: the form still says it all. */
async function sent(user, id) {
  let refused = null;
  const outbox = new Outbox(user, ({ entry, status, problem }) => {
    if (entry?.id === id && status === "refused") refused = problem;
  });
  await Promise.race([outbox.send(), new Promise((done) => setTimeout(done, PATIENCE_MS))]);
  if (!refused) return null;
  const entries = await journal(user, id);
  if (entries.length === 1) await settle([], entries);
  return refused;
}

function fieldOf(form, { field }) {
  return form.elements[field] ? field : "inspectors";
}

function labelOf(form, name, value) {
  const input = form.querySelector(`[name="${name}"][value="${CSS.escape(String(value))}"]`);
  return input?.labels[0]?.textContent.trim() ?? "";
}

/** Says above the form and beside the field what is wrong with it, as the server does. */
function complain(form, name, words) {
  for (const old of form.querySelectorAll(".error, .error-summary")) old.remove();
  for (const one of form.querySelectorAll(".field-wrong")) one.classList.remove("field-wrong");
  const field = (form.elements[name][0] ?? form.elements[name]).closest(".field");
  const label = field.querySelector("legend, label");
  const summary = document.querySelector('[data-module~="opening"] > template').content.firstElementChild.cloneNode(true);
  const link = summary.querySelector("a");
  link.href = `#${name}`;
  link.textContent = [label.textContent.trim(), words].join("：");
  form.prepend(summary);
  field.classList.add("field-wrong");
  label.after(Object.assign(document.createElement("p"), { className: "error", id: `${name}-error`, textContent: words }));
  summary.focus();
}

function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
