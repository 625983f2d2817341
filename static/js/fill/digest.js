/**
 * The digest of exactly what a signer sees, as the server computes it: the twin of
 * webapp/inspections/rules.py; tests/vectors/digests.json holds both to the same figures.
 */

/** JSON in canonical form: sorted keys, no spaces.  Keys are ids, so any order of letters is the same. */
export function canonicalJson(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const pairs = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${pairs.join(",")}}`;
}

export async function digest(value) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonicalJson(value)));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** `checklist` is the SHA-256 of the checklist's version, `inspectors` are ids, `answers` canonical values. */
export function shownDigest({ inspection, checklist, unit, inspectors, answers }) {
  return digest({ inspection, checklist, unit, inspectors: [...inspectors].sort((a, b) => a - b), answers });
}
