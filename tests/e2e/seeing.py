"""Looks at a page as somebody would who cannot see it, or has a small phone, or no mouse."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = next((Path(__file__).parents[1] / "vendor").glob("axe-core@*/axe.min.js"))

OPEN_ALL = """() => {
  for (const folded of document.querySelectorAll("main details, aside details")) folded.open = true;
  for (const more of document.querySelectorAll(".v-more")) more.checked = true;
}"""

WIDER_THAN_THE_SCREEN = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const out = [...document.body.querySelectorAll("*")].filter((one) => {
    const { right, width } = one.getBoundingClientRect();
    return width > 0 && right > wide + 1 && !one.closest(".scroll, .sections, .nav");
  });
  return [`${document.documentElement.scrollWidth} px`, ...out.slice(0, 5).map((one) =>
    `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 40)}`)];
}"""

TOO_SMALL_TO_TAP = """() => [...document.querySelectorAll(
  "button, a.button, summary, select, .choice, .seg label, input:not([type=hidden], [type=file])")]
  .filter((one) => one.checkVisibility() && !one.matches(".sr, .v, .choice input, .shot input"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 2 && box.height > 0 && box.height < 43.5)
  .map(([one, box]) => `${one.tagName}.${one.className} ${Math.round(box.height)} px ${
    one.textContent.trim().slice(0, 30)}`)"""

# Where the focus is, and whether it shows: an outline on the control, or on the label of a control
# that is drawn by its label.
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const labels = [...(one.labels ?? []), one.closest("label")].filter(Boolean);
  const outlined = (element, part) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element, part);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  };
  const hidden = getComputedStyle(one).opacity === "0";
  const drawn = [[one], [one, "::after"], ...labels.map((label) => [label])];
  const shows = drawn.slice(hidden ? 1 : 0).some(([element, part]) => outlined(element, part));
  const box = one.getBoundingClientRect();
  const name = `${one.tagName}.${one.className}#${one.id} ${one.textContent.trim().slice(0, 30)}`;
  // A calendar's button inside the control has the browser's own ring.
  const inside = one.matches("input[type=date], input[type=datetime-local]");
  const onScreen = box.bottom > 0 && box.top < innerHeight;
  return { name, shows: shows || inside, skip: one.matches(".skip"), onScreen };
}"""


def barriers(page: Page, *only: str, without: str = "") -> list[str]:
    """Return what axe-core finds wrong, one line for each place; ``only`` some rules, if named."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if only:
        options["runOnly"] = list(only)
    if without:
        options["rules"] = {without: {"enabled": False}}
    found = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{one['id']} in {len(one['nodes'])} places: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]


def walk_by_tab(page: Page, stops: int) -> list[dict[str, Any]]:
    """Press the tab key up to ``stops`` times from the top; return where the focus was."""
    page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    seen = []
    for _ in range(stops):
        page.keyboard.press("Tab")
        place = page.evaluate(FOCUS)
        if place is None:
            break
        seen.append(place)
    return seen
