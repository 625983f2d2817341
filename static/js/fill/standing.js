/** Where an inspection stands, computed on the phone: what is missing, who has signed what is shown, who has not. */
import { describe, read } from "./answers.js";
import { canonical } from "./canonical.js";
import { conditions } from "./conditions.js";
import { shownDigest } from "./digest.js";
import { printable, unprintable } from "./glyphs.js";
import { dayOf, expressionsOf, missing } from "./missing.js";

/** `page`: the fill form (components/fill.js); `entries`: the journal's of this inspection. */
export async function standingOf({ form, inspection, hand }, entries) {
  const questions = describe(form);
  const { answers, wrong } = answersOf(form, questions);
  const holds = await conditions(expressionsOf(questions));
  const { checklist, unit, team } = hand;
  const inspectors = team.map((one) => one.id);
  const digest = await shownDigest({ inspection, checklist, unit, inspectors, answers });
  const given = signaturesOf(hand, entries, digest);
  const left = new Map(wrong.map((id) => [id, "wrong"]));
  for (const one of missing(questions, answers, dayOf(answers), holds)) if (!left.has(one.question_id)) left.set(one.question_id, one.reason);
  const spans = await printable(form.dataset.glyphs);
  for (const [id, value] of Object.entries(spans ? answers : {})) if (unprintable(value, spans).length) left.set(id, "unprintable");
  for (const one of entries) if (one.kind === "change" && one.status !== "waiting" && one.status !== "sent") left.set(one.question, one.status);
  for (const clash of form.querySelectorAll(".clash")) {
    const root = clash.closest("[data-q]");
    if (!entries.some((one) => one.question === root.dataset.q && one.settles?.length)) left.set(root.dataset.q, "conflict");
  }
  return { digest, given, left, unsigned: unsigned(team, given) };
}

/** Every answer as it will be stored, and the ids of those that are none. */
function answersOf(form, questions) {
  const roots = new Map([...form.querySelectorAll("[data-q]")].map((root) => [root.dataset.q, root]));
  const answers = {};
  const wrong = [];
  for (const { id, kind, columns } of questions) {
    const { min, max } = roots.get(id).dataset;
    const bounds = { ...(min && { minimum: Number(min) }), ...(max && { maximum: Number(max) }) };
    const value = canonical(kind, read(roots.get(id)), { columns, ...bounds });
    if (value === undefined) wrong.push(id);
    else if (value !== null) answers[id] = value;
  }
  return { answers, wrong };
}

/** The newest signature of each signer, of those that hold and of those that do not. */
function signaturesOf(hand, entries, digest) {
  const here = entries
    .filter((one) => one.kind === "signature")
    .map(({ body, status, sent_at, problem }) => ({ ...body, status, sent_at, problem }));
  const newest = new Map();
  for (const one of [...hand.given.map((signed) => ({ ...signed, status: "sent" })), ...here]) {
    const holds = one.digest === digest && one.status !== "refused";
    const key = `${one.role} ${one.signer}`;
    if (holds || !newest.get(key)?.holds) newest.set(key, { ...one, holds });
  }
  return [...newest.values()];
}

/** Whose valid signature is missing: each inspector, and the unit's (or its refusal). */
function unsigned(team, given) {
  const holds = (role, id) => given.some((one) => one.holds && one.role === role && (role === "unit" || one.signer === id));
  const people = team.filter((one) => !holds("inspector", one.id)).map((one) => ({ role: "inspector", ...one }));
  return holds("unit") ? people : [...people, { role: "unit", id: null, name: "", position: "" }];
}
