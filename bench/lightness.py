"""How light the form is on a cheap phone, beside the same questions in plain HTML, in one run.

The phone is Chromium at 412 × 823 with the processor slowed six times and a slow 4G line (562 ms
to and fro, 1.47 Mbit/s: what Lighthouse calls applied slow 4G).  Only ratios of one run count.

``answerable_ms`` is the time from the start of the navigation to the end of the first frame with
the first question laid out; ``tap_ms`` from the touch to the end of the frame after the answer.
Each is the median of what one page, or several loads of it, gave.  ``heap_mb`` is the JavaScript
heap of the loaded page; ``heap_driven_mb`` the same after the taps, with the 0.8 MB of the program
that taps, which lives in the page.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from bench import visits
from bench.figures import Figures, over_rounds
from bench.house import House, Server, house
from bench.plain_form import serve
from tests import factories
from webapp.checklists import service as publishing
from webapp.checklists.definitions import Checklist
from webapp.checklists.loader import content_of
from webapp.core.db import db

SIZES = (60, 600)
SCREEN = {"width": 412, "height": 823}
CPU_SLOWER = 6
LATENCY_MS = 562.5
BYTES_A_SECOND = 1_474_560 / 8
TAPS = 15
AGAIN = 7  # loads: now and then a browser shows nothing before it has read the whole page
PIECE = "official-vehicles"
# Runs before the page: notes the first frame in which a question can be answered, and each tap's
# next frame.  A frame is over when the task after its animation callback begins.
WATCH = """
(() => {
  const seen = (globalThis.__seen = { answerable: 0, taps: [] });
  const afterThis = (work) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = work;
    port2.postMessage(0);
  };
  const look = () => {
    const first = document.querySelector("form input[type=radio]");
    const box = first?.closest("fieldset, .item, .q")?.getBoundingClientRect();
    if (box?.height) afterThis(() => { seen.answerable = performance.now(); });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  addEventListener("pointerdown", ({ timeStamp }) => { seen.down = timeStamp; }, true);
  const tapped = () => seen.taps.push(performance.now() - seen.down);
  addEventListener("change", () => requestAnimationFrame(() => afterThis(tapped)), true);
})();
"""

KEPT = """async (path) => {
  while (!(await caches.match(path)) || !navigator.serviceWorker.controller) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}"""


def run(rounds: int, _seconds: float) -> Figures:
    """Measure both sizes, ours and plain in turn in every round."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        measured = {f"questions_{size}": _compare(browser, size, rounds) for size in SIZES}
        browser.close()
    return measured


def checklist_of(size: int) -> Checklist:
    """Return a checklist that asks ``size`` questions, verdicts and fields, of real wording."""
    content = content_of(factories.CATALOGUE_BY_ID[PIECE])
    items = [item for section in content["sections"] for item in section.get("items", ())]
    chosen: list[dict[str, Any]] = []
    asked = 0
    while asked < size:
        item = dict(items[len(chosen) % len(items)])
        item["fields"] = item.get("fields", [])[: size - asked - 1]
        asked += 1 + len(item["fields"])
        chosen.append(item | {"id": f"LL-{len(chosen) + 1:02}", "rule": None, "suspect_if": None})
    sections = [
        {"id": f"part{at}", "title": {"zh": f"第{at + 1}部分", "en": f"Part {at + 1}"},
         "items": chosen[at * 10 : at * 10 + 10]}
        for at in range(-(-len(chosen) // 10))
    ]  # fmt: skip
    made = content | {"id": f"light-{size}", "code": "LL", "sections": sections}
    return Checklist.model_validate(made)


def published(made: House, size: int) -> Checklist:
    """Return such a checklist, published in a house."""
    checklist = checklist_of(size)
    with made.app.app_context(), db.writing() as session:
        publishing.publish(session, [checklist], at=datetime.now(UTC))
    return checklist


def _compare(browser: Browser, size: int, rounds: int) -> Figures:
    with (
        house() as made, made.server() as server,
        serve(checklist := published(made, size)) as plain,
    ):  # fmt: skip
        phone = made.phones[0]
        ours, floor = [], []
        for _ in range(rounds):  # each on an empty visit: an answer given again changes nothing
            path = f"/inspections/{visits.opened(phone, checklist.id)}/answers"
            ours.append(_ours(browser, server, phone.link, path))
            floor.append(_plain(browser, plain))
    found = {"ours": over_rounds(ours), "plain": over_rounds(floor)}
    return found | {"ratio": _ratios(found["ours"], found["plain"])}


def _ratios(ours: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: round(ours[name]["median"] / plain[name]["median"], 2)
        for name in plain if name.endswith("_ms") and plain[name]["median"]
    }  # fmt: skip


def _ours(browser: Browser, server: Server, link: str, path: str) -> dict[str, float]:
    with _phone(browser, server.url) as (context, page, devtools):
        context.request.get(link)  # signs in without the browser's cache learning anything
        cold = _visit(page, devtools, path) | {"heap_mb": _heap_mb(devtools)}
        taps = _tapped(page, ".seg label") | {"heap_driven_mb": _heap_mb(devtools)}
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.goto("/")  # my tasks: the worker is told which pages to keep
        page.evaluate(KEPT, path)
        offline = _again(context, page, path)
    return cold | taps | offline


def _plain(browser: Browser, base: str) -> dict[str, float]:
    with _phone(browser, base) as (context, page, devtools):
        cold = _visit(page, devtools, "/form") | {"heap_mb": _heap_mb(devtools)}
        taps = _tapped(page, "label:has(input[type=radio])")
        taps |= {"heap_driven_mb": _heap_mb(devtools)}
        page.goto("/warm")
        page.wait_for_function("() => Boolean(navigator.serviceWorker.controller)")
        offline = _again(context, page, "/form")
    return cold | taps | offline


@contextmanager
def _phone(browser: Browser, base: str) -> Iterator[tuple[BrowserContext, Page, CDPSession]]:
    context = browser.new_context(
        viewport=SCREEN, device_scale_factor=2, is_mobile=True, has_touch=True, base_url=base
    )
    context.set_default_timeout(120_000)
    context.add_init_script(WATCH)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Performance.enable")
    devtools.send("Network.emulateNetworkConditions", _line(offline=False))
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    try:
        yield context, page, devtools
    finally:
        context.close()


def _line(*, offline: bool) -> dict[str, Any]:
    return {"offline": offline, "latency": LATENCY_MS, "downloadThroughput": BYTES_A_SECOND,
            "uploadThroughput": BYTES_A_SECOND}  # fmt: skip


def _visit(page: Page, devtools: CDPSession, path: str) -> dict[str, float]:
    """Open the page with a cold cache; count what came until it was answerable, and in all."""
    seen: dict[str, dict[str, Any]] = {}
    devtools.on("Network.requestWillBeSent", lambda e: seen.update({e["requestId"]: e}))
    devtools.on(
        "Network.loadingFinished",
        lambda e: seen.get(e["requestId"], {}).update(bytes=e["encodedDataLength"]),
    )
    page.goto(path, wait_until="networkidle")
    asked = [e for e in seen.values() if not e["request"]["url"].startswith(("data:", "blob:"))]
    needed = [e for e in asked if e.get("type") in ("Document", "Stylesheet")]
    return {
        "answerable_ms": _answerable(page),
        "answerable_requests": float(len(needed)),
        "answerable_kb": sum(e.get("bytes", 0) for e in needed) / 1000,
        "requests": float(len(asked)),
        "kb": sum(e.get("bytes", 0) for e in asked) / 1000,
    }


def _answerable(page: Page) -> float:
    page.wait_for_function("() => __seen.answerable")
    return float(page.evaluate("__seen.answerable"))


def _tapped(page: Page, labels: str) -> dict[str, float]:
    """Answer the first question and the last, to and fro."""
    asked = page.locator("form").locator(labels)
    count = asked.count()
    page.wait_for_timeout(3000)  # what the page does after loading is not the tap's work
    return {
        "first_tap_ms": _taps(page, asked, (0, 2)),
        "last_tap_ms": _taps(page, asked, (count - 3, count - 1)),
    }


def _taps(page: Page, asked: Any, places: tuple[int, int]) -> float:
    asked.nth(places[0]).scroll_into_view_if_needed()
    page.evaluate("__seen.taps.length = 0")
    for turn in range(TAPS):
        asked.nth(places[turn % 2]).tap()
        page.wait_for_function("(count) => __seen.taps.length > count", arg=turn)
        page.wait_for_timeout(400)
    return float(median(page.evaluate("__seen.taps")))


def _heap_mb(devtools: CDPSession) -> float:
    devtools.send("HeapProfiler.collectGarbage")
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "JSHeapUsedSize")) / 1e6


def _again(context: BrowserContext, page: Page, path: str) -> dict[str, float]:
    """Open the page again and again: kept by the worker, with the line there, then without."""
    warm = _loads(page, path)
    context.set_offline(True)
    return {"warm_ms": warm, "offline_ms": _loads(page, path)}


def _loads(page: Page, path: str) -> float:
    found = []
    for _ in range(AGAIN):
        page.goto(path)
        found.append(_answerable(page))
        page.wait_for_timeout(1000)  # what the page does after loading is not the next one's work
    return float(median(found))
