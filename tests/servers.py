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
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

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
    folder = Path(tempfile.mkdtemp(prefix="mc-", dir=home()))
    if account:
        os.chown(folder, account["user"], account["group"])
    return folder


def die_with_parent() -> None:
    """Ask the kernel to stop this child when the tests are killed without a chance to clean up."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


@contextlib.contextmanager
def running(
    words: list[str], log: Path, stop: signal.Signals = signal.SIGKILL, **how: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, in the folder of its log unless told otherwise, and stop it at the end."""
    with log.open("wb") as out:
        server = subprocess.Popen(
            words,
            **{"cwd": log.parent, **how},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            preexec_fn=die_with_parent,
        )
    try:
        yield server
    finally:
        server.send_signal(stop)
        server.wait(timeout=30)


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
        fast_shutdown = signal.SIGINT  # it does not wait for clients
        with running(words, log, fast_shutdown, **account) as server:
            wait_until_ready(server, url, log)
            yield url.render_as_string(hide_password=False)
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


# -- a store of files, a queue ----------------------------------------------------------------

BUCKET = "mingcha"
ACCESS = {"AWS_ACCESS_KEY_ID": "mingcha", "AWS_SECRET_ACCESS_KEY": "for-the-tests-alone"}
OPERATOR = {"AWS_ACCESS_KEY_ID": "operator", "AWS_SECRET_ACCESS_KEY": "makes-the-bucket"}
RIGHTS = [f"{right}:{BUCKET}" for right in ("Read", "Write", "List")]


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody uses now."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def s3_client(endpoint: str, access: dict[str, str] = OPERATOR) -> Any:
    """Return a client beside the product's own, for what the product never does."""
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=access["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=access["AWS_SECRET_ACCESS_KEY"],
    )


def _identity(name: str, access: dict[str, str], actions: list[str]) -> dict[str, Any]:
    key = {"accessKey": access["AWS_ACCESS_KEY_ID"], "secretKey": access["AWS_SECRET_ACCESS_KEY"]}
    return {"name": name, "credentials": [key], "actions": actions}


@contextlib.contextmanager
def s3() -> Iterator[str]:
    """Run a SeaweedFS of our own with one bucket; yield its endpoint."""
    folder = private_folder({})
    identities = [
        _identity("product", ACCESS, RIGHTS),
        _identity("operator", OPERATOR, ["Admin", "Read", "Write", "List"]),
    ]
    (folder / "s3.json").write_text(json.dumps({"identities": identities}))
    (folder / "data").mkdir()
    names = ("s3", "master", "volume", "filer")
    flags = [f"{name}.port{kind}" for name in names for kind in ("", ".grpc")]
    ports = dict(zip(flags, free_ports(len(flags)), strict=True))
    words = [str(Path(sys.executable).parent / "weed"), "server", "-s3", "-s3.config=s3.json"]
    words += ["-dir=data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-volume.max=20"]
    words += ["-master.volumeSizeLimitMB=64", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    words += [f"-s3.localSocket={folder}/s3.sock", *(f"-{n}={p}" for n, p in ports.items())]
    endpoint = f"http://127.0.0.1:{ports['s3.port']}"
    try:
        with running(words, folder / "log") as server:
            make_bucket(server, endpoint, folder / "log")
            yield endpoint
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_bucket(server: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            s3_client(endpoint).create_bucket(Bucket=BUCKET)
        except (BotoCoreError, ClientError):
            time.sleep(0.2)
        else:
            return
    raise ServerMissingError(f"SeaweedFS did not start:\n{log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """A real S3 server for this test process."""
    with s3() as endpoint:
        yield endpoint


@pytest.fixture
def s3_url(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty place in the bucket, and the right to use it."""
    for name, value in ACCESS.items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{uuid4().hex}?endpoint={s3_server}"


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run a Redis of our own on a socket in ``folder``; yield its URL."""
    found = shutil.which("redis-server")
    if not found:
        raise ServerMissingError(
            "redis-server is not on this machine, and these tests are not skipped: "
            "as root, run ./mingcha test, or apt-get install redis-server"
        )
    path = folder / "redis.sock"
    words = [found, "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)]
    with running(words, folder / "redis.log") as server:
        while not path.exists():
            if server.poll() is not None:
                raise ServerMissingError((folder / "redis.log").read_text())
            time.sleep(0.02)
        yield f"unix://{path}"


@pytest.fixture
def redis_folder() -> Iterator[Path]:
    """A folder whose name is short enough for a socket."""
    folder = private_folder({})
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
