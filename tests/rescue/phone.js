/** Writes a rescue file with the phone's own modules: {told, entries, photo} as JSON in, the file out. */
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import { fileOf, recordsOf } from "../../static/js/offline/rescue.js";
import { about, bytesOf, escrow, newKey, seal, sealJson, usable } from "../../static/js/offline/vault.js";

globalThis.crypto ??= webcrypto; // Node 18 has it under this name only

const { told, entries, photo } = JSON.parse(readFileSync(0, "utf8"));
const raw = newKey();
const key = await usable(raw);
const sealed = [];
for (const { body, ...words } of entries) {
  sealed.push({ ...words, sealed: await sealJson(key, { body }, about(words)) });
}
const shot = { kind: "photo", id: photo.sha256, user: String(told.user) };
const photos = [{ ...photo, user: shot.user, sealed: await seal(key, bytesOf(photo.bytes), about(shot)) }];
const closed = await escrow(raw, told, { user: told.user, device: "d", proof: told.proof });
process.stdout.write(await fileOf({ escrow: closed, made_at: "" }, recordsOf(sealed, photos)));
