import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import * as vault from "../../static/js/offline/vault.js";

globalThis.crypto ??= webcrypto; // Node 18 has it under this name only

const ROUNDS = 1000; // enough to tell right from wrong
const text = (buffer) => new TextDecoder().decode(buffer);
const bytes = (words) => new TextEncoder().encode(words);

async function fresh() {
  const raw = vault.newKey();
  return { raw, key: await vault.usable(raw) };
}

test("what was sealed opens again, and reads like nothing meanwhile", async () => {
  const { key } = await fresh();
  const sealed = await vault.sealJson(key, { v: "超编 2 辆" }, "GC-01");
  assert.doesNotMatch(text(sealed.data), /超编/);
  assert.deepEqual(await vault.openJson(key, sealed, "GC-01"), { v: "超编 2 辆" });
});

test("the same value sealed twice reads differently", async () => {
  const { key } = await fresh();
  const [one, two] = [await vault.seal(key, bytes("x"), "a"), await vault.seal(key, bytes("x"), "a")];
  assert.notDeepEqual(new Uint8Array(one.data), new Uint8Array(two.data));
  assert.notDeepEqual(one.iv, two.iv);
});

test("a record that was altered, or stands for another, does not open", async () => {
  const { key } = await fresh();
  const sealed = await vault.seal(key, bytes("yes"), "GC-01");
  await assert.rejects(vault.open(key, sealed, "GC-02"), vault.Closed);
  new Uint8Array(sealed.data)[0] ^= 1;
  await assert.rejects(vault.open(key, sealed, "GC-01"), vault.Closed);
  await assert.rejects(vault.open((await fresh()).key, sealed, "GC-01"), vault.Closed);
});

test("no key gives its bytes away", async () => {
  const { raw, key } = await fresh();
  const lock = await vault.deviceLock(raw);
  const { pepper } = await vault.pinLock(raw, "246810", ROUNDS);
  for (const one of [key, lock.by, pepper]) {
    assert.equal(one.extractable, false);
    await assert.rejects(crypto.subtle.exportKey("raw", one));
  }
});

test("a device opens its own lock", async () => {
  const { raw } = await fresh();
  assert.deepEqual(await vault.openDevice(await vault.deviceLock(raw)), raw);
});

test("the PIN opens, also typed in full width; another one does not", async () => {
  const { raw } = await fresh();
  const lock = await vault.pinLock(raw, "246810", ROUNDS);
  assert.deepEqual(await vault.openPin(lock, "246810"), raw);
  assert.deepEqual(await vault.openPin(lock, "２４６８１０"), raw);
  for (const wrong of ["246811", "", "2468100"]) await assert.rejects(vault.openPin(lock, wrong), vault.Closed);
});

test("the right PIN without this device's own key opens nothing", async () => {
  const { raw } = await fresh();
  const lock = await vault.pinLock(raw, "246810", ROUNDS);
  const other = await vault.pinLock(raw, "246810", ROUNDS);
  await assert.rejects(vault.openPin({ ...lock, pepper: other.pepper }, "246810"), vault.Closed);
});

test("a secret opens, another one does not", async () => {
  const { raw } = await fresh();
  const secret = vault.random(32);
  const lock = await vault.secretLock(raw, secret);
  assert.deepEqual(await vault.openSecret(lock, secret), raw);
  await assert.rejects(vault.openSecret(lock, vault.random(32)), vault.Closed);
});

test("a PIN costs this machine many rounds", async () => {
  const rounds = await vault.roundsHere();
  assert.ok(rounds >= 300_000 && rounds <= 2_000_000, String(rounds));
});

test("bytes go through text and back", () => {
  const all = Uint8Array.from({ length: 256 }, (_, n) => n);
  assert.deepEqual(vault.bytesOf(vault.textOf(all)), all);
});

test("the escrow tells nobody else the key", async () => {
  const { raw } = await fresh();
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const bureau = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
  const key = vault.textOf(new Uint8Array(await crypto.subtle.exportKey("raw", bureau.publicKey)));
  const told = await vault.escrow(raw, { id: "k1", key }, { user: 1, device: "d", proof: "p" });
  assert.deepEqual(Object.keys(told), ["id", "point", "iv", "data"]);
  assert.ok(!JSON.stringify(told).includes(vault.textOf(raw)));
});
