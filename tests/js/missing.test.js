import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { conditions } from "../../static/js/fill/conditions.js";
import {
  blocks,
  expressionsOf,
  isEmpty,
  missing,
  progress,
  required,
  shown,
  variablesOf,
} from "../../static/js/fill/missing.js";

const { questions, cases, day } = JSON.parse(
  readFileSync(new URL("../vectors/missing.json", import.meta.url), "utf8"),
);
const holds = await conditions(expressionsOf(questions));

for (const { name, answers, ...expected } of cases) {
  test(name, () => {
    const asked = shown(questions, answers, day, holds);
    const hidden = questions.map((q) => q.id).filter((id) => !asked.has(id));
    const found = missing(questions, answers, day, holds);
    assert.deepEqual(
      found.map((m) => [m.question_id, m.item_id, m.section_id, m.reason]),
      expected.missing,
    );
    assert.deepEqual(hidden, expected.hidden);
    assert.deepEqual(
      progress(questions, answers, day, holds).map((p) => [p.section_id, p.done, p.total]),
      expected.progress,
    );
    for (const m of found) assert.ok(required(questions, answers, day, holds).has(m.question_id));
  });
}

test("numbers in strings become doubles, in cells too", () => {
  const trips = blocks(questions).find((block) => block[0].id === "XX-04");
  const answers = { "XX-04": "yes", "XX-04.trips": [{ row: "0", km: "12.5" }] };
  assert.deepEqual(variablesOf(trips, answers, day, holds).trips, [{ row: "0", km: 12.5 }]);
});

test("zero is an answer; empty text, lists and maps are not", () => {
  assert.equal(isEmpty(0), false);
  for (const nothing of [null, undefined, "", [], {}]) assert.equal(isEmpty(nothing), true);
});

test("sixty items take less than a frame", () => {
  const many = Array.from({ length: 15 }, (_, n) =>
    questions.map((q) => ({
      ...q,
      id: q.id.replace("XX-", `X${n}-`),
      item: q.item?.replace("XX-", `X${n}-`) ?? null,
    })),
  ).flat();
  const times = Array.from({ length: 10 }, () => {
    const start = performance.now();
    missing(many, {}, day, holds);
    return performance.now() - start;
  });
  assert.ok(Math.min(...times) < 16);
});
