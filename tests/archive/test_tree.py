"""Every event is a leaf of a signed tree; what is altered, removed or slipped in is named."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, text, update

from tests.accounts.test_accounts import Program
from tests.documents.approval import approved
from tests.factories import AT
from tests.inspections.conftest import photo
from webapp import cli, flow
from webapp.cli import fixity
from webapp.core import events, tree
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.events import Event
from webapp.core.merkle import is_consistent, is_included
from webapp.core.tree import Head, Leaf
from webapp.documents import heads
from webapp.documents.ledger import find_expected
from webapp.documents.models import Document
from webapp.inspections import evidence


def happen(count: int) -> list[int]:
    with db.writing() as session:
        return [
            events.record(session, "test.happened", n, by_id=None, at=AT, word="督查", n=n)
            for n in range(count)
        ]


def faults() -> list[str]:
    with db.reading() as session:
        return [what for what, _ in heads.faults(session)]


def grown(count: int) -> list[int]:
    ids = happen(count)
    assert flow.grow_tree() >= count
    assert faults() == []
    return ids


def test_all_events_are_leaves_and_nothing_is_added_twice(cast, session):
    grown(3)
    assert flow.grow_tree() == 0
    happen(2)
    assert flow.grow_tree() == 2
    assert len(session.scalars(select(Leaf)).all()) == len(session.scalars(select(Event)).all())
    assert faults() == []


def test_a_large_backlog_is_taken_in_parts(cast, session, monkeypatch):
    monkeypatch.setattr(tree, "BATCH", 10)
    grown(25)
    assert len(session.scalars(select(Head)).all()) >= 3
    assert faults() == []


def test_an_event_whose_transaction_ended_late_still_becomes_a_leaf(cast):
    ids = grown(2)
    with db.writing() as session:  # as if it had been written before the others and committed now
        session.execute(update(Event).where(Event.id == ids[-1]).values(id=ids[-1] + 5))
        session.execute(update(Leaf).where(Leaf.event_id == ids[-1]).values(event_id=ids[-1] + 5))
        session.add(Event(id=ids[-1], kind="test.late", subject="1", at=AT))
    assert flow.grow_tree() == 1


TAMPERINGS = {
    "kind": lambda at: update(Event).where(Event.id == at).values(kind="test.other"),
    "data": lambda at: update(Event).where(Event.id == at).values(data={"word": "督察"}),
    "by": lambda at: update(Event).where(Event.id == at).values(by_id=7),
    "at": lambda at: update(Event).where(Event.id == at).values(at=now()),
}


@pytest.mark.parametrize("what", sorted(TAMPERINGS))
def test_an_altered_event_is_named(cast, what):
    ids = grown(5)
    with db.writing() as session:
        session.execute(TAMPERINGS[what](ids[2]))
    with db.reading() as session:
        ((fault, where),) = heads.faults(session)
    assert fault == "event_altered"
    assert f"event {ids[2]} " in where


def test_a_removed_event_is_named(cast):
    ids = grown(5)
    with db.writing() as session:
        session.execute(delete(Event).where(Event.id == ids[1]))
    assert faults() == ["event_missing"]


def test_an_altered_event_with_its_leaf_contradicts_the_signed_root(cast, session):
    ids = grown(5)
    with db.writing() as writing:
        writing.execute(TAMPERINGS["data"](ids[0]))
        event = writing.get_one(Event, ids[0], populate_existing=True)
        leaf = update(Leaf).where(Leaf.event_id == ids[0])
        writing.execute(leaf.values(hash=tree.hash_of(event)))
    assert "root_altered" in faults()


def test_a_root_made_anew_is_not_signed(cast):
    ids = grown(5)
    with db.writing() as session:
        session.execute(TAMPERINGS["data"](ids[0]))
        session.execute(delete(Leaf))
        session.execute(text("UPDATE tree_head SET size = size + 1000000"))
    found = faults()
    assert "signature_invalid" in found
    assert "leaves_missing" in found


def test_leaves_that_were_cut_off_are_missed(cast, session):
    grown(5)
    with db.writing() as writing:
        last = session.scalar(select(Leaf.index).order_by(Leaf.index.desc()).limit(1))
        writing.execute(delete(Leaf).where(Leaf.index == last))
    assert faults() == ["leaves_missing"]


def test_two_hosts_at_once_end_with_one_tree(cast, monkeypatch):
    happen(4)
    ask = tree.growth

    def late(session):
        found = ask(session)
        monkeypatch.setattr(tree, "growth", ask)
        flow.grow_tree()  # the other host is quicker
        return found

    monkeypatch.setattr(tree, "growth", late)
    assert flow.grow_tree() == 0
    assert faults() == []


def test_a_photo_and_a_document_are_leaves_by_their_digests(app, cast, drain, session):
    sealed = evidence.seal(app.extensions["storage"], evidence.read(photo(), max_mib=20))
    with db.writing() as writing:
        by = writing.get_one(type(cast_user(writing)), cast.users["lin"])
        evidence.keep(writing, sealed, by=by, at=AT)
    approved()
    drain()
    flow.grow_tree()
    covered = select(Event).join(Leaf, Leaf.event_id == Event.id)
    told = {json.dumps(event.data) for event in session.scalars(covered)}
    digests = [sealed.sha256, *(one.sha256 for one in session.scalars(select(Document)).unique())]
    for digest in digests:
        assert any(digest in data for data in told), digest


def cast_user(session):
    from webapp.accounts.queries import user_named

    return user_named(session, "lin")


def test_the_root_of_the_moment_is_printed(cast, drain, session):
    grown(3)
    with db.reading() as reading:
        root = heads.printed_root(reading)
    approved()
    drain()
    documents = session.scalars(select(Document)).unique().all()
    assert {one.snapshot["log_root"] for one in documents} == {root}


def test_a_paper_whose_root_is_no_longer_in_the_tree_says_so(cast, drain):
    grown(3)
    approved()
    drain()
    with db.reading() as reading:
        paper = reading.scalars(select(Document).filter_by(kind="feedback")).unique().one()
        known = find_expected(reading, paper.sha256)
    assert known.roots == ("log_agrees",)
    with db.writing() as writing:
        writing.execute(update(Head).values(root="0" * 64))
    with db.reading() as reading:
        assert find_expected(reading, paper.sha256).roots == ("log_differs",)


# -- the doors --------------------------------------------------------------------------------


@pytest.fixture
def mingcha_fixity(app, monkeypatch):
    monkeypatch.setattr(cli, "ready_app", lambda: app)
    return lambda *words: CliRunner().invoke(fixity.command, words)


def test_fixity_names_a_tampered_event(cast, mingcha_fixity):
    ids = grown(3)
    assert mingcha_fixity().exit_code == 0
    with db.writing() as session:
        session.execute(TAMPERINGS["data"](ids[1]))
    done = mingcha_fixity("--json")
    assert done.exit_code == 1
    log = json.loads(done.output)["log"]
    assert log["faults"] == [{"fault": "event_altered", "where": f"event {ids[1]} test.happened 1"}]
    assert f"event {ids[1]} test.happened 1" in mingcha_fixity().output


def test_a_program_proves_that_an_event_is_in_the_tree_and_that_it_only_grew(app, cast):
    ids = grown(6)
    he = Program(app, "he")
    first = he.get("/api/v1/tree").get_json()
    happen(9)
    flow.grow_tree()
    told = he.get(f"/api/v1/tree/inclusion/{ids[3]}").get_json()
    size, root = told["head"]["size"], bytes.fromhex(told["head"]["root"])
    path = [bytes.fromhex(node) for node in told["path"]]
    with db.reading() as session:
        leaf = bytes.fromhex(tree.hash_of(session.get_one(Event, ids[3])))
    assert is_included(leaf, told["index"], size, path, root)
    told = he.get(f"/api/v1/tree/consistency/{first['size']}").get_json()
    path = [bytes.fromhex(node) for node in told["path"]]
    assert is_consistent(first["size"], bytes.fromhex(first["root"]), size, root, path)


def test_what_is_not_in_the_tree_is_not_found_and_not_for_everybody(app, cast):
    he = Program(app, "he")
    assert he.get("/api/v1/tree").status_code == 404
    grown(2)
    assert he.get("/api/v1/tree/inclusion/999999").status_code == 404
    assert he.get("/api/v1/tree/consistency/999999").status_code == 404
    assert Program(app, "lin").get("/api/v1/tree").status_code == 403
