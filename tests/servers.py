"""Starts real servers for the tests, each throw-away, none reachable from outside.

In ``conftest.py``: ``pytest_plugins = ["tests.servers"]``.  Build one database with the schema,
then give each test a copy of it, which PostgreSQL makes from files::

    @pytest.fixture(scope="session")
    def pg_template(pg_server):
        url = create_database(pg_server, "template_mingcha")
        migrate(url)
        return url

    @pytest.fixture
    def pg_url(pg_template):
        url = create_database(pg_template, f"t{uuid4().hex}", template="template_mingcha")
        yield url
        drop_database(url)
"""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL, make_url

USER = "mingcha"
PR_SET_PDEATHSIG = 1
ROOM_BYTES = 1024**3

# A crash of the machine may lose a throw-away database; nothing else may differ from production.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",  # it would hold a template open while a test copies it
    "max_connections": "60",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
    # Not the tests' own zone: a time stored without one must show as a failure.
    "timezone": "America/St_Johns",
}


class ServerMissingError(RuntimeError):
    """A server that the tests need is not installed, or would not start."""


def program(name: str) -> str:
    """Find a program of PostgreSQL's; Debian keeps each release's in a folder of its own."""
    releases = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        key=lambda path: int(path.parts[-3]),
    )
    found = str(releases[-1]) if releases else shutil.which(name)
    if not found:
        raise ServerMissingError(
            f"PostgreSQL's {name} is not on this machine, and these tests are not skipped: "
            "as root, run ./mingcha test, or apt-get install postgresql"
        )
    return found


def server_account() -> dict[str, Any]:
    """Return how to run the server: it refuses root, so root hands it to an ordinary account."""
    if os.geteuid():
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise ServerMissingError(
        "PostgreSQL refuses to run as root, and there is no account to run it as"
    )


def home() -> Path:
    """Choose where servers live: in memory if there is room, where a copy takes 15 ms, not 300.

    Never TMPDIR, which may be of any length: a socket's path may have 107 bytes.
    """
    memory = Path("/dev/shm")
    has_room = memory.is_mount() and shutil.disk_usage(memory).free > ROOM_BYTES
    return memory if has_room and os.access(memory, os.W_OK) else Path("/tmp")


def private_folder(account: dict[str, Any]) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="mcpg-", dir=home()))
    if account:
        os.chown(folder, account["user"], account["group"])
    return folder


def die_with_parent() -> None:
    """Ask the kernel to stop this child when the tests are killed without a chance to clean up."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def initialise(folder: Path, account: dict[str, Any]) -> None:
    words = [program("initdb"), "--pgdata", str(folder / "data"), "--username", USER, "--no-sync"]
    words += ["--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"]
    made = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, **account)
    if made.returncode:
        raise ServerMissingError(f"initdb failed:\n{made.stderr or made.stdout}")


def wait_until_ready(server: subprocess.Popen[bytes], url: URL, log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        try:
            psycopg.connect(_dsn(url), connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise ServerMissingError(
        f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}"
    )


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL of our own, on a socket in a private folder; yield its SQLAlchemy URL.

    :raises ServerMissingError: it is not installed or does not start; the text says what to do.
    """
    account = server_account()
    folder = private_folder(account)
    url = URL.create("postgresql+psycopg", USER, database="postgres", query={"host": str(folder)})
    log = folder / "log"
    try:
        initialise(folder, account)
        words = [program("postgres"), "-D", str(folder / "data"), "-k", str(folder)]
        for name, value in SETTINGS.items():
            words += ["-c", f"{name}={value}"]
        with log.open("wb") as out:
            server = subprocess.Popen(
                words,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                preexec_fn=die_with_parent,
                **account,
            )
        try:
            wait_until_ready(server, url, log)
            yield url.render_as_string(hide_password=False)
        finally:
            server.send_signal(signal.SIGINT)  # a fast shutdown: it does not wait for clients
            server.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _command(url: URL, words: str, **names: str) -> None:
    identifiers = {key: psycopg.sql.Identifier(name) for key, name in names.items()}
    with psycopg.connect(_dsn(url.set(database="postgres")), autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL(words).format(**identifiers))


def create_database(server_url: str, name: str, template: str = "template0") -> str:
    """Make a database, as a copy of ``template`` if one is named; return its URL.

    Nothing may be connected to the template meanwhile: dispose of the engine that migrated it.
    """
    url = make_url(server_url)
    words = "CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
    _command(url, words, name=name, template=template)
    return url.set(database=name).render_as_string(hide_password=False)


def drop_database(url: str) -> None:
    """Remove a database, whoever may still be connected to it."""
    _command(
        make_url(url),
        "DROP DATABASE IF EXISTS {name} WITH (FORCE)",
        name=str(make_url(url).database),
    )


@pytest.fixture(scope="session")
def pg_server() -> Iterator[str]:
    """A real PostgreSQL for this test process, started when the first test asks for it."""
    with postgresql() as url:
        yield url
