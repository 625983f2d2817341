"""What a phone was told is stored is stored, once: through a bad network, to a dying server.

Four phones hand in a visit each; with ``MINGCHA_TEST_LONG=1`` twenty hand in a hundred each: 2,000
submissions with 4,000 photos.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.serving import environment, free_port, run
from tests.faults.mortal import Mortal
from tests.faults.phone import Phone, Plan, Visit
from tests.faults.proxy import FAULTS, Proxy
from tests.faults.stock import differences
from tests.servers import create_database, drop_database

LONG = os.environ.get("MINGCHA_TEST_LONG") == "1"
PHONES = 20 if LONG else 4
VISITS = 100 if LONG else 1
DEATHS: dict[str, Any] = (
    {"life_s": (3, 9), "whole": 0.5}
    if LONG
    else {"life_s": (1, 3), "whole": 0.1, "words": ("--no-worker",)}
)
SEED = 20260310


@contextmanager
def database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """Give an empty database's address."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'mingcha.db'}"
        return
    url = create_database(request.getfixturevalue("pg_server"), "faults")
    yield url
    drop_database(url)


def photo(number: int) -> bytes:
    """Draw a picture of about 40 kB, every one different."""
    image = Image.frombytes("L", (200, 160), os.urandom(200 * 160))
    file = BytesIO()
    image.save(file, "JPEG", quality=90, comment=str(number).encode())
    return file.getvalue()


def walk(port: int, number: int, told: dict[str, Any]) -> tuple[list[Visit], Counter[str]]:
    """Let one phone make its visits."""
    me = told["phones"][number]
    phone = Phone(port, me["token"], name=f"phone-{number}", seed=SEED + number)
    team = [(who, name) for who, name in me["team"]]
    visits = []
    for turn in range(VISITS):
        checklist = told["checklists"][(number + turn) % len(told["checklists"])]
        plan = Plan(team=team, **checklist)
        visits.append(phone.visit(plan, [photo(2 * turn), photo(2 * turn + 1)]))
    return visits, phone.heard


@pytest.mark.slow
@pytest.mark.allow_hosts(["127.0.0.1", "::1"])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_all_that_was_sent_is_stored_exactly_once(request, tmp_path, kind):
    port, begun = free_port(), time.monotonic()
    heard: Counter[str] = Counter()
    with database(request, kind, tmp_path) as url:
        env = environment(tmp_path, f"http://127.0.0.1:{port}") | {"MINGCHA_DATABASE_URL": url}
        (tmp_path / "DEMO").touch()
        told = json.loads(run("tests.faults.bureau", env, str(PHONES)))
        log = tmp_path / "serve.log"
        server, proxy = Mortal(port, env, log, seed=SEED, **DEATHS), Proxy(port, seed=SEED)
        with server, proxy:
            with ThreadPoolExecutor(PHONES) as crowd:
                walks = [crowd.submit(walk, proxy.port, n, told) for n in range(PHONES)]
            visits = [visit for one in walks for visit in one.result()[0]]
        for one in walks:
            heard += one.result()[1]
        differ = differences(url, tmp_path, visits)
    took = time.monotonic() - begun
    figures = f"{took:.0f} s, {server.deaths} deaths; {dict(proxy.seen)}; heard {dict(heard)}"
    print(f"{kind}: {len(visits)} visits in {figures}")  # noqa: T201 - the record of a long run
    assert differ == [], figures
    assert len(visits) == PHONES * VISITS
    assert server.deaths >= 2, figures
    assert set(proxy.seen) == set(FAULTS), figures
    assert heard["500"] == 0, log.read_text("utf-8", "replace")[-6000:]
