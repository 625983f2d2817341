"""The worker is killed at each step from an approval to the archive: it ends as if it had not been.

Each step dies in a process of its own, a fork of this one, by ``SIGKILL``: nothing tidies up.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from tests.documents.approval import approved
from webapp import flow
from webapp.archive import service as archive
from webapp.archive.models import ArchiveRecord
from webapp.core.db import db
from webapp.core.events import Delivery, DeliveryState, Event
from webapp.documents import assembly, rendering, service, signing
from webapp.documents.models import Document, DocumentState
from webapp.documents.workshop import workshop

# Where it dies: before or after a call of this function, or when a file has been written in part.
STEPS: list[tuple[str, Any, str, bool]] = [
    ("the contents of one paper are fixed", assembly, "snapshot", True),
    ("both are, and numbers given", service, "issue", True),
    ("nothing is printed", rendering, "printed", False),
    ("the pages are printed", rendering, "printed", True),
    ("the file is half kept", os, "fsync", False),
    ("the file is kept", service, "_record", False),
    ("the row is written", service, "_record", True),
    ("nothing is signed", signing, "sign", False),
    ("it is signed", signing, "sign", True),
    ("the signed file is half kept", os, "fsync", False),
    ("the signed file is kept", service, "_record", False),
    ("the signed row is written", service, "_record", True),
    ("nothing is sealed", archive, "measure", False),
    ("the sealed file is measured", archive, "measure", True),
    ("it is sealed, not committed", archive, "seal", True),
]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(whole: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    def function(*words: Any, **named: Any) -> Any:
        if after:
            whole(*words, **named)
        die()

    return function


def lay_trap(place: Any, name: str, *, after: bool) -> None:
    """Put the deadly function where the whole one was, in the tables of the flow too."""
    whole = getattr(place, name)
    fatal = deadly(whole, after=after)
    setattr(place, name, fatal)
    flow.REACTIONS.update({key: fatal for key, one in flow.REACTIONS.items() if one is whole})
    flow.FIRST.update({key: fatal for key, one in flow.FIRST.items() if one is whole})
    if whole in flow.FIRST:
        flow.FIRST[fatal] = flow.FIRST[whole]


def work_until_death(place: Any, name: str, *, after: bool) -> None:
    """Do in a fork of this process all that is owed, until it dies at this place."""
    child = os.fork()
    if not child:
        try:
            db.reopen()
            lay_trap(place, name, after=after)
            flow.drain()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"it did not come to {name}"
    assert os.WTERMSIG(status) == signal.SIGKILL


def test_a_worker_killed_at_each_step_leaves_one_file_one_row_and_no_gap(cast, drain):
    approved()
    workshop()  # its fonts are read once, not in each fork
    for _, place, name, after in STEPS:
        work_until_death(place, name, after=after)
    drain()
    approved(("GC-01",))  # and one more, to see the next numbers
    drain()
    with db.reading() as session:
        documents = session.scalars(select(Document)).all()
        records = session.scalars(select(ArchiveRecord)).all()
        kinds = list(session.scalars(select(Event.kind)))
        owed = session.scalars(select(Delivery).where(Delivery.state != DeliveryState.DONE)).all()
    assert owed == []
    assert {one.state for one in documents} == {DocumentState.SIGNED}
    numbers = sorted(one.number for one in documents if one.kind == "feedback")
    assert numbers == ["示自然资党督〔2026〕1号", "示自然资党督〔2026〕2号"]
    assert len(documents) == len(records) == 4
    for event in ("document.issued", "document.rendered", "document.signed"):
        assert kinds.count(event) == 4, event
    sealed = sorted(int(one.number.rpartition("-")[2]) for one in records)
    assert sealed == [1, 2, 3, 4]
    for one in documents:
        assert len(workshop().storage.get(one.sha256)) == one.size_bytes
