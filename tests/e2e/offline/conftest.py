"""The same bureau behind a wire that can be cut."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.e2e.offline.dying import DyingBrowser
from tests.e2e.offline.wire import Wire
from tests.e2e.serving import Site


@pytest.fixture(scope="session")
def wires() -> Iterator[list[Wire]]:
    """Keep the wires that were laid, and cut them in the end."""
    laid: list[Wire] = []
    yield laid
    for wire in laid:
        wire.cut()


@pytest.fixture(scope="session")
def site(site: Site, wires: list[Wire]) -> Site:
    """Reach the bureau over a wire."""
    wires.append(Wire(urlsplit(site.url).port or 0))
    return replace(site, url=f"http://127.0.0.1:{wires[-1].port}")


@pytest.fixture
def wire(site: Site, wires: list[Wire]) -> Iterator[Wire]:
    """Give the wire, whole, and mend it afterwards."""
    assert site
    yield wires[-1]
    wires[-1].mend()


@pytest.fixture
def dying(site: Site, browser: Browser, tmp_path: Path) -> Iterator[DyingBrowser]:
    """Give a browser that can be killed; nothing runs yet."""
    one = DyingBrowser(browser.browser_type, tmp_path / "profile", site.url)
    yield one
    one.stop()
