"""The event tree for programs: its signed root, and proofs that it holds an event and only grew."""

from datetime import datetime

from flask import Blueprint
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field
from sqlalchemy import select

from webapp.accounts.access import requires
from webapp.accounts.rules import Permission
from webapp.core import merkle, tree
from webapp.core.db import db
from webapp.core.errors import N_, NotFound
from webapp.core.openapi import describes
from webapp.core.tree import Head, Leaf
from webapp.core.wire import answer

bp = Blueprint("archive_api", __name__, url_prefix="/api/v1")
NO_SUCH_TREE = N_("事件树里没有这一项")


class HeadMessage(BaseModel):
    """A signed root of the event tree (RFC 9162)."""

    size: int = Field(description="How many events it is over")
    root: str = Field(description="Lower-case hex")
    at: datetime
    signature: str = Field(description="Over the canonical JSON of at, root and size; hex")
    fingerprint: str = Field(description="SHA-256 of the certificate whose key signed")


class InclusionMessage(BaseModel):
    """The proof that an event is in the tree of the newest root (RFC 9162, 2.1.3)."""

    head: HeadMessage
    index: int
    leaf: str
    path: list[str]


class ConsistencyMessage(BaseModel):
    """The proof that the tree of an earlier size is how the newest one began (RFC 9162, 2.1.4)."""

    head: HeadMessage
    first: HeadMessage
    path: list[str]


@bp.get("/tree")
@describes({200: HeadMessage})
@requires(Permission.ARCHIVE_READ)
def head() -> ResponseReturnValue:
    """Return the newest signed root."""
    return answer(_told(_newest()))


@bp.get("/tree/inclusion/<int:event_id>")
@describes({200: InclusionMessage})
@requires(Permission.ARCHIVE_READ)
def inclusion(event_id: int) -> ResponseReturnValue:
    """Prove that an event is in the tree."""
    session, newest = db.session(), _newest()
    leaf = session.scalar(select(Leaf).where(Leaf.event_id == event_id))
    if leaf is None:
        raise NotFound(NO_SUCH_TREE)
    leaves = tree.leaves_of(session, newest.size)
    path = merkle.inclusion_path(leaves, leaf.index)
    return answer(
        InclusionMessage(head=_told(newest), index=leaf.index, leaf=leaf.hash, path=_hexed(path))
    )


@bp.get("/tree/consistency/<int:size>")
@describes({200: ConsistencyMessage})
@requires(Permission.ARCHIVE_READ)
def consistency(size: int) -> ResponseReturnValue:
    """Prove that nothing of the tree of an earlier root was changed since."""
    session, newest = db.session(), _newest()
    first = session.get(Head, size)
    if first is None:
        raise NotFound(NO_SUCH_TREE)
    path = merkle.consistency_path(tree.leaves_of(session, newest.size), size)
    return answer(ConsistencyMessage(head=_told(newest), first=_told(first), path=_hexed(path)))


def _newest() -> Head:
    newest = tree.newest(db.session())
    if newest is None:
        raise NotFound(NO_SUCH_TREE)
    return newest


def _told(one: Head) -> HeadMessage:
    return HeadMessage(
        size=one.size, root=one.root, at=one.at, signature=one.signature,
        fingerprint=one.fingerprint,
    )  # fmt: skip


def _hexed(path: list[bytes]) -> list[str]:
    return [node.hex() for node in path]
