import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { comparison, conditions } from "../../static/js/fill/conditions.js";

const { cases } = JSON.parse(
  readFileSync(new URL("../vectors/conditions.json", import.meta.url), "utf8"),
);

for (const [expression, variables, expected] of cases) {
  test(`${expression} given ${JSON.stringify(variables)} is ${expected}`, async () => {
    const holds = await conditions([expression]);
    assert.equal(holds(expression, variables), expected);
  });
}

test("an expression that nobody announced is not true", async () => {
  const holds = await conditions([]);
  assert.equal(holds("true", {}), false);
});

test("a comparison with a constant needs no engine", () => {
  for (const simple of ["verdict == 'no'", 'verdict != "na"', " matched > 0.0 ", "a <= -1.5"]) {
    assert.ok(comparison(simple), simple);
  }
  for (const hard of ["a > b", "a == 1", "a == 'x' || b == 'y'", "a == 'it\\'s'", "!a", "a.b == 'x'"]) {
    assert.equal(comparison(hard), null, hard);
  }
});

test("the engine and the short way agree", async () => {
  for (const [expression, variables, expected] of cases) {
    if (!comparison(expression)) continue;
    const same = `(${expression})`; // brackets send it to the engine
    const holds = await conditions([same]);
    assert.equal(holds(same, variables), expected, expression);
  }
});
