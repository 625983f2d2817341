/**
 * The key to a person's records, for as long as this page may use it.
 *
 * A vault is made with the first record: {device, escrow}, opened by the device itself.  A PIN or a
 * passkey takes the device's place: {pin, passkey, escrow, session, wrong, gone}.  An opened vault stays open
 * for the tab (`session`, with a secret that only sessionStorage holds) and for other open tabs, which
 * ask each other; it closes after idling, on request, and with the browser.
 */
import * as vault from "./vault.js";

export const TRIES = 10;
const SECRET = "mingcha-open";
const ACTIVE = "mingcha-active";
const LOCKS = "mingcha-locks"; // main.js: the page is not shown before it is known to be open
const PEERS_MS = 2000; // another tab may be asleep

export class Ring {
  /** `read(name)` and `change(name, work)`: a vault's record, and one step from it to the next; `device()`: its name. */
  constructor({ read, change, device }) {
    Object.assign(this, { read, change, device, keys: new Map() });
    this.peers = globalThis.BroadcastChannel && new BroadcastChannel("mingcha-vault");
    this.peers?.unref?.();
    this.peers?.addEventListener("message", ({ data }) => this.heard(data));
  }

  /** Resolves to the key, once it may be used; null where the browser may not encrypt. */
  async key(user) {
    if (!vault.available()) return null;
    if (!this.keys.has(user)) this.keys.set(user, this.obtained(user));
    try {
      return await this.keys.get(user);
    } catch (error) {
      this.keys.delete(user);
      throw error;
    }
  }

  /** "none", "device", "open" or "locked"; "plain" where the browser may not encrypt. */
  async state(user) {
    if (!vault.available()) return "plain";
    const kept = await this.read(nameOf(user));
    if (!kept) return "none";
    if (kept.device) return "device";
    return (await this.fromSession(user, kept)) ? "open" : "locked";
  }

  /** How this vault opens: {pin, passkey, left}. */
  async ways(user) {
    const { pin, passkey, wrong = 0 } = (await this.read(nameOf(user))) ?? {};
    return { pin: Boolean(pin), passkey, left: TRIES - wrong };
  }

  async obtained(user) {
    const kept = (await this.read(nameOf(user))) ?? (await this.made(user));
    if (kept.device) return vault.usable(await vault.openDevice(kept.device));
    const raw = await this.fromSession(user, kept);
    if (raw) return vault.usable(raw);
    const { unlocked } = await import("./lock.js");
    return vault.usable(await unlocked(user));
  }

  /** Of two pages that make one at once, the second takes over what the first has made. */
  async made(user) {
    const raw = vault.newKey();
    const fresh = { device: await vault.deviceLock(raw), escrow: await escrowOf(raw, user, await this.device()) };
    return this.change(nameOf(user), (known) => known ?? fresh);
  }

  // -- opening -------------------------------------------------------------------------------

  /** Opens by PIN; the try is counted before it is made.  Throws Closed with `left` tries. */
  async enter(user, pin) {
    const kept = await this.change(nameOf(user), (known) => ({ ...known, wrong: (known.wrong ?? 0) + 1 }));
    try {
      return await this.open(user, await vault.openPin(kept.pin, pin));
    } catch (error) {
      if (error instanceof vault.Closed) error.left = TRIES - kept.wrong;
      throw error;
    }
  }

  /** Opens by the secret that a passkey gave. */
  async enterBySecret(user, secret) {
    const { passkey } = await this.read(nameOf(user));
    return this.open(user, await vault.openSecret(passkey, secret));
  }

  /** Keeps it open for this tab; returns the key's bytes. */
  async open(user, raw) {
    const secret = vault.random(32);
    const session = await vault.secretLock(raw, secret);
    await this.change(nameOf(user), (known) => ({ ...known, session, wrong: 0 }));
    remember({ user, secret: vault.textOf(secret) });
    touch();
    this.keys.set(user, vault.usable(raw));
    this.peers?.postMessage({ opened: user, secret: vault.textOf(secret) });
    return raw;
  }

  async fromSession(user, { session }) {
    if (!session || idle()) return null;
    const secret = remembered(user) ?? (await this.asked(user));
    if (!secret) return null;
    try {
      const raw = await vault.openSecret(session, vault.bytesOf(secret));
      remember({ user, secret });
      return raw;
    } catch {
      return null; // another tab has opened it anew since
    }
  }

  // -- locks ---------------------------------------------------------------------------------

  /** The key's bytes, from a vault that is open: to put them under another lock. */
  async bytes(user) {
    await this.key(user);
    const kept = await this.read(nameOf(user));
    return kept.device ? vault.openDevice(kept.device) : this.fromSession(user, kept);
  }

  /** Sets or changes the PIN; from now on the device does not open it by itself. */
  async setPin(user, pin) {
    const raw = await this.bytes(user);
    const lock = await vault.pinLock(raw, pin);
    await this.change(nameOf(user), ({ device, ...known }) => ({ ...known, pin: lock }));
    note(LOCKS, "1");
    await this.open(user, raw);
  }

  /** Adds a passkey beside the PIN: {id, salt} and the secret that it gave. */
  async setPasskey(user, { id, salt, secret }) {
    const lock = { id, salt, ...(await vault.secretLock(await this.bytes(user), secret)) };
    await this.change(nameOf(user), (known) => ({ ...known, passkey: lock }));
  }

  /** Closes it, here and in other tabs. */
  async lock(user) {
    forget();
    this.keys.delete(user);
    await this.change(nameOf(user), ({ session, ...known }) => known);
    this.peers?.postMessage({ locked: user });
  }

  /** The bureau may have a new key, or the vault was made where none was told. */
  async renewEscrow(user, bureau) {
    const kept = await this.read(nameOf(user));
    if (!kept || kept.escrow?.id === bureau.id) return;
    const raw = await this.bytes(user);
    if (!raw) return;
    const escrow = await escrowOf(raw, user, await this.device());
    await this.change(nameOf(user), (known) => ({ ...known, escrow }));
  }

  // -- other tabs ----------------------------------------------------------------------------

  heard({ asking, answer, opened, secret, locked }) {
    if (asking && remembered(asking)) this.peers.postMessage({ answer: asking, secret: remembered(asking) });
    if (answer) this.answered?.(answer, secret);
    if (opened && this.keys.has(opened)) remember({ user: opened, secret });
    if (locked) {
      this.keys.delete(locked);
      forget();
      document.dispatchEvent(new CustomEvent("vault:locked", { detail: locked }));
    }
  }

  /** The secret of another open tab, if there is one; asked for once at a time. */
  asked(user) {
    this.asking ??= this.answerOf(user).finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  async answerOf(user) {
    if (!this.peers || !(await opened())) return null;
    return new Promise((resolve) => {
      setTimeout(() => resolve(null), PEERS_MS);
      this.answered = (whose, secret) => whose === user && resolve(secret);
      this.peers.postMessage({ asking: user });
    });
  }
}

export function nameOf(user) {
  return `vault ${user}`;
}

export function userOf(name) {
  return name.slice("vault ".length);
}

/** The names of all vaults. */
export function vaults() {
  return IDBKeyRange.bound("vault ", "vault!");
}

/** Closed for the bureau, where the page tells its key (a page of nobody's does not). */
async function escrowOf(raw, user, device) {
  const told = JSON.parse(document.body.dataset.rescue ?? "null");
  if (!told || String(told.user) !== user) return null;
  return vault.escrow(raw, told, { user: told.user, device: device, proof: told.proof });
}

// -- this tab: nothing here outlives it ---------------------------------------------------------

let holding;

function remembered(user) {
  const known = JSON.parse(globalThis.sessionStorage?.getItem(SECRET) ?? "null");
  return known?.user === user ? known.secret : null;
}

function remember(known) {
  sessionStorage.setItem(SECRET, JSON.stringify(known));
  holding ??= navigator.locks?.request(SECRET, { mode: "shared" }, () => new Promise(() => {}));
}

/** Whether another tab holds a secret; where the browser cannot tell, one may. */
async function opened() {
  const { held } = (await navigator.locks?.query()) ?? {};
  return !held || held.some((lock) => lock.name === SECRET);
}

function forget() {
  sessionStorage.removeItem(SECRET);
}

/** Somebody is there. */
export function touch() {
  note(ACTIVE, String(Date.now()));
}

/** Whether nobody has been there for as long as the policy allows. */
export function idle() {
  const minutes = Number(document.body.dataset.idle ?? 15);
  return Date.now() - Number(noted(ACTIVE) ?? 0) > minutes * 60_000;
}

/** Between tabs and pages; a browser that keeps no notes asks for the PIN on each page. */
export function note(name, text) {
  try {
    localStorage.setItem(name, text);
  } catch (error) {
    console.info("note", error.name);
  }
}

export function noted(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
