/**
 * What the answers to a checklist still lack; pure functions, the twin of
 * webapp/checklists/rules.py.  tests/vectors/missing.json holds both to the same answers.
 *
 * `questions` is what the server wrote into the page, in form order:
 * {id, item, section, kind, required?, requiredIf?, shownIf?, columns?}.  `answers` maps ids to
 * canonical values, `day` is an ISO date, `holds` comes from conditions.js.
 */

/** Returns every expression of the questions, for conditions(). */
export function expressionsOf(questions) {
  return questions.flatMap((q) => [q.requiredIf, q.shownIf].filter(Boolean));
}

/** Says whether a canonical value stands for "not answered". */
export function isEmpty(value) {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Returns the Set of ids of the questions that are asked, given the answers so far. */
export function shown(questions, answers, day, holds) {
  const ids = new Set(questions.map((q) => q.id));
  for (const block of blocks(questions)) {
    for (const id of look(block, answers, day, holds).hidden) ids.delete(id);
  }
  return ids;
}

/** Returns what must still be answered: {question_id, item_id, section_id, reason}, in form order. */
export function missing(questions, answers, day, holds) {
  return blocks(questions)
    .flatMap((block) => wanted(block, answers, day, holds))
    .filter(([q]) => !answered(q, answers))
    .map(([q, reason]) => ({
      question_id: q.id,
      item_id: q.item ?? null,
      section_id: q.section,
      reason,
    }));
}

/** Returns how far each section is: {section_id, done, total}; sections without questions are 0/0. */
export function progress(questions, answers, day, holds) {
  const sections = new Map();
  for (const block of blocks(questions)) {
    const id = block[0].section;
    const part = sections.get(id) ?? { section_id: id, done: 0, total: 0 };
    sections.set(id, part);
    for (const [q] of wanted(block, answers, day, holds)) {
      part.total += 1;
      part.done += answered(q, answers) ? 1 : 0;
    }
  }
  return [...sections.values()];
}

/** Returns the day of the visit, as CEL's `day`: when it began, else today. */
export function dayOf(answers, now = new Date()) {
  return (answers["visit.started_at"] ?? now.toISOString()).slice(0, 10);
}

/** Returns the ids of the questions that must be answered, answered or not. */
export function required(questions, answers, day, holds) {
  return new Set(
    blocks(questions).flatMap((block) => wanted(block, answers, day, holds).map(([q]) => q.id)),
  );
}

/** Returns what the expressions of one block see: answers by local id, `verdict` and `day`. */
export function variablesOf(block, answers, day, holds) {
  return look(block, answers, day, holds).variables;
}

/** Returns the groups of questions whose expressions see one another: an item, or plain ones. */
export function blocks(questions) {
  const groups = [];
  let last = null;
  for (const q of questions) {
    if (last && last[0].section === q.section && (last[0].item ?? null) === (q.item ?? null)) {
      last.push(q);
    } else {
      last = [q];
      groups.push(last);
    }
  }
  return groups;
}

const NUMBERS = new Set(["integer", "decimal", "money"]);

function cel(kind, value, columns) {
  if (NUMBERS.has(kind)) return Number(value);
  if (kind !== "table") return value;
  return value.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([key, cell]) => [key, cel(columns?.[key]?.kind, cell)]),
    ),
  );
}

function local(q) {
  return q.id === q.item ? "verdict" : q.id.slice(q.id.lastIndexOf(".") + 1);
}

/** Whether a question is shown hangs on those above it only, so one pass settles it. */
function look(block, answers, day, holds) {
  const variables = { day };
  const hidden = new Set();
  if (!block.some((q) => q.shownIf || q.requiredIf)) return { variables, hidden };
  for (const q of block) {
    if (q.shownIf && !holds(q.shownIf, variables)) {
      hidden.add(q.id);
    } else if (!isEmpty(answers[q.id])) {
      variables[local(q)] = cel(q.kind, answers[q.id], q.columns);
    }
  }
  return { variables, hidden };
}

/** Returns [question, reason] for each question of a block that must be answered. */
function wanted(block, answers, day, holds) {
  const verdict = block[0].item ? answers[block[0].id] : null;
  if (verdict === "na") return [[block[0], "required"]];
  const { variables, hidden } = look(block, answers, day, holds);
  const found = [];
  for (const q of block) {
    if (hidden.has(q.id)) continue;
    const asked = q.required || (q.requiredIf && holds(q.requiredIf, variables));
    // a row that was begun must be finished, though the table itself may be left out
    const half = !isEmpty(answers[q.id]) && !isComplete(q, answers[q.id]);
    const reason = asked || half ? "required" : verdict === "no" && askedByFailing(q, answers);
    if (reason) found.push([q, reason]);
  }
  return found;
}

function askedByFailing(q, answers) {
  if (local(q) === "description") return "description";
  if (local(q) === "evidence_note" && isEmpty(answers[`${q.item}.photos`])) return "evidence";
  return null;
}

function answered(q, answers) {
  return !isEmpty(answers[q.id]) && isComplete(q, answers[q.id]);
}

function isComplete(q, value) {
  if (q.kind !== "table") return true;
  const needed = Object.entries(q.columns ?? {}).filter(([, column]) => column.required);
  return value.every((row) => needed.every(([id]) => id in row));
}
