/**
 * Between the controls of a question and its value.  A question's root has data-q and data-kind;
 * values are as the server stores them, or what was typed where that is not (the server says why).
 */
const text = (root, id) => root.querySelector(`[name="${id}"]`)?.value.trim() ?? "";
const orNull = (value) => (value === "" ? null : value);
const controls = (root, name) => [...root.querySelectorAll(`[name="${name}"]`)];
const checked = (root, name) => controls(root, name).filter((one) => one.checked);

const simple = {
  read: (root, name) => orNull(text(root, name)),
  write: (root, name, value) => {
    const control = root.querySelector(`[name="${name}"]`);
    if (control) control.value = value ?? "";
  },
};
const oneOf = {
  read(root, name) {
    const first = root.querySelector(`[name="${name}"]`);
    return first?.type === "radio" ? (checked(root, name)[0]?.value ?? null) : orNull(text(root, name));
  },
  write(root, name, value) {
    for (const control of controls(root, name)) {
      if (control.type === "radio") control.checked = control.value === value;
      else control.value = value ?? "";
    }
  },
};
const number = {
  ...simple,
  read(root, name) {
    const typed = text(root, name);
    return /^[0-9]{1,12}$/.test(typed) ? Number(typed) : orNull(typed);
  },
};
const several = {
  read(root, name) {
    const chosen = checked(root, name).map((one) => one.value);
    return chosen.length ? chosen : null;
  },
  write(root, name, value) {
    for (const one of controls(root, name)) {
      if (one.type === "checkbox") one.checked = (value ?? []).includes(one.value);
    }
  },
};
const person = {
  read(root, name) {
    const value = { name: text(root, `${name}-name`), position: text(root, `${name}-position`) };
    return value.name || value.position ? value : null;
  },
  write(root, name, value) {
    simple.write(root, `${name}-name`, value?.name);
    simple.write(root, `${name}-position`, value?.position);
  },
};
const photo = {
  read(root, name) {
    const kept = checked(root, name).map((one) => {
      const [sha256, taken_at = null, drift, position] = one.value.split(" ");
      return { sha256, taken_at, ...(drift && { drift_ms: Number(drift) }), ...(position && { position }) };
    });
    return kept.length ? kept : null;
  },
  write(root, name, value, urls) {
    const list = root.querySelector(".shots");
    list.replaceChildren(...(value ?? []).map((one) => thumbnail(root, name, one, urls?.get(one.sha256))));
  },
};
const table = {
  read(root, name) {
    const rows = [...root.querySelectorAll("[data-row]")].map((row) => {
      const read = { row: row.dataset.row };
      for (const cell of row.querySelectorAll("[data-c]")) {
        const value = KINDS[cell.dataset.kind].read(cell, `${name}-${read.row}-${cell.dataset.c}`);
        if (value !== null) read[cell.dataset.c] = value;
      }
      return read;
    });
    const filled = rows.filter((row) => Object.keys(row).length > 1);
    return filled.length ? filled : null;
  },
  write(root, name, value) {
    const rows = value ?? [];
    root.querySelector(".trows").replaceChildren(...rows.map((row) => newRow(root, name, row.row)));
    for (const row of rows) {
      const element = root.querySelector(`[data-row="${CSS.escape(row.row)}"]`);
      for (const cell of element.querySelectorAll("[data-c]")) {
        const { c, kind } = cell.dataset;
        KINDS[kind].write(cell, `${name}-${row.row}-${c}`, row[c] ?? null);
      }
    }
  },
};

const KINDS = {
  conforms: oneOf, choice: oneOf, choices: several, integer: number, decimal: simple, money: simple,
  date: simple, datetime: simple, short_text: simple, long_text: simple, plate: simple, person, photo, table,
};

/** The value of a question, null when it is not answered. */
export function read(root) {
  return KINDS[root.dataset.kind].read(root, root.dataset.q);
}

/** `urls`: addresses of the pictures that are only on this phone, by digest. */
export function write(root, value, urls) {
  KINDS[root.dataset.kind].write(root, root.dataset.q, value, urls);
}

/** A thumbnail with its box; `url` where the picture is only on this phone. */
export function thumbnail(root, name, { sha256, taken_at, drift_ms, position }, url) {
  const fresh = document.createElement("label");
  const box = Object.assign(document.createElement("input"), {
    type: "checkbox", name, value: [sha256, taken_at, drift_ms, position].filter((part) => part !== null && part !== undefined).join(" "), checked: true,
  });
  box.defaultChecked = true;
  const picture = Object.assign(document.createElement("img"), {
    src: url ?? root.closest("form").dataset.evidence.replace("0".repeat(64), sha256),
    alt: "", width: 88, height: 88,
  });
  const word = document.createElement("span");
  word.textContent = root.closest("form").words.keep;
  fresh.className = "shot";
  fresh.append(box, picture, word);
  return fresh;
}

/** A row from the table's template, its names made its own. */
export function newRow(root, name, id) {
  const row = root.querySelector("template").content.firstElementChild.cloneNode(true);
  row.dataset.row = id;
  for (const element of row.querySelectorAll("[id], [name], [for]")) {
    for (const attribute of ["id", "name", "for"]) {
      const value = element.getAttribute(attribute);
      if (value?.startsWith(`${name}-ROW-`)) {
        element.setAttribute(attribute, value.replace(`${name}-ROW-`, `${name}-${id}-`));
      }
    }
  }
  return row;
}

/** What missing.js needs to know of each question, read from the page. */
export function describe(form) {
  return [...form.querySelectorAll("[data-q]")]
    .filter((root) => root.dataset.kind !== "note")
    .map((root) => ({
      id: root.dataset.q,
      item: root.closest("[data-item]")?.dataset.item ?? null,
      section: root.closest("[data-section]").dataset.section,
      kind: root.dataset.kind,
      required: "need" in root.dataset,
      requiredIf: root.dataset.if,
      shownIf: root.dataset.show,
      columns: columnsOf(root),
    }));
}

function columnsOf(root) {
  const template = root.dataset.kind === "table" && root.querySelector("template");
  if (!template) return undefined;
  const cells = [...template.content.querySelectorAll("[data-c]")];
  return Object.fromEntries(
    cells.map(({ dataset }) => [dataset.c, { kind: dataset.kind, required: "need" in dataset }]),
  );
}
