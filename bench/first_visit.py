"""The first visit to the form on a phone: every request and byte, in a browser with a cold cache.

``answerable`` is what a phone must have before the first question can be answered: the page and its
style sheet, proved by answering with script switched off.  ``loaded`` adds what comes after.
"""

from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.figures import Figures, over_rounds
from bench.fill_page import half_filled
from bench.house import Phone, Server, house

VIEWPORT = {"width": 360, "height": 800}
NEEDED = {"Document", "Stylesheet"}


def run(rounds: int, _seconds: float) -> Figures:
    """Measure it, each round in a browser profile of its own."""
    with house() as made, made.server() as server, sync_playwright() as playwright:
        phone = made.phones[0]
        path = f"/inspections/{half_filled(phone)}/answers"
        chromium = playwright.chromium
        browser = chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        visits = [_visit(browser, server, phone, path, script=True) for _ in range(rounds)]
        bare = _visit(browser, server, phone, path, script=False)
        browser.close()
    return {"loaded": over_rounds(visits), "without_script": over_rounds([bare])}


def _visit(
    browser: Browser, server: Server, phone: Phone, path: str, *, script: bool
) -> dict[str, float]:
    context = browser.new_context(
        viewport=VIEWPORT, device_scale_factor=3, is_mobile=True, has_touch=True,
        java_script_enabled=script, base_url=server.url,
    )  # fmt: skip
    context.request.get(phone.link)  # signs in without the browser's cache learning anything
    page = context.new_page()
    seen: dict[str, dict[str, Any]] = {}
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.requestWillBeSent", lambda e: seen.update({e["requestId"]: e}))
    devtools.on(
        "Network.loadingFinished", lambda e: seen[e["requestId"]].update(b=e["encodedDataLength"])
    )
    page.goto(path, wait_until="networkidle")
    page.locator(".seg label").first.tap()  # the first question is answered
    if not page.locator(".seg").first.locator("xpath=../input[@type='radio']").first.is_checked():
        raise RuntimeError("the first question could not be answered")
    context.close()
    sizes = [(e.get("type"), e.get("b", 0)) for e in seen.values()
             if not e["request"]["url"].startswith(("data:", "blob:"))]  # fmt: skip
    needed = [size for kind, size in sizes if kind in NEEDED]
    return {
        "answerable_requests": float(len(needed)),
        "answerable_bytes": float(sum(needed)),
        "requests": float(len(sizes)),
        "bytes": float(sum(size for _, size in sizes)),
    }
