"""Every event is a leaf of one RFC 9162 tree, whose root is signed as it grows.

Leaves are added in the background, many at a time, so that no act waits for it.  A leaf keeps the
hash of its event as it was then: an event that is altered, removed or slipped in later no longer
agrees with the tree, and a tree that was made anew no longer agrees with the roots that were signed
and printed before.  Photos and documents are leaves by their events, which carry their digests.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.db import Base, Serial
from webapp.core.events import Event
from webapp.core.merkle import Tree, leaf_hash

BATCH = 5_000
LATE = 10_000  # an event whose transaction ended late has at most so many younger ones in the tree


class Leaf(Base):
    """The hash of an event (lower-case hex) in its place; never changed."""

    __tablename__ = "tree_leaf"
    index: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(Serial, unique=True)
    hash: Mapped[str]


class Head(Base):
    """A signed root over the first ``size`` leaves; never changed.

    ``peaks`` are the roots of its perfect subtrees, from which it grows on.  ``signature`` (hex) is
    over :func:`head_entry`, by the key of the certificate with this fingerprint.
    """

    __tablename__ = "tree_head"
    size: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=False)
    root: Mapped[str]
    peaks: Mapped[list[Any]]
    at: Mapped[datetime]
    signature: Mapped[str]
    fingerprint: Mapped[str]


@dataclass(frozen=True)
class Growth:
    """What is to be added: leaves after those of the head before, and the tree they make."""

    first: int
    events: Sequence[tuple[int, str]]
    tree: Tree

    @property
    def root(self) -> str:
        """The new root, lower-case hex."""
        return self.tree.root.hex()


def entry(event: Event) -> bytes:
    """Return what a leaf is the hash of: the event as canonical JSON."""
    told = {
        "id": event.id,
        "kind": event.kind,
        "subject": event.subject,
        "by": event.by_id,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "data": event.data,
    }
    return _canonical(told)


def head_entry(size: int, root: str, at: datetime) -> bytes:
    """Return the bytes that are signed of a head."""
    told = {"size": size, "root": root, "at": at.astimezone(UTC).isoformat(timespec="seconds")}
    return _canonical(told)


def _canonical(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def hash_of(event: Event) -> str:
    """Return an event's leaf hash, lower-case hex."""
    return leaf_hash(entry(event)).hex()


def newest(session: Session) -> Head | None:
    """Return the newest signed root."""
    return session.scalar(select(Head).order_by(Head.size.desc()).limit(1))


def growth(session: Session) -> Growth | None:
    """Hash the events that are not in the tree yet, the oldest first; nothing if there are none."""
    head = newest(session)
    tree = Tree(head.size, map(bytes.fromhex, head.peaks)) if head else Tree()
    known = session.scalar(select(func.max(Leaf.event_id))) or 0
    fresh = (
        select(Event)
        .outerjoin(Leaf, Leaf.event_id == Event.id)
        .where(Event.id > known - LATE, Leaf.event_id.is_(None))
        .order_by(Event.id)
        .limit(BATCH)
    )
    first, added = tree.size, [(event.id, hash_of(event)) for event in session.scalars(fresh)]
    for _, digest in added:
        tree.append(bytes.fromhex(digest))
    return Growth(first, added, tree) if added else None


def add(session: Session, grown: Growth, *, at: datetime, signature: str, fingerprint: str) -> None:
    """Write leaves and head; where another host was first, the database refuses (same keys)."""
    for index, (event_id, digest) in enumerate(grown.events, start=grown.first):
        session.add(Leaf(index=index, event_id=event_id, hash=digest))
    session.add(
        Head(
            size=grown.tree.size, root=grown.root, peaks=[one.hex() for one in grown.tree.peaks],
            at=at, signature=signature, fingerprint=fingerprint,
        )
    )  # fmt: skip
    session.flush()


def leaves_of(session: Session, size: int) -> list[bytes]:
    """Return the first ``size`` leaf hashes."""
    query = select(Leaf.hash).where(Leaf.index < size).order_by(Leaf.index)
    return [bytes.fromhex(digest) for digest in session.scalars(query)]


def faults(session: Session) -> Iterator[tuple[str, str]]:
    """Yield (what, detail) for all that does not agree; the signatures are checked elsewhere."""
    heads = {head.size: head for head in session.scalars(select(Head).order_by(Head.size))}
    tree, highest = Tree(), 0
    rows = select(Leaf, Event).outerjoin(Event, Event.id == Leaf.event_id).order_by(Leaf.index)
    for leaf, event in session.execute(rows.execution_options(yield_per=1000)):
        if leaf.index != tree.size:
            yield "leaf_missing", f"leaf {tree.size}"
            return
        if event is None:
            yield "event_missing", f"event {leaf.event_id}"
        elif hash_of(event) != leaf.hash:
            yield "event_altered", f"event {event.id} {event.kind} {event.subject}"
        tree.append(bytes.fromhex(leaf.hash))
        highest = max(highest, leaf.event_id)
        head = heads.pop(tree.size, None)
        if head is not None and head.root != tree.root.hex():
            yield "root_altered", f"root over {head.size} leaves"
    yield from (("leaves_missing", f"root over {size} leaves") for size in heads)
    slipped = (
        select(Event)
        .outerjoin(Leaf, Leaf.event_id == Event.id)
        .where(Event.id <= highest - LATE, Leaf.event_id.is_(None))
    )
    for event in session.scalars(slipped):
        yield "event_slipped_in", f"event {event.id} {event.kind} {event.subject}"
