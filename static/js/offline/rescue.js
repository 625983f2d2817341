/**
 * The rescue file: sealed records as they lie on the phone, with the escrow that lets the bureau open
 * them.  Needs no network and no PIN.  docs/sync.md ("Rescue file") is the format.
 */
const MAGIC = "MINGCHA-RESCUE-1\n";
const encoder = new TextEncoder();

/** Returns the file's bytes.  `head` is {escrow, made_at}; `records` are {…words, iv, data}. */
export async function fileOf(head, records) {
  const parts = [encoder.encode(MAGIC), ...framed(encoder.encode(JSON.stringify({ ...head, records: records.length })))];
  for (const { iv, data, ...words } of records) {
    parts.push(...framed(encoder.encode(JSON.stringify(words))), ...framed(joined([iv, new Uint8Array(data)])));
  }
  const whole = joined(parts);
  return joined([whole, new Uint8Array(await crypto.subtle.digest("SHA-256", whole))]);
}

/** Entries of the journal and photos, as records of the file. */
export function recordsOf(entries, photos) {
  return [
    ...photos.map(({ sha256, user, type, sealed }) => ({ kind: "photo", id: sha256, user, type, ...sealed })),
    ...entries.map(({ kind, id, user, inspection, question, base, seen, settles, device_time, sealed }) => ({
      kind, id, user, inspection, question, base, seen, settles, device_time, ...sealed,
    })),
  ];
}

function framed(bytes) {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return [length, bytes];
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}
