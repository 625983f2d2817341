"""Three devices and a reviewer, in any order: what was entered is neither lost nor doubled.

A few hundred orders in the ordinary run, ten thousand with ``MINGCHA_TEST_LONG=1``.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.faults.devices import QUESTIONS, Device, World, atoms
from webapp.checklists.questions import KINDS
from webapp.core.db import db
from webapp.inspections import rules
from webapp.inspections.models import Evidence
from webapp.inspections.rules import Change, Status

LONG = os.environ.get("MINGCHA_TEST_LONG") == "1"
ORDERS = 5_000 if LONG else 100  # on each of two databases
OFTEN = {
    "edit": 8, "settle": 2, "look": 3, "listen": 1, "retry": 1, "hand in": 4,
    "well": 6, "lost": 2, "twice": 1, "late": 2, "part": 1,
    "arrive": 2, "return": 2, "approve": 1,
}  # fmt: skip
STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from([act for act, often in OFTEN.items() for _ in range(often)]),
        st.sampled_from(QUESTIONS),
        st.integers(0, 29),
    ),
    min_size=20,
    max_size=60,
)


@pytest.fixture
def start(cast) -> tuple[UUID, list[str]]:
    """Return an inspection filled in, and photos that may be named in it."""
    with db.writing() as session:
        inspection = factories.open_inspection(session)
        session.flush()
        factories.fill(session, inspection)
        photos = [f"{number:064x}" for number in range(1, 13)]
        for digest in photos:  # their bytes are another test's business
            session.add(Evidence(
                bureau_id=inspection.bureau_id, sha256=digest, derivative_sha256=digest,
                media_type="image/jpeg", size_bytes=1, width_px=1, height_px=1,
                by_id=cast.users["lin"], at=factories.AT,
            ))  # fmt: skip
        return inspection.id, photos


@contextmanager
def world_of(start: tuple[UUID, list[str]]) -> Iterator[World]:
    """Give the world as it was at the start; what happens in it is undone."""
    with db.factory() as session:
        db.begin_write(session)
        yield World(session, *start)
        session.rollback()


@settings(
    max_examples=ORDERS, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=STEPS)
def test_any_order_ends_with_all_that_was_entered(start, steps):
    with world_of(start) as world:
        before = {change["id"] for change in world.stored()}
        devices = [Device(world, owner) for owner in ("lin", "chen", "lin")]
        for device in devices:
            device.listen()
            device.news.clear()
        for who, act, question, number in steps:
            do(world, devices[who], act, question, number)
        come_to_rest(world, devices)
        everything_is_stored_once(world, devices, before)
        nothing_went_unseen(world, devices)
        the_state_is_what_the_changes_make_it(world)
        everybody_shows_and_heard_the_same(world, devices, before)
        what_was_approved_stays(world)
        conflicts_can_be_settled(world, devices[1])


def do(world: World, device: Device, act: str, question: str, number: int) -> None:
    """Do one step."""
    plain = {
        "look": device.look, "listen": device.listen, "retry": device.retry,
        "hand in": device.hand_in,
    }  # fmt: skip
    if act in plain:
        plain[act]()
    elif act in {"edit", "settle"}:
        device.edit(question, number, settle=act == "settle")
    elif act in {"return", "approve"}:
        world.review(approve=act == "approve")
    elif act == "arrive":
        arrive(world, number)
    else:
        device.send(act)


def arrive(world: World, number: int) -> None:
    """Let the network deliver one of the messages that it holds, in whatever order."""
    if world.late:
        device, items = world.late.pop(number % len(world.late))
        device.deliver(items)


def come_to_rest(world: World, devices: list[Device]) -> None:
    """Let all that is anywhere arrive, and be given again where it was refused."""
    while world.late:
        arrive(world, 0)
    for _ in range(4):  # what waits may hand the inspection in, again and again
        for device in devices:
            device.send()
            world.review(approve=False)
            device.retry()
    for device in devices:
        device.send()
        assert not device.journal or world.inspection.status is Status.APPROVED
    world.session.expire_all()
    for device in devices:
        device.look()
        device.listen()


def everything_is_stored_once(world: World, devices: list[Device], before: set[str]) -> None:
    """See that what was answered is stored, each change once and as it was sent."""
    stored = [change for change in world.stored() if change["id"] not in before]
    sent = {one.id: one for device in devices for one in device.sent.values()}
    ids = {change["id"] for change in stored}
    assert len(ids) == len(stored)
    assert ids <= set(sent)
    told = {one for device in devices for one in device.receipts}
    assert told & set(sent) <= ids
    for change in stored:
        one = sent[change["id"]]
        assert (change["q"], change["v"]) == (one.question, one.body)


def nothing_went_unseen(world: World, devices: list[Device]) -> None:
    """See that all that ever came stands, is in conflict, or was taken away by one who saw it."""
    sent = {one.id: one for device in devices for one in device.sent.values()}
    stored, state = world.stored(), world.inspection.state
    for question in QUESTIONS:
        entry = state.get(question, {"v": None})
        changes = [change for change in stored if change["q"] == question]
        there = atoms(entry["v"]).union(*(atoms(one["v"]) for one in entry.get("also", ())))
        brought = set().union(*(atoms(change["v"]) for change in changes))
        taken = set().union(*(sent[c["id"]].took for c in changes if c["id"] in sent))
        assert brought - there <= taken, question
        assert there <= brought, question


def the_state_is_what_the_changes_make_it(world: World) -> None:
    """Fold all that is stored anew: what was lost, late or twice on the way has left no trace."""
    checklist = world.inspection.version.definition

    def merge(question: str, one: Any, other: Any) -> Any:
        return KINDS[checklist.question(question).kind].merge(one, other)

    state: rules.State = {}
    known: set[str] = set()
    for one in world.stored():
        change = Change(
            one["id"], one["q"], one["v"], one["base"], settles=tuple(one.get("settles", ()))
        )
        rules.fold(state, change, by_id=0, at="", seq=0, merge=merge, known=lambda: known)
        known.add(one["id"])
    assert essence(state) == essence(world.inspection.state)


def essence(state: rules.State) -> dict[str, Any]:
    """Return values and ids, without the moments."""
    return {
        question: (entry["v"], entry["id"], [(o["v"], o["id"]) for o in entry.get("also", ())])
        for question, entry in state.items()
    }


def everybody_shows_and_heard_the_same(
    world: World, devices: list[Device], before: set[str]
) -> None:
    state = world.inspection.state
    ids = [change["id"] for change in world.stored() if change["id"] not in before]
    for device in devices:
        own = {one for other in devices if other.owner == device.owner for one in other.sent}
        assert device.news == [one for one in ids if one not in own]
        left = {one.question for one in device.journal}
        for question in set(QUESTIONS) - left:
            value, _, beside = device.answer(question)
            entry = state.get(question, {"v": None})
            assert (value, beside) == (entry["v"], entry.get("also", []))


def what_was_approved_stays(world: World) -> None:
    if world.inspection.status is Status.APPROVED:
        assert world.inspection.state == world.approved
        assert world.inspection.submissions[-1].answers == rules.values(world.inspection.state)


def conflicts_can_be_settled(world: World, device: Device) -> None:
    if world.inspection.status is Status.APPROVED:
        return
    for question in rules.conflicts(world.inspection.state):
        device.edit(question, 1, settle=True)
    device.send()
    assert rules.conflicts(world.inspection.state) == []
