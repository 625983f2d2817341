"""Devices that keep a journal as phones do, in one process with the server's own services.

What each device did is remembered, so that a test can tell what nobody may have lost.  A device
knows what it has looked at and what it did itself, nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import factories
from webapp.core.errors import Refused
from webapp.inspections import intake, messages, rules
from webapp.inspections.models import ChangeBatch, Inspection
from webapp.inspections.rules import SignatureRole, Status
from webapp.reviews import service as reviews
from webapp.reviews.rules import Verdict

VERDICT, REMARK, PHOTOS, ROWS = "GC-02", "GC-03.remark", "GC-04.photos", "GC-20.orders"
QUESTIONS = (VERDICT, REMARK, PHOTOS, ROWS)
Json = dict[str, Any]


@dataclass
class World:
    """One inspection on the server, and messages that the network still holds."""

    session: Session
    inspection_id: UUID
    photos: list[str]
    late: list[tuple["Device", list[Json]]] = field(default_factory=list)
    approved: Json | None = None

    @property
    def inspection(self) -> Inspection:
        self._kept = self.session.get_one(Inspection, self.inspection_id)  # not to be read again
        return self._kept

    def stored(self) -> list[Json]:
        """Return all changes that are stored, in the order in which they came."""
        query = select(ChangeBatch.changes).where(ChangeBatch.inspection_id == self.inspection_id)
        batches = self.session.scalars(query.order_by(ChangeBatch.seq))
        return [change for batch in batches for change in batch]

    def review(self, *, approve: bool) -> None:
        """Let the supervisor decide, if there is something to decide on."""
        if self.inspection.status is not Status.SUBMITTED:
            return
        submission = self.inspection.submissions[-1]
        by = {"by": factories.user(self.session, "zhou"), "at": factories.AT}
        if approve:
            found = reviews.findings.ensure_derived(self.session, submission)
            said = {"verdict": Verdict.DISMISS, "reason": "已核实。"}
            judgements = [reviews.judgement_of(finding, said) for finding in found]
            reviews.approve(
                self.session, self.inspection, submission, judgements=judgements, opinion="", **by
            )
            self.approved = self.inspection.state
        else:
            reviews.return_to_inspectors(
                self.session, self.inspection, submission, opinion="请补充。", **by
            )


def atoms(value: Any) -> set[str]:
    """Return the parts of a value that can be lost: each photo, each row, else the whole."""
    if value is None:
        return set()
    if isinstance(value, list):
        return {one.get("sha256") or str(sorted(one.items())) for one in value}
    return {str(value)}


@dataclass
class Entry:
    """An act in a device's journal, in the words of the protocol."""

    kind: str
    id: str = field(default_factory=lambda: str(uuid4()))
    question: str = ""
    body: Any = None
    base: str | None = None
    settles: tuple[str, ...] = ()
    took: frozenset[str] = frozenset()
    batch: str = ""
    refused: bool = False


class Device:
    """One phone of an inspector."""

    def __init__(self, world: World, owner: str) -> None:
        self.world = world
        self.user = factories.user(world.session, owner)
        self.owner = owner
        self.name = str(uuid4())
        self.journal: list[Entry] = []
        self.sent: dict[str, Entry] = {}
        self.receipts: set[str] = set()
        self.news: list[str] = []
        self.cursor = 0
        self.look()

    # -- what it shows ------------------------------------------------------------------------

    def look(self) -> None:
        """Load the page anew: what the server has, and over it what is still here alone."""
        self.shown = {
            question: (entry["v"], entry["id"], entry.get("also", []))
            for question, entry in self.world.inspection.state.items()
        }
        for entry in self._changes():
            self._show(entry)

    def answer(self, question: str) -> tuple[Any, str | None, list[Json]]:
        """Return what it shows of a question: value, the change it is, others beside it."""
        return self.shown.get(question, (None, None, []))

    def listen(self) -> None:
        """Hear what others did."""
        while fresh := intake.news(self.world.session, self.user, self.cursor):
            self.news += [str(change.id) for one in fresh for change in one.changes]
            self.cursor = fresh[-1].seq

    def _show(self, entry: Entry) -> None:
        beside = [one for one in self.answer(entry.question)[2] if one["id"] not in entry.settles]
        self.shown[entry.question] = (entry.body, entry.id, beside)

    # -- what its user does -------------------------------------------------------------------

    def edit(self, question: str, number: int, *, settle: bool = False) -> None:
        """Give an answer; with ``settle`` as the decision about all that stands beside it."""
        shown, base, beside = self.answer(question)
        decided = beside if settle else []
        body = self._edited(question, shown, number)
        entry = Entry("change", question=question, body=body, base=base)
        entry.settles = tuple(one["id"] for one in decided)
        took = atoms(shown).union(*(atoms(one["v"]) for one in decided))
        for before in [one for one in self._changes() if one.question == question]:
            if before.batch and not before.refused:
                entry.base = before.id
                continue
            entry.base = before.base  # what it replaces never left the device
            entry.settles += before.settles
            took |= before.took
            self.journal.remove(before)
        entry.took = frozenset(took - atoms(body))
        self.journal.append(entry)
        self._show(entry)

    def _edited(self, question: str, shown: Any, number: int) -> Any:
        """Return another value, made from the one that is shown."""
        if question == VERDICT:
            return ("yes", "na")[number % 2]
        if question == REMARK:
            return (f"意见 {number}", f"意见 {uuid4()}", None)[number % 3]
        rest = [one for place, one in enumerate(shown or ()) if place != number % 7]
        if question == PHOTOS:
            new = {"sha256": self.world.photos[number % 12], "taken_at": None}
        else:
            new = {"row": f"r{number % 5}", "order_no": str(uuid4())}
        key = next(iter(new))
        others = [one for one in rest if one[key] != new[key]]
        return (others if number % 4 == 3 else [*others, new]) or None

    def hand_in(self) -> None:
        """Settle what is in conflict, let everybody sign what is shown here, and submit it."""
        for question in QUESTIONS:
            if self.answer(question)[2]:
                self.edit(question, 1, settle=True)
        here = self.world.inspection
        answers = {q: v for q, (v, *_) in self.shown.items() if v is not None}
        digest = rules.shown_digest(
            inspection=str(here.id), checklist_sha256=here.version.sha256, unit_id=here.unit_id,
            inspectors=[user.id for user in here.inspectors], answers=answers,
        )  # fmt: skip
        signers = [(SignatureRole.INSPECTOR, one.id, one.name) for one in here.inspectors]
        for role, signer, name in [*signers, (SignatureRole.UNIT, None, "钱所")]:
            body = {
                "role": role.value, "signer": signer, "name": name, "method": "drawn",
                "strokes": factories.STROKES, "digest": digest,
            }  # fmt: skip
            self.journal.append(Entry("signature", body=body))
        self.journal.append(Entry("submission", body={}))

    def retry(self) -> None:
        """Give each answer again that was refused."""
        for old in [one for one in self._changes() if one.refused]:
            place = self.journal.index(old)
            self.journal[place] = Entry(
                "change", question=old.question, body=old.body, base=old.base,
                settles=old.settles, took=old.took,
            )  # fmt: skip
        self.look()

    # -- what it sends ------------------------------------------------------------------------

    def send(self, fate: str = "well") -> None:
        """Send what waits; ``fate`` is what the network does with it.

        ``lost``: it arrives, the answer does not.  ``twice``: it arrives twice.  ``late``: it fails
        and arrives after all, when something else may have.  ``part``: only half is sent.
        """
        waiting = [one for one in self.journal if not one.refused]
        if fate == "part":
            half = (len(waiting) + 1) // 2
            waiting = [
                one for place, one in enumerate(waiting)
                if place < half or (one.batch and one.batch == waiting[half - 1].batch)
            ]  # fmt: skip
        items = list(self._items(waiting))
        if fate == "late":
            self.world.late.append((self, items))
            return
        results = self.deliver(items)
        if fate == "twice":
            results = self.deliver(items)
        if fate != "lost":
            self._judge(waiting, results)

    def deliver(self, items: list[Json]) -> list[messages.ItemResult]:
        """Let a message reach the server."""
        parsed = [messages.SyncItem.model_validate(one) for one in items]
        taking = intake.Intake(
            self.world.session, by=self.user, device=self.name, at=factories.AT, tell=_told
        )
        return taking.take(parsed)

    def _items(self, entries: list[Entry]) -> Iterator[Json]:
        """Put changes that follow one another into one batch; one that was sent stays as it was."""
        items: dict[str, Json] = {}
        batch = ""
        for entry in entries:
            if entry.kind != "change" or entry.batch:
                batch = ""
            else:
                entry.batch = batch = batch or str(uuid4())
            key = entry.batch or entry.id
            kind = "changes" if entry.batch else entry.kind
            body = {} if entry.batch else entry.body
            one = items.setdefault(key, {"id": key, "kind": kind, "body": {**body}})
            one["body"]["inspection"] = str(self.world.inspection_id)
            if entry.kind == "change":
                self.sent[entry.id] = entry
                one["body"].setdefault("changes", []).append({
                    "id": entry.id, "question": entry.question, "value": entry.body,
                    "base": entry.base, "settles": list(entry.settles),
                })  # fmt: skip
        yield from items.values()

    def _judge(self, entries: list[Entry], results: list[messages.ItemResult]) -> None:
        """Forget what is stored; keep an answer that was refused."""
        told = {str(one.id): one for one in results}
        for entry in entries:
            result = told[entry.batch or entry.id]
            if result.status != "refused":
                assert all(one["status"] != "refused" for one in result.changes)
                self.journal.remove(entry)
                self.receipts.add(entry.id)
            elif entry.kind != "change":
                self.journal.remove(entry)  # to be signed anew
            else:
                assert result.problem is not None
                assert result.problem.code == "locked"
                entry.refused = True
                for later in self._changes():
                    if later.base == entry.id:
                        later.base = entry.base

    def _changes(self) -> list[Entry]:
        return [one for one in self.journal if one.kind == "change"]


def _told(refusal: Refused) -> Json:
    return {
        "type": "about:blank", "title": str(refusal), "status": refusal.status,
        "code": refusal.code,
    }  # fmt: skip
