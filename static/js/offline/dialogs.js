/** The questions of templates/pwa/_dialogs.html, each in front of the page until it is answered. */
import { part } from "./parts.js";

/** Opens a copy of one; `places` fill its {words}.  Only an answer closes it, unless `mayLeave`. */
export async function show(name, { places = {}, mayLeave = false } = {}) {
  const box = (await part("dialogs")).content.querySelector(`[data-name="${name}"]`);
  for (const part of box.querySelectorAll("[data-fill]")) {
    part.textContent = part.textContent.replace(/\{(\w+)\}/g, (_all, place) => places[place] ?? "");
  }
  document.body.append(box);
  box.addEventListener("cancel", (event) => mayLeave || event.preventDefault());
  box.addEventListener("close", () => (mayLeave || "done" in box.dataset ? box.remove() : box.showModal()));
  box.showModal();
  return box;
}

export function done(box) {
  box.dataset.done = "";
  box.close();
}

/** Resolves to the `data-act` of the button that is pressed; the box stays. */
export function pressed(box) {
  return new Promise((resolve) => {
    box.addEventListener("click", function heard({ target }) {
      const act = target.closest("[data-act]")?.dataset.act;
      if (!act) return;
      box.removeEventListener("click", heard);
      resolve(act);
    });
  });
}

/** Says what is wrong, in the words of `data-<name>`. */
export function complain(box, name, places = {}) {
  const error = box.querySelector(".error");
  error.textContent = box.dataset[name].replace(/\{(\w+)\}/g, (_all, place) => places[place] ?? "");
  error.hidden = false;
}
