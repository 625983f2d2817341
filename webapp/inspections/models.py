"""Inspections and all that is entered during the visit; what was submitted or signed stays."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Unit, User
from webapp.checklists.models import ChecklistVersion
from webapp.core.db import Base, Serial
from webapp.inspections.rules import SignatureMethod, SignatureRole, Status


class InspectionInspector(Base):
    """Membership of a team."""

    __tablename__ = "inspection_inspector"
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, index=True)


class Inspection(Base):
    """One visit to one unit.  The phone makes the id: sending twice is harmless.

    ``state`` is the fold of all changes (see ``rules.fold``), ``seq`` the number of the last one;
    ``done`` and ``total`` count answered and asked for the lists.
    """

    __tablename__ = "inspection"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    checklist_version_id: Mapped[int] = mapped_column(ForeignKey("checklist_version.id"))
    checklist_title: Mapped[str]
    status: Mapped[Status] = mapped_column(default=Status.DRAFT)
    planned_on: Mapped[date | None]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    state: Mapped[dict[str, Any]] = mapped_column(default=dict, deferred=True)
    seq: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column()

    unit: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)
    version: Mapped[ChecklistVersion] = relationship(lazy="select")
    opened_by: Mapped[User] = relationship(lazy="select")
    inspectors: Mapped[list[User]] = relationship(
        secondary="inspection_inspector", lazy="selectin", order_by=User.id
    )
    signatures: Mapped[list["Signature"]] = relationship(
        lazy="select", order_by="Signature.signed_at", viewonly=True
    )
    submissions: Mapped[list["Submission"]] = relationship(
        lazy="select", order_by="Submission.number", viewonly=True
    )
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy's own form
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'cancelled') OR submitted_at IS NOT NULL", "has_date"),
        Index(None, "bureau_id", "status", "submitted_at", "id"),
        Index(None, "bureau_id", "unit_id", "submitted_at"),
    )


class ChangeBatch(Base):
    """The changes of one message, kept as they came, in the order they were taken."""

    __tablename__ = "change_batch"
    seq: Mapped[int] = mapped_column(Serial, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    device: Mapped[str]
    received_at: Mapped[datetime]
    changes: Mapped[list[Any]]
    outcomes: Mapped[list[Any]]


class Submission(Base):
    """A finished round: the answers as they were handed in.  A correction is a new round."""

    __tablename__ = "submission"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"))
    number: Mapped[int]
    answers: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    digest: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("inspection_id", "number"),)


class Signature(Base):
    """A signature, or a recorded refusal, bound to the digest of what was shown.

    ``strokes`` are SVG path data in a box of ``width`` × ``height`` CSS pixels.
    """

    __tablename__ = "signature"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"), index=True)
    role: Mapped[SignatureRole]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    method: Mapped[SignatureMethod]
    strokes: Mapped[dict[str, Any] | None]
    reason: Mapped[str] = mapped_column(default="")
    witness: Mapped[str] = mapped_column(default="")
    digest: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    signed_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("method <> 'refused' OR (reason <> '' AND witness <> '')", "refusal_told"),
        CheckConstraint("method <> 'drawn' OR strokes IS NOT NULL", "drawn_has_strokes"),
    )


class Evidence(Base):
    """A photo: the sealed original and the derivative that is shown, both by content."""

    __tablename__ = "evidence"
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    derivative_sha256: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    width_px: Mapped[int]
    height_px: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
