import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { afterEach, test } from "node:test";
import { uuid7 } from "../../static/js/offline/ids.js";

globalThis.crypto ??= webcrypto; // Node 18 has it under this name only

const now = Date.now;
afterEach(() => {
  Date.now = now;
});

test("an id is a UUID of version 7 and the usual variant", () => {
  for (let n = 0; n < 200; n += 1) {
    assert.match(uuid7(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

test("its first 48 bits are the time in milliseconds", () => {
  for (const time of [0, 1, 255, 2 ** 32 - 1, 2 ** 32, 1_767_225_600_123, 2 ** 48 - 1]) {
    Date.now = () => time;
    assert.equal(Number.parseInt(uuid7().replaceAll("-", "").slice(0, 12), 16), time);
  }
});

test("later ids sort after earlier ones", () => {
  const times = [5, 70_000, 2 ** 33, 1_767_225_600_000, 1_767_225_600_001];
  const ids = times.map((time) => {
    Date.now = () => time;
    return uuid7();
  });
  assert.deepEqual([...ids].sort(), ids);
});

test("ids of one moment differ", () => {
  Date.now = () => 1_767_225_600_000;
  assert.equal(new Set(Array.from({ length: 5000 }, uuid7)).size, 5000);
});
