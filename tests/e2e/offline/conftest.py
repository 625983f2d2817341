"""The same bureau behind a wire that can be cut."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from tests.e2e.offline.wire import Wire
from tests.e2e.serving import Site


@pytest.fixture(scope="session")
def line(site: Site) -> Iterator[Wire]:
    """Lay the wire."""
    wire = Wire(urlsplit(site.url).port or 0)
    yield wire
    wire.cut()


@pytest.fixture
def wire(line: Wire) -> Iterator[Wire]:
    """Give a whole wire to each test."""
    line.mend()
    yield line
    line.mend()


@pytest.fixture
def far(site: Site, wire: Wire) -> Site:
    """The site as it is reached over the wire."""
    return replace(site, url=f"http://127.0.0.1:{wire.port}")
