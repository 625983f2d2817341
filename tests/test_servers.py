import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from tests import servers
from tests.servers import ServerMissingError, create_database, drop_database


@pytest.fixture(scope="module")
def template(pg_server):
    url = create_database(pg_server, "template_of_this_test")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE note (words text)"))
        connection.execute(text("INSERT INTO note VALUES ('督查')"))
    engine.dispose()
    yield url
    drop_database(url)


def words(url: str) -> list[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = list(connection.scalars(text("SELECT words FROM note")))
    engine.dispose()
    return found


def test_a_copy_has_what_the_template_has_and_changes_alone(template):
    copies = [
        create_database(template, name, template="template_of_this_test") for name in ("a", "b")
    ]
    engine = create_engine(copies[0])
    with engine.begin() as connection:
        connection.execute(text("UPDATE note SET words = '检查'"))
    assert [words(url) for url in [*copies, template]] == [["检查"], ["督查"], ["督查"]]
    for url in copies:
        drop_database(url)  # with the engine still connected
    engine.dispose()


def test_it_stores_chinese_and_listens_on_no_port(pg_server):
    engine = create_engine(pg_server)
    with engine.connect() as connection:
        settings = [
            connection.scalar(text(f"SHOW {name}"))
            for name in ("server_encoding", "listen_addresses")
        ]
    engine.dispose()
    assert settings == ["UTF8", ""]


def test_a_missing_program_is_an_error_that_names_the_remedy(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ServerMissingError, match="apt-get install postgresql"):
        servers.program("no-such-program")


def test_it_ends_when_the_tests_are_killed():
    script = (
        "from tests.servers import postgresql\n"
        "with postgresql() as url:\n"
        "    print(url, flush=True)\n"
        "    input()\n"
    )
    tests = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(servers.__file__).parents[1],
        env={**os.environ, "PYTHONPATH": "."},
    )
    url = tests.stdout.readline()
    tests.kill()
    tests.communicate()
    folder = Path(make_url(url.strip()).query["host"])
    pid = int((folder / "data/postmaster.pid").read_text().split()[0]) if folder.exists() else 0
    assert ended(pid), f"the server with id {pid} outlived the tests"
    shutil.rmtree(folder, ignore_errors=True)


def ended(pid: int) -> bool:
    for _ in range(100):
        process = Path(f"/proc/{pid}/cmdline")
        if (
            not pid or not process.exists() or not process.read_bytes()
        ):  # or a zombie, not waited for
            return True
        time.sleep(0.1)
    return False
