"""Importing a rescue file: the same intake as sync, in the name of whoever made the items."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.accounts.rules import Permission
from webapp.core import events
from webapp.core.db import db
from webapp.core.errors import N_, Forbidden, Invalid, Refused, TooLarge
from webapp.core.storage import Storage
from webapp.devices.queries import living
from webapp.inspections import evidence, intake
from webapp.inspections.messages import ItemResult, SyncItem
from webapp.inspections.models import Evidence
from webapp.rescue import queries, rules
from webapp.rescue.envelope import RescueFile
from webapp.rescue.rules import Entry

Tell = Callable[[Refused], dict[str, Any]]


@dataclass
class Import:
    """One import under way: who brings it, and a receipt for each thing in it."""

    session: Session
    by: User
    at: datetime
    tell: Tell
    receipts: list[dict[str, Any]] = field(default_factory=list)

    def receipt(self, kind: str, name: str, status: str, problem: Any = None) -> None:
        """Write down what became of one thing."""
        title = problem and problem["title"]
        told = {"kind": kind, "name": name, "status": status, "title": title}
        self.receipts.append({key: value for key, value in told.items() if value is not None})


def take(
    session: Session, file: RescueFile, storage: Storage, *,
    max_mib: int, by: User, at: datetime, tell: Tell,
) -> int:  # fmt: skip
    """Take in what a file holds; returns the number of the event that has a receipt for each item.

    Photos are checked and kept one by one first; begins the writing transactions itself.

    :raises Invalid: the file is not ours, damaged, or nobody's here.
    :raises Forbidden: ``by`` may bring only their own, and not from a revoked device.
    """
    owner = _owner(session, file, by)
    work = Import(session, by, at, tell)
    entries = []
    for record in file.records():
        if record.words.get("kind") == "photo":
            _photo(work, storage, record.data, str(record.words.get("id")), max_mib, owner)
        else:
            entries.append(_entry(record.words, record.data))
    db.begin_write(session)
    _entries(work, entries, owner=owner, device=file.owner.device)
    return events.record(
        session, "rescue.imported", queries.subject_of(by.bureau_id), by_id=by.id, at=at,
        owner_id=owner.id, owner=owner.name, by=by.name, device=file.owner.device,
        sha256=file.sha256, receipts=work.receipts,
    )  # fmt: skip


def _owner(session: Session, file: RescueFile, by: User) -> User:
    owner = session.get(User, file.owner.user)
    if owner is None or owner.bureau_id != by.bureau_id:
        raise Invalid(
            N_("这份救援文件不是本单位人员的"), code="foreign_file", field="file",
            remedy=N_("请交给导出它的单位导入。"),
        )  # fmt: skip
    if Permission.RESCUE_IMPORT in by.permissions:
        return owner
    if owner.id != by.id:
        raise Forbidden(N_("别人的救援文件请交给分管领导导入"))
    living(session, owner.id, file.owner.device)
    return owner


def _entry(words: dict[str, Any], data: bytes) -> Entry:
    try:
        told = json.loads(data)
        return Entry(words, told["body"])
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(N_("救援文件的内容无法读取"), code="damaged_file", field="file") from error


def _photo(
    work: Import, storage: Storage, data: bytes, sha256: str, max_mib: int, owner: User
) -> None:
    if work.session.get(Evidence, (owner.bureau_id, sha256)) is not None:
        work.receipt("photo", sha256[:12], "duplicate")
        return
    try:
        picture = evidence.read(data, max_mib=max_mib, sha256=sha256)
    except (Invalid, TooLarge) as refusal:
        work.receipt("photo", sha256[:12], "refused", work.tell(refusal))
        return
    sealed = evidence.seal(storage, picture)
    db.begin_write(work.session)
    evidence.keep(work.session, sealed, by=owner, at=work.at)
    work.session.commit()
    work.receipt("photo", sha256[:12], "applied")


def _entries(work: Import, entries: list[Entry], *, owner: User, device: str) -> None:
    named = {found for one in entries if (found := _uuid(one.inspection))}
    stored = queries.stored_changes(work.session, named)
    fresh = rules.unstored(entries, stored)
    for one in entries:
        if one.kind == "change" and one.id in stored:
            work.receipt("change", str(one.words.get("question")), "duplicate")
    taking = intake.Intake(work.session, by=owner, device=device, at=work.at, tell=work.tell)
    for item in rules.items(fresh, queries.states(work.session, named)):
        _item(work, taking, item)


def _item(work: Import, taking: intake.Intake, item: dict[str, Any]) -> None:
    try:
        message = SyncItem.model_validate(item)
    except ValidationError:
        refusal = Invalid(N_("这一项的内容无法读取"), code="bad_message")
        work.receipt(str(item["kind"]), str(item["id"]), "refused", work.tell(refusal))
        return
    (result,) = taking.take([message])
    _receipts(work, message, result)


def _receipts(work: Import, item: SyncItem, result: ItemResult) -> None:
    if item.kind == "changes" and result.changes:
        for change in result.changes:
            told = change.get("problem")
            work.receipt("change", change["question"], change["status"], told and told.model_dump())
        return
    problem = result.problem and result.problem.model_dump()
    names = _questions(item.body.get("changes", ())) if item.kind == "changes" else [str(item.id)]
    for name in names:
        work.receipt(item.kind, name, result.status, problem)


def _questions(changes: Iterable[Any]) -> list[str]:
    return [str(one["question"]) for one in changes if isinstance(one, dict) and "question" in one]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
