import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { refusalOf } from "../../static/js/fill/team.js";

const cases = JSON.parse(readFileSync(new URL("../vectors/team.json", import.meta.url), "utf8"));

for (const { name, unit, inspectors, by, refusal } of cases) {
  test(name, () => assert.equal(refusalOf(unit, inspectors, by), refusal));
}
