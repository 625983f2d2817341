"""More than one machine: PostgreSQL, an S3 store and Redis between a server and a worker."""

import hashlib
import os
import socket
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from tests import servers
from tests.documents.approval import approved
from tests.inspections.conftest import photo, token_of
from webapp import worker
from webapp.core.config import ROOT, Settings
from webapp.core.db import db
from webapp.core.events import Delivery
from webapp.core.storage import Unreachable, open_storage
from webapp.documents.models import Document, DocumentState
from webapp.inspections.models import Evidence

ON_POSTGRESQL = pytest.mark.parametrize("app", ["postgresql"], indirect=True)


class Host:
    """Another machine: a data folder of its own, everything else by its address."""

    def __init__(self, app, folder: Path, queue_url: str, blob_url: str) -> None:
        self.folder = folder
        self.env = {
            **os.environ,
            "MINGCHA_DATA_DIR": str(folder),
            "MINGCHA_DATABASE_URL": app.extensions["settings"].database,
            "MINGCHA_QUEUE_URL": queue_url,
            "MINGCHA_BLOB_URL": blob_url,
        }

    def worker(self):
        folder = self.folder.parent / f"{self.folder.name}.log"
        words = [sys.executable, "-m", "webapp.cli", "worker", "--processes", "1"]
        return servers.running(words, folder, servers.signal.SIGTERM, cwd=ROOT, env=self.env)


@pytest.fixture
def redis_url(redis_folder):
    with servers.redis(redis_folder) as url:
        yield url


@pytest.fixture
def other_host(app, tmp_path, redis_url, s3_url):
    return Host(app, tmp_path / "other", redis_url, s3_url)


def wait_for(found, *, seconds: float = 90):
    """Wait until ``found`` answers something true; returns it."""
    until = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.1)
    return answer


def signed() -> list[Document]:
    with db.reading() as session:
        is_signed = Document.state == DocumentState.SIGNED
        return list(session.scalars(select(Document).where(is_signed)).unique())


def owed() -> list[int]:
    with db.reading() as session:
        return list(session.scalars(select(Delivery.id)))


@ON_POSTGRESQL
def test_a_worker_elsewhere_makes_the_documents(app, cast, other_host, redis_url, s3_url):
    queue = worker.open_queue(Settings(data_dir=other_host.folder, queue_url=redis_url))
    approved()
    with other_host.worker():
        queue.wake(owed())
        documents = wait_for(lambda: len(signed()) == 2 and signed())
    storage = open_storage(s3_url)
    for document in documents:
        assert storage.get(document.sha256).startswith(b"%PDF-")
    assert not (other_host.folder / "blobs").exists()


@ON_POSTGRESQL
def test_a_worker_without_the_keys_refuses_to_make_others(app, cast, other_host, drain):
    approved()
    drain()
    assert signed()
    with other_host.worker() as process:
        assert process.wait(60) == 1
    log = (other_host.folder.parent / "other.log").read_text()
    assert "copy the folder keys/" in log
    assert not (other_host.folder / "keys").exists()


def test_an_act_is_done_even_when_the_queue_is_down(tmp_path):
    queue = worker.open_queue(
        Settings(data_dir=tmp_path, queue_url=f"unix://{tmp_path}/nobody.sock")
    )
    queue.wake([1, 2])


# -- photos in a store that is elsewhere ------------------------------------------------------


@pytest.fixture
def s3_app(app, s3_url, monkeypatch):
    """Let the application keep its files in the bucket."""
    monkeypatch.setitem(app.extensions, "storage", open_storage(s3_url))
    return app


def put(client, data: bytes):
    sha256 = hashlib.sha256(data).hexdigest()
    headers = {"X-CSRFToken": token_of(client)}
    return client.put(f"/api/v1/blobs/{sha256}", data=data, headers=headers)


def test_a_photo_lies_in_the_bucket(s3_app, as_, session):
    client, data = as_("lin"), photo()
    assert put(client, data).status_code == 201
    evidence = session.scalars(select(Evidence)).one()
    assert s3_app.extensions["storage"].get(evidence.sha256) == data
    assert client.get(f"/evidence/{evidence.sha256}").mimetype == "image/jpeg"


def test_a_photo_waits_on_the_phone_while_the_store_is_down(s3_app, as_, session, monkeypatch):
    client, data = as_("lin"), photo()
    with socket.socket() as nobody, monkeypatch.context() as meanwhile:
        nobody.bind(("127.0.0.1", 0))
        down = open_storage(f"s3://x?endpoint=http://127.0.0.1:{nobody.getsockname()[1]}")
        meanwhile.setitem(s3_app.extensions, "storage", down)
        answer = put(client, data)
        assert (answer.status_code, answer.get_json()["code"]) == (503, Unreachable.code)
        assert "稍后再试" in answer.get_json()["remedy"]
    assert session.scalars(select(Evidence)).first() is None
    assert put(client, data).status_code == 201
