/** Passkeys that give a secret (WebAuthn PRF): a finger or a face in place of the PIN. */
import { random } from "./vault.js";

const ES256 = -7;
const RS256 = -257;
const encoder = new TextEncoder();

/** Whether this browser may have one; whether it gives secrets shows when it is made. */
export async function possible() {
  return Boolean(await globalThis.PublicKeyCredential?.isUserVerifyingPlatformAuthenticatorAvailable?.());
}

/** Makes a passkey; resolves to {id, salt, secret}, or null where the browser's gives no secret. */
export async function makePasskey(user, name) {
  const salt = random(32);
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: random(32),
      rp: { name: document.title },
      user: { id: encoder.encode(`mingcha-offline-${user}`), name, displayName: name },
      pubKeyCredParams: [ES256, RS256].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { authenticatorAttachment: "platform", userVerification: "required", residentKey: "preferred" },
      extensions: { prf: { eval: { first: salt } } },
    },
  });
  const { prf } = made.getClientExtensionResults();
  if (!prf?.enabled && !prf?.results) return null;
  const id = made.rawId;
  const secret = prf.results?.first ? new Uint8Array(prf.results.first) : await passkeySecret({ id, salt });
  return { id, salt, secret };
}

/** The secret of a passkey, after the phone has recognized its owner. */
export async function passkeySecret({ id, salt }) {
  const given = await navigator.credentials.get({
    publicKey: {
      challenge: random(32),
      allowCredentials: [{ type: "public-key", id }],
      userVerification: "required",
      extensions: { prf: { eval: { first: salt } } },
    },
  });
  return new Uint8Array(given.getClientExtensionResults().prf.results.first);
}
