"""The demo: loaded by the verb itself, in a process of its own, into a folder of its own."""

import json
import os
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from urllib.error import URLError
from urllib.request import HTTPCookieProcessor, HTTPSHandler, build_opener, urlopen
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from tests import servers
from webapp.checklists import rules
from webapp.checklists.loader import load_catalogue
from webapp.cli.demo import answers, cast, ink, papers, photos, visits
from webapp.cli.demo.command import width_of
from webapp.cli.demo.facts import DOUBTED, SCENES, SELDOM, SOUND
from webapp.cli.demo.failures import FAILURES
from webapp.cli.demo.visits import Days, Stage, Visit
from webapp.core.config import ROOT
from webapp.documents.kinds import KINDS as KINDS_OF_PAPER
from webapp.policies.rules import Figures

CATALOGUE = {checklist.id: checklist for checklist in load_catalogue()}
ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KINDS = len(CATALOGUE)


def mingcha(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MINGCHA_")}
    return subprocess.run(
        [sys.executable, "-m", "webapp.cli", *arguments], env=environment | settings,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="module")
def loaded(folder: Path) -> subprocess.CompletedProcess[str]:
    done = mingcha("demo", "--no-serve", "--data", str(folder), "--port", "8765")
    assert done.returncode == 0, done.stderr
    return done


def rows(folder: Path, query: str) -> Sequence[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{folder / 'mingcha.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def told(loaded: subprocess.CompletedProcess[str], folder: Path):
    return lambda query: rows(folder, query)


# -- the verb ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_each_checklist_has_an_inspection_in_each_state(told):
    found = told("SELECT DISTINCT status, checklist_title FROM inspection")
    per_status = Counter(status for status, _ in found)
    assert per_status == dict.fromkeys(
        ("draft", "submitted", "returned", "approved", "cancelled"), KINDS
    )
    assert told("SELECT count(*) FROM inspection") == [(len(visits.PLAN),)]


@pytest.mark.slow
def test_all_papers_are_signed_and_archived_or_wait_for_people(told):
    approved = told("SELECT count(*) FROM inspection WHERE status = 'approved'")[0][0]
    issued = [KINDS_OF_PAPER[p.kind] for p in papers.PAPERS if p.step is papers.Step.ISSUED]
    by_people = sum(len(kind.signers) > 1 for kind in issued)
    sealed = 2 * approved + len(issued) - by_people
    states = dict(told("SELECT state, count(*) FROM document GROUP BY 1"))
    assert states == {"signed": sealed, "signing": by_people}
    assert told("SELECT count(*) FROM archive_record") == [(sealed,)]
    assert told("SELECT DISTINCT state FROM delivery") == [("done",)]


@pytest.mark.slow
def test_there_are_second_rounds_refusals_conflicts_and_doubts(told):
    assert told("SELECT count(*) FROM submission WHERE number = 2")[0][0] == 3
    refusals = told("SELECT reason, witness FROM signature WHERE method = 'refused'")
    assert len(refusals) == 2
    assert all(all(refusal) for refusal in refusals)
    states = [json.loads(state) for (state,) in told("SELECT state FROM inspection")]
    assert sum(any("also" in entry for entry in state.values()) for state in states) == 2
    sources = {source for (source,) in told("SELECT source FROM finding")}
    assert sources == {"item", "rule"}


@pytest.mark.slow
def test_what_happened_is_told_in_the_order_of_time(told):
    acts = told("SELECT at FROM event WHERE kind LIKE 'inspection.%' ORDER BY id")
    moments = [at for (at,) in acts]
    assert moments == sorted(moments)
    assert max(moments) < datetime.now(UTC).isoformat(" ")


@pytest.mark.slow
def test_a_second_run_keeps_what_is_there(loaded, folder):
    before = rows(folder, "SELECT id, changed_at FROM inspection ORDER BY id")
    again = mingcha("demo", "--no-serve", MINGCHA_DATA_DIR=str(folder))
    assert again.returncode == 0, again.stderr
    assert "is kept" in again.stdout
    assert rows(folder, "SELECT id, changed_at FROM inspection ORDER BY id") == before


@pytest.mark.slow
def test_every_link_signs_its_person_in(loaded, folder):
    links = [line.split()[-1] for line in loaded.stdout.splitlines() if "/demo/" in line]
    assert len(links) == len(cast.PEOPLE)
    assert all(link.startswith("http://127.0.0.1:8765/demo/") for link in links)
    script = (
        "import sys; from webapp.wsgi import create_app; app = create_app()\n"
        "for link in sys.argv[1:]:\n"
        "    client = app.test_client()\n"
        "    home = client.get(link, follow_redirects=True)\n"
        "    print(client.get(link).status_code, home.status_code)"
    )
    paths = [link.partition(":8765")[2] for link in links]
    shown = subprocess.run(
        [sys.executable, "-c", script, *paths], capture_output=True, text=True, check=True,
        env=os.environ | {"MINGCHA_DATA_DIR": str(folder)},
    )  # fmt: skip
    answered = [line.split() for line in shown.stdout.splitlines()]
    assert [first for first, _ in answered] == ["303"] * len(links)
    assert "500" not in {then for _, then in answered}


def test_a_folder_with_other_data_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mingcha.db").write_text("a bureau's")
    refused = mingcha("demo", "--no-serve", "--data", str(tmp_path))
    assert refused.returncode == 1
    assert "not a demo's" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mingcha.db"]


def test_a_database_of_a_real_bureau_is_refused(tmp_path):
    path = tmp_path / "real.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE bureau (name TEXT)")
        connection.execute("INSERT INTO bureau VALUES ('别的局')")
    url = f"sqlite:///{path}"
    refused = mingcha(
        "demo", "--no-serve", "--data", str(tmp_path / "demo"), MINGCHA_DATABASE_URL=url
    )
    assert refused.returncode == 1
    assert "MINGCHA_DATABASE_URL" in refused.stderr


def test_a_busy_port_is_named_before_anything_is_made(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = mingcha("demo", "--port", str(port), "--data", str(tmp_path / "demo"))
    assert refused.returncode == 1
    assert f"Port {port} is not available" in refused.stderr
    assert not (tmp_path / "demo").exists()


def test_chinese_takes_two_columns_of_a_terminal():
    assert width_of("林检 lin") == 8


# -- on the local network ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def lan(loaded, folder):
    """Serve the demo to phones; returns its words, its port and its authority's certificate."""
    tries = Random()  # two workers of the tests may look at the same time
    port = next(n for n in iter(lambda: tries.randrange(20000, 32000, 2), 0) if are_free(n, n + 1))
    words = [sys.executable, "-m", "webapp.cli", "demo", "--lan", "--address", "127.0.0.1"]
    words += ["--data", str(folder), "--port", str(port)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MINGCHA_")}
    log = folder.parent / "lan.log"
    with servers.running(words, log, signal.SIGTERM, env=environment, cwd=ROOT) as server:
        for number in (port, port + 1):
            while server.poll() is None and are_free(number):
                time.sleep(0.1)
        assert server.poll() is None, log.read_text()
        yield log.read_text("utf-8"), port, folder / "tls/ca/certificate.pem"
    assert server.returncode == 0, log.read_text()


def are_free(*ports: int) -> bool:
    for port in ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return False
    return True


@pytest.mark.slow
def test_a_phone_that_trusts_the_certificate_signs_in_over_tls(lan):
    told, port, authority = lan
    link = re.search(rf"https://127\.0\.0\.1:{port}/demo/\S+", told)[0]
    context = ssl.create_default_context(cafile=str(authority))
    opener = build_opener(HTTPSHandler(context=context), HTTPCookieProcessor())
    with opener.open(link, timeout=60) as answer:
        assert answer.url == f"https://127.0.0.1:{port}/"
        assert "我的任务" in answer.read().decode()


@pytest.mark.slow
def test_a_phone_that_does_not_is_led_there_through_the_plain_door(lan):
    told, port, authority = lan
    with pytest.raises(URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urlopen(f"https://127.0.0.1:{port}/", timeout=60)
    plain = f"http://127.0.0.1:{port + 1}"
    assert f"{plain}/trust" in told
    with urlopen(plain, timeout=60) as answer:
        page = answer.read().decode()
    assert answer.url == f"{plain}/trust"
    assert f'href="https://127.0.0.1:{port}"' in page
    fingerprint = re.search(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", page)[0]
    assert fingerprint in told
    with urlopen(f"{plain}/trust/mingcha-ca.crt", timeout=60) as answer:
        der = answer.read()
    assert ssl.DER_cert_to_PEM_cert(der).split() == authority.read_text().split()


# -- what it is made from ---------------------------------------------------------------------


def test_the_tables_name_items_that_exist():
    items = {item.id for checklist in CATALOGUE.values() for item in checklist.items}
    assert {*SOUND, *DOUBTED, *SELDOM, *SCENES, *FAILURES} <= items
    assert {failure.scene for failure in FAILURES.values()} - {""} <= set(photos.SCENES)


@pytest.mark.parametrize("checklist", CATALOGUE.values(), ids=CATALOGUE)
@pytest.mark.parametrize("table", [(), FAILURES, DOUBTED], ids=["sound", "failing", "doubted"])
@pytest.mark.parametrize("seed", range(3))
def test_answers_are_complete_and_doubted_only_where_meant(checklist, table, seed):
    chosen = [item.id for item in checklist.items if item.id in table]
    failed, doubted = (chosen, []) if table is FAILURES else ([], chosen)
    given = answers.answers(
        checklist, begun=MONDAY, failed=failed, doubted=doubted, rng=Random(seed)
    )
    left = rules.missing(checklist, given, "2026-11-23")
    assert [m.question_id for m in left if not m.question_id.startswith("visit.")] == []
    suspect = rules.suspects(checklist, given, "2026-11-23", Figures(checklist))
    assert set(suspect) - set(failed) == set(doubted)


def test_the_same_day_and_seed_tell_the_same_story():
    days = Days(MONDAY, ZONE)
    first, second = (
        [visits.work_out(n, v, CATALOGUE[v.checklist], days) for n, v in enumerate(visits.PLAN)]
        for _ in range(2)
    )
    assert first == second
    assert len({course.id for course in first}) == len(first)
    assert {course.id.version for course in first} == {7}


@pytest.mark.parametrize("visit", visits.PLAN, ids=lambda v: f"{v.unit} {v.stage.value}")
def test_a_visit_lies_within_the_two_weeks_and_working_hours(visit: Visit):
    days = Days(MONDAY, ZONE)
    course = visits.work_out(0, visit, CATALOGUE[visit.checklist], days)
    assert abs(course.begun - MONDAY) <= timedelta(days=8)
    begun, ended = course.begun.astimezone(ZONE), course.ended.astimezone(ZONE)
    assert (begun.weekday() < 5, begun.hour >= 8, (ended.hour, ended.minute) <= (17, 30)) == (
        True, True, True,
    )  # fmt: skip
    assert visit.unit not in {p.unit for p in cast.PEOPLE if p.username in ("lin", "chen")}
    if visit.stage not in (Stage.PLANNED, Stage.CANCELLED):
        assert course.ended < MONDAY


def test_on_a_day_off_today_is_the_next_working_day():
    saturday = Days(datetime(2026, 11, 21, 2, 0, tzinfo=UTC), ZONE)
    assert saturday.day(0).isoformat() == "2026-11-23"
    assert saturday.day(-1).isoformat() == "2026-11-20"


@pytest.mark.parametrize("scene", photos.SCENES)
def test_a_photo_is_small_and_varies_with_its_seed(scene, tmp_path_factory):
    face = photos.face_in(tmp_path_factory.getbasetemp())
    one, other = (
        photos.draw(photos.Shot(scene, "示例县", "2026-11-20 09:00", seed), face) for seed in (1, 2)
    )
    assert one != other
    assert len(one) <= 150_000
    with Image.open(BytesIO(one)) as picture:
        assert picture.size == (photos.WIDTH, photos.HEIGHT)


def test_everybody_who_signs_has_ink():
    names = {"林检", "陈查"} | {place.head for place in cast.PLACES if place.head}
    for name in names:
        drawn = ink.signature(name, Random(1))
        assert drawn["path"].startswith("M")
        assert drawn["path"].count("M") >= 4


@pytest.mark.slow
def test_every_kind_that_people_draft_has_an_example(told):
    there = {kind for (kind,) in told("SELECT kind FROM document UNION SELECT kind FROM draft")}
    assert there >= {name for name, kind in KINDS_OF_PAPER.items() if kind.form}
