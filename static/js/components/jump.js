/**
 * What is still missing: the counts in the list of parts, and the button that jumps to the next one.
 * Counts only when nothing else is to be done.
 */
import { conditions } from "../fill/conditions.js";
import { describe, read } from "../fill/answers.js";
import { dayOf, expressionsOf, missing, progress, shown } from "../fill/missing.js";

const UNDER_BARS_PX = 90;
const SETTLING_MS = 800;
const idle = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 300));

export default async function jump(link) {
  const form = document.getElementById("form");
  addEventListener("hashchange", () => land(form));
  land(form);
  const questions = describe(form);
  const holds = await conditions(expressionsOf(questions));
  const roots = new Map([...form.querySelectorAll("[data-q]")].map((root) => [root.dataset.q, root]));
  const conditional = questions.filter((q) => q.shownIf).map((q) => q.id);
  let planned = false;
  let last;

  function answers() {
    return Object.fromEntries(questions.map((q) => [q.id, read(roots.get(q.id))]));
  }

  function count() {
    planned = false;
    const values = answers();
    const on = dayOf(values);
    for (const part of progress(questions, values, on, holds)) mark(form, part);
    const left = missing(questions, values, on, holds);
    link.hidden = !left.length;
    link.dataset.left = left.map((one) => one.question_id).join(" ");
    if (!conditional.length) return;
    const asked = shown(questions, values, on, holds);
    for (const id of conditional) roots.get(id).hidden = !asked.has(id);
  }

  function plan() {
    if (planned) return;
    planned = true;
    idle(count);
  }

  form.addEventListener("fill:ready", plan);
  form.addEventListener("fill:saved", plan);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    count();
    const left = link.dataset.left.split(" ").filter(Boolean).map((id) => roots.get(id));
    const below = left.find((root) => root !== last && root.getBoundingClientRect().top > UNDER_BARS_PX);
    last = below ?? left[0];
    if (last) go(last);
  });
  plan();
}

/** An address that names a question leads to it, wherever the browser thought that it was. */
function land(form) {
  const target = document.getElementById(location.hash.slice(1));
  const root = form.contains(target) && target.closest("[data-q]");
  if (root) go(root);
}

/** Scrolls to a question, opens what hides it, and puts the focus into it. */
function go(root) {
  const more = root.closest(".more")?.parentElement.querySelector(".v-more");
  if (more) more.checked = true;
  bring(root);
  root.classList.remove("item-target");
  void root.offsetWidth; // starts the animation anew
  root.classList.add("item-target");
  root.querySelector("input:not([type=hidden]), textarea, select")?.focus({ preventScroll: true });
}

/**
 * Items far away have the height that they are thought to have; once near, the place is another.
 * So the place is kept for a moment, unless somebody moves on.
 */
function bring(root) {
  const until = performance.now() + SETTLING_MS;
  const moved = new AbortController();
  for (const hand of ["pointerdown", "wheel", "keydown"]) {
    addEventListener(hand, () => moved.abort(), { signal: moved.signal, passive: true });
  }
  const step = () => {
    if (moved.signal.aborted) return;
    root.scrollIntoView({ block: "start", behavior: "instant" });
    if (performance.now() < until) requestAnimationFrame(step);
    else moved.abort();
  };
  step();
}

function mark(form, { section_id: id, done, total }) {
  const cell = form.querySelector(`[data-part="${id}"]`);
  if (!cell) return;
  cell.textContent = total ? `${done}/${total}` : "";
  cell.parentElement.classList.toggle("full", total > 0 && done === total);
}
