/**
 * Whether paper can show a character; the twin of webapp/core/glyphs.py, which writes the list for the
 * machine that prints.  tests/vectors/glyphs.json holds both to the same answers.
 */
let asked;

/** What can be printed, as [first, last] spans in order; null while there is no list and no network. */
export function printable(url) {
  asked ??= fetch(url)
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)))))
    .then(spansOf)
    .catch(() => {
      asked = undefined;
      return null;
    });
  return asked;
}

export function spansOf(text) {
  let end = 0;
  return text.split(" ").map((span) => {
    const [gap, more = "0"] = span.split("-");
    const first = end + Number.parseInt(gap, 16);
    end = first + Number.parseInt(more, 16);
    return [first, end];
  });
}

/** The characters of a value's texts that no document could show, each once, in order. */
export function unprintable(value, spans) {
  const signs = new Set(textsOf(value).flatMap((text) => [...text]));
  return [...signs].filter((sign) => !holds(spans, sign.codePointAt(0)));
}

function textsOf(value) {
  if (typeof value === "string") return [value];
  return value && typeof value === "object" ? Object.values(value).flatMap(textsOf) : [];
}

function holds(spans, code) {
  let [low, high] = [0, spans.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (code < spans[middle][0]) high = middle - 1;
    else if (code > spans[middle][1]) low = middle + 1;
    else return true;
  }
  return false;
}
