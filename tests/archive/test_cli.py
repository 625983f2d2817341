"""The operators' verbs: list and fetch documents, find damaged files."""

import json
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.archive.test_service import records, spoil
from tests.documents.approval import approved
from webapp import cli
from webapp.cli import documents, fixity
from webapp.core.db import db
from webapp.core.events import Event
from webapp.documents.models import Document


@pytest.fixture
def run(app, monkeypatch):
    """Run a verb inside the tests' own application."""
    monkeypatch.setattr(cli, "ready_app", lambda: app)

    def ran(command, *arguments):
        return CliRunner().invoke(command, [str(one) for one in arguments])

    return ran


@pytest.fixture
def made(cast, drain):
    """Approve an inspection and let everything follow."""
    approved()
    drain()


def test_documents_are_listed_for_programs(run, made):
    done = run(documents.command, "list", "--json")
    assert done.exit_code == 0
    rows = json.loads(done.output)
    assert {row["kind"] for row in rows} == {"site_record", "feedback"}
    assert set(rows[0]) == {"id", "kind", "number", "title", "state", "sha256", "signed_at"}
    assert {row["state"] for row in rows} == {"signed"}


def test_documents_are_listed_for_people(run, cast):
    assert "No documents yet" in run(documents.command, "list").output
    approved()
    assert run(documents.command, "list").exit_code == 0


def test_a_document_is_fetched_and_compared(run, made, tmp_path):
    with db.reading() as session:
        document = session.scalars(select(Document)).first()
    out = tmp_path / "a.pdf"
    done = run(documents.command, "get", document.id, "--out", out)
    assert done.exit_code == 0
    assert document.number in done.output
    assert out.read_bytes().startswith(b"%PDF-")
    spoil(document.sha256)
    done = run(documents.command, "get", document.id, "--out", tmp_path / "b.pdf")
    assert done.exit_code == 1
    assert document.number in done.output
    assert not (tmp_path / "b.pdf").exists()


def test_a_document_that_is_not_there_is_an_error(run, cast, tmp_path):
    assert run(documents.command, "get", uuid4(), "--out", tmp_path / "a").exit_code == 1
    assert run(documents.command, "get", "nonsense", "--out", tmp_path / "a").exit_code == 2


def test_fixity_names_what_changed_and_fails(run, made):
    done = run(fixity.command, "--json")
    assert done.exit_code == 0
    told = json.loads(done.output)
    assert told.pop("log")["faults"] == []
    assert told == {"checked": 2, "intact": 2, "damaged": []}
    damaged = records()[1]
    spoil(damaged.sha256)
    done = run(fixity.command, "--json")
    assert done.exit_code == 1
    (told,) = json.loads(done.output)["damaged"]
    assert (told["name"], told["health"]) == (damaged.number, "altered")
    done = run(fixity.command)
    assert done.exit_code == 1
    assert damaged.number in done.output
    with db.reading() as session:
        checks = session.scalars(select(Event).where(Event.kind == "archive.checked")).all()
    assert len(checks) == 3
