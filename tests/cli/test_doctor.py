import errno
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from tests import servers
from webapp.cli import doctor
from webapp.cli.doctor import CHECKS, command
from webapp.core import migration
from webapp.core.clock import now
from webapp.core.db import Database
from webapp.core.events import Delivery, DeliveryState, Event

ANCIENT = timedelta(hours=1)


class Patient:
    """An installation with a data folder of its own, and the doctor called to it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.settings = {"MINGCHA_DATA_DIR": str(data_dir), "LANG": "C.UTF-8", "LC_ALL": ""}

    def call(self, *words: str, **settings: str):
        return CliRunner().invoke(command, words, env={**self.settings, **settings})

    def states(self, **settings: str) -> dict[str, str]:
        answer = json.loads(self.call("--json", **settings).output)
        return {check["id"]: check["state"] for check in answer["checks"]}

    def owe(self, url: str, *, due_before: timedelta, state: DeliveryState) -> None:
        """Migrate the database and leave one piece of work in it."""
        database = Database()
        database.connect(url)
        migration.upgrade(database.engine)
        with Session(database.engine) as session:
            event = Event(kind="test", subject="1", at=now())
            session.add(event)
            session.flush()
            session.add(
                Delivery(event_id=event.id, reaction="x", due_at=now() - due_before, state=state)
            )
            session.commit()
        database.engine.dispose()

    @property
    def sqlite(self) -> str:
        return f"sqlite:///{self.data_dir / 'mingcha.db'}"


@pytest.fixture
def patient(tmp_path):
    return Patient(tmp_path / "var")


def test_a_new_installation_is_told_its_first_step(patient):
    answer = patient.call()
    assert answer.exit_code == 0
    assert "no database yet" in answer.output
    assert "./mingcha demo" in answer.output
    assert not patient.data_dir.exists(), "looking changes nothing"


def test_it_speaks_chinese_where_the_launcher_does(patient):
    assert "还没有数据库" in patient.call(LANG="zh_CN.UTF-8").output


def test_programs_get_every_check_with_its_state(patient):
    answer = json.loads(patient.call("--json").output)
    assert [check["id"] for check in answer["checks"]] == list(CHECKS)
    assert answer["state"] == "warn"
    remedies = [check["remedy"] for check in answer["checks"] if check["state"] == "fail"]
    assert all(remedies)


def test_columns_line_up_in_chinese():
    assert doctor.padded("时钟", 6) == "时钟  "
    assert doctor.padded("Clock", 6) == "Clock "


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("due_before", "state", "verdict"),
    [
        (timedelta(0), DeliveryState.PENDING, "ok"),
        (ANCIENT, DeliveryState.DONE, "ok"),
        (ANCIENT, DeliveryState.FAILED, "warn"),
        (ANCIENT, DeliveryState.PENDING, "fail"),
    ],
)
def test_work_that_nobody_does_is_noticed(patient, request, backend, due_before, state, verdict):
    url = patient.sqlite
    if backend == "postgresql":
        url = request.getfixturevalue("own_database")
    patient.owe(url, due_before=due_before, state=state)
    states = patient.states(MINGCHA_DATABASE_URL=url)
    assert (states["database"], states["schema"], states["work"]) == ("ok", "ok", verdict)


@pytest.fixture
def own_database(pg_server):
    from tests.servers import create_database, drop_database

    url = create_database(pg_server, "doctor")
    yield url
    drop_database(url)


def test_another_releases_schema_is_noticed(patient):
    database = Database()
    database.connect(patient.sqlite)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE something (id INTEGER)")
    database.engine.dispose()
    assert patient.states()["schema"] == "fail"


def test_a_database_that_does_not_answer_is_one_failure_and_keeps_its_password(patient):
    url = "postgresql+psycopg://u:hunter2@/x?host=/nowhere"
    answer = patient.call(MINGCHA_DATABASE_URL=url)
    assert answer.exit_code == 1
    assert "hunter2" not in answer.output
    states = patient.states(MINGCHA_DATABASE_URL=url)
    assert (states["database"], states["schema"], states["python"]) == ("fail", "warn", "ok")


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("https://mingcha.example.org", "ok"),
        ("http://127.0.0.1:8000", "warn"),
        ("mingcha.example.org", "fail"),
        ("https://", "fail"),
    ],
)
def test_the_address_is_judged_by_what_phones_need(patient, address, state):
    assert patient.states(MINGCHA_BASE_URL=address)["address"] == state


def test_a_data_folder_on_the_network_is_refused(patient, monkeypatch):
    monkeypatch.setattr("webapp.core.db.file_system_of", lambda folder: "nfs4")
    assert patient.states()["data_dir"] == "fail"


def test_a_data_folder_that_takes_no_files_is_a_failure(patient, monkeypatch):
    def refused(**_where):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("webapp.cli.doctor.machine.tempfile.TemporaryFile", refused)
    assert patient.states()["data_dir"] == "fail"


def test_a_data_folder_below_a_file_is_a_failure(patient):
    patient.data_dir.parent.mkdir(exist_ok=True)
    patient.data_dir.write_text("a file")
    assert patient.states()["data_dir"] == "fail"


def test_keys_that_others_can_read_are_named(patient):
    patient.data_dir.mkdir()
    secret = patient.data_dir / "secret_key"
    secret.write_text("secret")
    secret.chmod(0o644)
    assert f"chmod go= {secret}" in patient.call().output
    secret.chmod(0o600)
    assert patient.states()["keys"] == "ok"


def test_a_missing_font_is_named(patient, tmp_path):
    font = tmp_path / "fangsong.ttf"
    assert str(font) in patient.call(MINGCHA_FONT_FANGSONG=str(font)).output


def test_a_missing_library_is_named_with_the_line_that_brings_it(patient, monkeypatch):
    monkeypatch.setattr("webapp.cli.doctor.machine.PANGO", ("libnot-there.so.0",))
    assert "apt-get install -y libpango-1.0-0" in patient.call().output


def test_settings_that_do_not_parse_are_the_only_finding(patient):
    answer = patient.call(MINGCHA_PHOTO_MAX_MIB="many")
    assert answer.exit_code == 1
    assert "photo_max_mib" in answer.output


def test_a_check_that_breaks_spoils_only_its_own_line(patient, monkeypatch):
    def broken(settings):
        raise ImportError("half of the product is gone")

    monkeypatch.setitem(CHECKS, "fonts", (CHECKS["fonts"][0], broken))
    states = patient.states()
    assert (states["fonts"], states["disk"]) == ("fail", "ok")


def test_a_full_disk_and_a_wrong_clock_are_failures(patient, monkeypatch):
    monkeypatch.setattr("webapp.cli.doctor.machine.GIB", 10**15)
    monkeypatch.setattr("webapp.cli.doctor.machine.time.time", lambda: 0.0)
    states = patient.states()
    assert (states["disk"], states["clock"]) == ("fail", "fail")


def test_a_store_elsewhere_is_written_to_and_read(patient, s3_url):
    assert patient.states(MINGCHA_BLOB_URL=s3_url)["files"] == "ok"


@pytest.mark.parametrize(
    ("bucket", "secret", "remedy"),
    [("mingcha", "guessed", "AWS_SECRET_ACCESS_KEY"), ("elsewhere", "", "bucket")],
)
def test_a_store_that_refuses_us_is_a_failure_with_its_remedy(
    patient, s3_server, s3_url, bucket, secret, remedy
):
    access = {"AWS_SECRET_ACCESS_KEY": secret} if secret else {}
    url = f"s3://{bucket}?endpoint={s3_server}"
    answer = patient.call(MINGCHA_BLOB_URL=url, **access)
    assert answer.exit_code == 1
    assert remedy in answer.output


def test_an_address_of_no_known_store_is_a_failure(patient):
    answer = patient.call(MINGCHA_BLOB_URL="ftp://example.org/")
    assert answer.exit_code == 1
    assert "file://, s3://" in answer.output


def test_a_queue_that_answers_and_one_that_does_not(patient, redis_folder):
    with servers.redis(redis_folder) as url:
        assert patient.states(MINGCHA_QUEUE_URL=url)["queue"] == "ok"
    answer = patient.call(MINGCHA_QUEUE_URL="redis://:hunter2@127.0.0.1:1/0")
    assert answer.exit_code == 1
    assert "hunter2" not in answer.output
    assert "MINGCHA_QUEUE_URL" in answer.output
