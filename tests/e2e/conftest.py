"""One installation and one browser for all journeys; phones and desks for the cast."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.serving import Site, launch, running
from tests.e2e.watching import Watch

TIMEOUT_MS = 30_000  # a loaded machine is slow; a test that passes never waits this long
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 800},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
    "user_agent": "Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/114.0.0.0 Mobile Safari/537.36",
}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}

Open = Callable[..., BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what walks in a browser, and let it reach this machine only."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1"]))
    # Playwright leaves its event loop running in this process: whoever signs papers comes before.
    items.sort(key=lambda item: here in item.path.parents)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a bureau with an inspection in each state, with its worker."""
    with running(tmp_path_factory.mktemp("e2e")) as site:
        yield site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start one Chromium for all tests."""
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Hear what pages complain of; a test that ends with a complaint unheard fails."""
    watch = Watch()
    yield watch
    watch.check()


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Give ``picture(page, name)``: keeps the whole page as it looks, where ``--pictures`` asks."""
    folder = request.config.getoption("--pictures")

    def taken(page: Page, name: str) -> None:
        if folder:
            path = Path(folder) / (re.sub(r"[^0-9A-Za-z.-]+", "_", name) + ".png")
            page.screenshot(path=path, full_page=True)

    return taken


@pytest.fixture
def open_(site: Site, browser: Browser, watch: Watch) -> Iterator[Open]:
    """Give a browser of its own: ``open_("lin", PHONE)``; nobody signed in for ``""``."""
    contexts: list[BrowserContext] = []

    def opened(username: str, device: dict[str, Any], **options: Any) -> BrowserContext:
        context = browser.new_context(
            base_url=site.url, locale="zh-CN", timezone_id="Asia/Shanghai",
            reduced_motion="reduce", **device, **options,
        )  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        watch.over(context)
        if username:
            context.request.get(site.link(username), max_redirects=0)
        return context

    yield opened
    for context in contexts:
        context.close()
