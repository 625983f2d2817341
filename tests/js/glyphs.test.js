/** The phone says what cannot be printed as the server does. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { spansOf, unprintable } from "../../static/js/fill/glyphs.js";

const { cases } = JSON.parse(readFileSync(new URL("../vectors/glyphs.json", import.meta.url)));
const LAYOUT = [9, 10, 13].map((code) => [code, code]);
const OURS = readFileSync(new URL("../../static/fonts/coverage.txt", import.meta.url), "ascii")
  .trim()
  .split("\n")
  .map((line) => line.split("-").map((code) => Number.parseInt(code, 16)))
  .map(([first, last = first]) => [first, last]);

for (const [value, strange] of cases) {
  test(`what paper cannot show of ${JSON.stringify(value)}`, () => {
    assert.deepEqual(unprintable(value, [...LAYOUT, ...OURS]), strange);
  });
}

test("the list is read as it was written", () => {
  assert.deepEqual(spansOf("9-1 3 13-5e"), [[9, 10], [13, 13], [32, 126]]);
});
