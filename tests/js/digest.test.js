import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { digest, shownDigest } from "../../static/js/fill/digest.js";

globalThis.crypto ??= webcrypto; // Node 18 has it under this name only
const vectors = JSON.parse(readFileSync(new URL("../vectors/digests.json", import.meta.url), "utf8"));

for (const { name, value, sha256 } of vectors.json) {
  test(name, async () => assert.equal(await digest(value), sha256));
}

for (const { name, shown, sha256 } of vectors.shown) {
  test(name, async () => assert.equal(await shownDigest(shown), sha256));
}
