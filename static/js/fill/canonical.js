/**
 * What the server will store for what was typed: the one canonical form of each kind, null for
 * nothing, undefined where it is no answer.  Pure functions, the twin of
 * webapp/checklists/questions/; tests/vectors/kinds.json holds both to the same answers.  Lengths
 * and options are kept by the controls themselves.
 */
const HALF_WIDTH = { "−": "-", "–": "-", "。": "." };
const INVISIBLE = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]/g;
const LINE_ENDS = /\r\n?|[\u2028\u2029\u0085]/g;
const REFUSED = /[\0-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef]|[\ufffe\uffff]|\p{Cs}/u;
const WHOLE_DIGITS = 12;

/** `question`: {minimum?, maximum?, options?: [id], columns?: {id: {kind, …}}}. */
export function canonical(kind, value, question = {}) {
  if (value === null || value === undefined || value === "") return null;
  return KINDS[kind]?.(value, question);
}

const halfWidth = (typed) =>
  typed.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).replace(/[−–。]/g, (sign) => HALF_WIDTH[sign]);

function text(value) {
  if (typeof value !== "string") return undefined;
  const typed = value.replace(LINE_ENDS, "\n");
  return REFUSED.test(typed) ? undefined : typed.replace(INVISIBLE, "").trim() || null;
}

function line(value) {
  const clean = text(value);
  return clean?.includes("\n") ? undefined : clean;
}

// -- numbers ----------------------------------------------------------------------------------

/** [sign, whole, fraction] without superfluous zeros. */
function digits(value, places, { minimum = 0, maximum }) {
  let typed = Number.isInteger(value) ? String(value) : value;
  if (typeof typed !== "string") return undefined;
  typed = halfWidth(typed).replace(/\s+/g, "");
  if (!typed) return null;
  if (/^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$/.test(typed)) typed = typed.replaceAll(",", "");
  const [, sign, before, after = ""] = typed.match(/^([+-]?)([0-9]*)(?:\.([0-9]+))?$/) ?? [];
  if (before === undefined || !(before || after)) return undefined;
  const [whole, fraction] = [before.replace(/^0+/, "") || "0", after.replace(/0+$/, "")];
  if (whole.length > WHOLE_DIGITS || fraction.length > places) return undefined;
  const minus = sign === "-" && (whole !== "0" || fraction) ? "-" : "";
  const size = Number(`${minus}${whole}.${fraction || 0}`);
  if (size < minimum || size > (maximum ?? Number.POSITIVE_INFINITY)) return undefined;
  return [minus, whole, fraction];
}

function integer(value, question) {
  const read = digits(value, 0, question);
  return read && Number(read.join(""));
}

function decimal(value, question) {
  const read = digits(value, 6, question);
  return read && `${read[0]}${read[1]}${read[2] ? `.${read[2]}` : ""}`;
}

function money(value, question) {
  const typed = typeof value === "string" && !question.unit ? value.replace(/^\s*[¥￥]|元\s*$/g, "") : value;
  const read = typed === "" ? null : digits(typed, 2, question);
  return read && `${read[0]}${read[1]}.${read[2].padEnd(2, "0")}`;
}

// -- days -------------------------------------------------------------------------------------

const DAY = /^([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|\/([0-9]{1,2})\/([0-9]{1,2})|\.([0-9]{1,2})\.([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日|([0-9]{2})([0-9]{2}))$/;
const MOMENT = /^(?:([0-9./年月日-]{7,10}日)|([0-9./年月日-]{8,11})(?:T|\s+))\s*([0-9]{1,2})[:时]([0-9]{2})(?:分|:[0-5][0-9](?:\.[0-9]{1,6})?)?$/;

function date(value) {
  if (typeof value !== "string") return undefined;
  const typed = halfWidth(value).replace(/\s+/g, "");
  return typed ? day(typed) : null;
}

function day(typed) {
  const [year, month, on] = (DAY.exec(typed)?.slice(1) ?? []).filter(Boolean).map(Number);
  const found = new Date(Date.UTC(year, month - 1, on));
  if (!(year >= 1900 && year <= 2100) || found.getUTCMonth() !== month - 1 || found.getUTCDate() !== on) return undefined;
  return found.toISOString().slice(0, 10);
}

function datetime(value) {
  if (typeof value !== "string") return undefined;
  const typed = halfWidth(value).trim();
  if (!typed) return null;
  const [, one, other, hour, minute] = MOMENT.exec(typed) ?? [];
  const known = hour && Number(hour) < 24 && Number(minute) < 60 && day(one ?? other);
  return known ? `${known}T${hour.padStart(2, "0")}:${minute}` : undefined;
}

// -- plates -----------------------------------------------------------------------------------

const PARTS = {
  P: "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]",
  L: "[A-HJ-Z]", X: "[A-HJ-NP-Z0-9]", E: "[A-HJK]", 9: "[0-9]",
};
const SHAPES = ["PLXXXXX", "PLEX9999", "PL99999E", "PLXXXX警", "PLXXXX学", "PLXXXX挂", "PLXXXX试", "PLXXXX超", "粤ZXXXX港",
  "粤ZXXXX澳", "PL9999应急", "999999使", "使999999", "PL9999领", "P99999领", "领999999", "WJ9999X", "WJP9999X"];
const PLATE = new RegExp(`^(?:${SHAPES.map((shape) => [...shape].map((sign) => PARTS[sign] ?? sign).join("")).join("|")})$`);

function plate(value) {
  const read = line(value);
  if (!read) return read;
  const typed = halfWidth(read).replace(/[\s·•‧・･∙⋅.．。\-－—]+/g, "").toUpperCase();
  if (!typed) return null;
  return PLATE.test(typed) ? typed : undefined;
}

// -- what has parts ---------------------------------------------------------------------------

function person(value) {
  if (typeof value !== "object" || Object.keys(value).some((key) => key !== "name" && key !== "position")) return undefined;
  const [name, position] = [value.name, value.position].map((part) => (part == null ? null : line(part)));
  if (name === undefined || position === undefined || (position && !name)) return undefined;
  return name ? { name, position: position ?? "" } : null;
}

function photo(value) {
  if (!Array.isArray(value) || value.length > 20) return undefined;
  const seen = new Map();
  for (const one of value.filter((given) => given !== "")) {
    const read = shot(one);
    if (!read) return undefined;
    if (!seen.has(read.sha256)) seen.set(read.sha256, read);
  }
  return seen.size ? [...seen.values()] : null;
}

/** How it was taken stands behind its digest: when, by which drift of the clock, where; as far as told. */
function shot(one) {
  const told = typeof one === "string" ? one.split(" ") : [one?.sha256, one?.taken_at, one?.drift_ms, one?.position];
  const [sha256, taken_at = null, drift, position] = told;
  const at = taken_at === null ? 0 : Date.parse(taken_at);
  if (!/^[0-9a-f]{64}$/.test(sha256) || Number.isNaN(at)) return null;
  const read = { sha256, taken_at: taken_at && new Date(at).toISOString() };
  if (drift != null) read.drift_ms = Number(drift);
  if (position != null) read.position = position;
  return read;
}

function table(value, { columns = {} }) {
  if (!Array.isArray(value)) return undefined;
  const rows = value.map(({ row, ...cells }) => {
    const read = { row };
    for (const [id, column] of Object.entries(columns)) {
      const cell = canonical(column.kind, cells[id], column);
      if (cell === undefined) return undefined;
      if (cell !== null) read[id] = cell;
    }
    return read;
  });
  if (rows.includes(undefined)) return undefined;
  const filled = rows.filter((row) => Object.keys(row).length > 1);
  return filled.length ? filled : null;
}

function choices(value, { options }) {
  if (!Array.isArray(value)) return undefined;
  const chosen = [...new Set(value.filter((one) => one !== ""))];
  if (options && chosen.some((one) => !options.includes(one))) return undefined;
  if (options) chosen.sort((a, b) => options.indexOf(a) - options.indexOf(b));
  return chosen.length ? chosen : null;
}

const choice = (value, { options }) => (options && !options.includes(value) ? undefined : value);
const conforms = (value) => choice(value, { options: ["yes", "no", "na"] });

const KINDS = {
  conforms, choice, choices, integer, decimal, money, date, datetime, short_text: line, long_text: text,
  plate, person, photo, table, note: () => undefined,
};
