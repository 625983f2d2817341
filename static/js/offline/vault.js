/**
 * Keys and what they close; pure functions over WebCrypto, nothing stored here.
 *
 * All of a person's records on a phone are sealed with one data key (AES-256-GCM).  The key itself is
 * kept closed in locks, each of which opens it in its own way: by this device (no PIN set), by a PIN,
 * by a secret (a passkey's, or that of an open page), and for the bureau alone, the escrow.
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const KEY_BYTES = 32;
const IV_BYTES = 12;
const ROUNDS_LEAST = 300_000;
const ROUNDS_MOST = 2_000_000;
const ROUNDS_TRIED = 50_000;
const PATIENCE_MS = 250; // what opening by PIN may cost on this phone

/** A PIN was wrong, or a record is not what was sealed. */
export class Closed extends Error {}

/** Whether this page may encrypt at all; plain http may not. */
export function available() {
  return Boolean(globalThis.crypto?.subtle);
}

export function random(bytes) {
  return crypto.getRandomValues(new Uint8Array(bytes));
}

/** The bytes of a new data key; wipe them (`fill(0)`) when the locks are made. */
export function newKey() {
  return random(KEY_BYTES);
}

/** The key to seal and open with; its bytes do not come out of it again. */
export function usable(raw) {
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

// -- records ----------------------------------------------------------------------------------

/** What a record is bound to when it is sealed: it cannot stand for another one. */
export function about({ kind, id, user, inspection, question }) {
  return JSON.stringify([kind, id, String(user), inspection ?? null, question ?? null]);
}

/** Seals bytes; `about` says of which record they are, and must be said again to open them. */
export async function seal(key, bytes, about) {
  const iv = random(IV_BYTES);
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(about) }, key, bytes);
  return { iv, data };
}

export async function open(key, { iv, data }, about) {
  try {
    return await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(about) }, key, data);
  } catch {
    throw new Closed(about);
  }
}

export function sealJson(key, value, about) {
  return seal(key, encoder.encode(JSON.stringify(value)), about);
}

export async function openJson(key, sealed, about) {
  return JSON.parse(decoder.decode(await open(key, sealed, about)));
}

// -- locks ------------------------------------------------------------------------------------

/** Opens by itself on this device: protects what is read past the browser, not from its user. */
export async function deviceLock(raw) {
  const by = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  return { by, ...(await seal(by, raw, "device")) };
}

export function openDevice(lock) {
  return opened(lock.by, lock, "device");
}

/** Opens by a PIN on this device: `pepper` cannot leave it, so that guessing cannot go elsewhere by script. */
export async function pinLock(raw, pin, rounds) {
  const salt = random(16);
  const pepper = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const lock = { salt, pepper, rounds: rounds ?? (await roundsHere()) };
  return { ...lock, ...(await seal(await byPin(lock, pin), raw, "pin")) };
}

/** Throws Closed when the PIN is wrong. */
export async function openPin(lock, pin) {
  return opened(await byPin(lock, pin), lock, "pin");
}

/** Opens by 32 secret bytes: a passkey's, or those that an open tab holds. */
export async function secretLock(raw, secret) {
  return seal(await bySecret(secret), raw, "secret");
}

export async function openSecret(lock, secret) {
  return opened(await bySecret(secret), lock, "secret");
}

/** How many rounds this phone does in the time that opening may take; measured, never few. */
export async function roundsHere() {
  const start = performance.now();
  await stretched("000000", random(16), ROUNDS_TRIED);
  const each = (performance.now() - start) / ROUNDS_TRIED;
  return Math.round(Math.min(ROUNDS_MOST, Math.max(ROUNDS_LEAST, PATIENCE_MS / each)));
}

async function opened(key, lock, about) {
  return new Uint8Array(await open(key, lock, about));
}

async function byPin({ salt, rounds, pepper }, pin) {
  const stretchedPin = await stretched(pin, salt, rounds);
  return usable(await crypto.subtle.sign("HMAC", pepper, stretchedPin));
}

async function stretched(pin, salt, iterations) {
  const typed = await crypto.subtle.importKey("raw", encoder.encode(pin.normalize("NFKC")), "PBKDF2", false, ["deriveBits"]);
  return crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, typed, 256);
}

async function bySecret(secret) {
  return derived(secret, new Uint8Array(), "mingcha lock");
}

/** HKDF-SHA-256 to a key of AES-GCM. */
async function derived(secret, salt, info) {
  const from = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: encoder.encode(info) };
  return crypto.subtle.deriveKey(how, from, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

// -- escrow -----------------------------------------------------------------------------------

/**
 * Closes the data key for the bureau alone (docs/sync.md, "Rescue file").  `bureau` is {id, key}, its
 * rescue key as the page tells it; `owner` is {user, device, proof}, which only the bureau will read.
 */
export async function escrow(raw, bureau, owner) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("raw", bytesOf(bureau.key), curve, false, []);
  const ours = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", ours.publicKey));
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256);
  const by = await derived(shared, point, "mingcha rescue 1");
  const { iv, data } = await sealJson(by, { ...owner, key: textOf(raw) }, bureau.id);
  return { id: bureau.id, point: textOf(point), iv: textOf(iv), data: textOf(new Uint8Array(data)) };
}

/** Base64 of bytes, and back. */
export function textOf(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

export function bytesOf(text) {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}
