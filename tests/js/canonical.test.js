import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { canonical } from "../../static/js/fill/canonical.js";

const { about, ...kinds } = JSON.parse(readFileSync(new URL("../vectors/kinds.json", import.meta.url), "utf8"));

// What no control of a page gives, or what the control itself keeps: types of JSON, and lengths.
const given = (raw) => typeof raw === "string" && raw.length < 21;

for (const [kind, { question, read, refused }] of Object.entries(kinds)) {
  const columns = question.columns && Object.fromEntries(question.columns.map((one) => [one.id, one]));
  test(`${kind}: what was typed becomes what is stored`, () => {
    for (const [raw, stored] of read) {
      assert.deepEqual(canonical(kind, raw, { ...question, columns }), stored, JSON.stringify(raw));
    }
  });
  test(`${kind}: what is refused there is no answer here`, () => {
    for (const raw of refused.filter(given)) {
      assert.equal(canonical(kind, raw, { ...question, columns }), undefined, JSON.stringify(raw));
    }
  });
}
