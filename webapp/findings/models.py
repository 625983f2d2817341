"""Findings: derived from a submission, then worded and decided by a supervisor."""

import enum
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Serial
from webapp.inspections.models import Inspection


class FindingSource(enum.Enum):
    """Where a finding comes from."""

    ITEM = "item"
    """An inspector answered 不符合."""
    RULE = "rule"
    """A computed rule sees a doubt (疑点) where the inspector answered otherwise."""


class FindingState(enum.Enum):
    """What was decided about it."""

    DERIVED = "derived"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class Severity(enum.Enum):
    """一般, 较重, 严重."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Finding(Base):
    """One finding of one submission.

    ``basis`` is a list of ``{law, article, verified}`` in words, as in force on the day of the
    visit; ``due_on`` is set when the feedback is issued.
    """

    __tablename__ = "finding"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"))
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"))
    item_id: Mapped[str]
    source: Mapped[FindingSource]
    state: Mapped[FindingState] = mapped_column(default=FindingState.DERIVED)
    severity: Mapped[Severity]
    facts: Mapped[str]
    basis: Mapped[list[Any]]
    rectification: Mapped[str]
    deadline_days: Mapped[int | None]
    deadline_unit: Mapped[str] = mapped_column(default="calendar")
    transfer: Mapped[bool] = mapped_column(default=False)
    due_on: Mapped[date | None]
    inspection: Mapped[Inspection] = relationship(lazy="select")
    __table_args__ = (
        UniqueConstraint("submission_id", "item_id"),
        Index(None, "inspection_id"),
        Index(None, "state", "due_on", "id"),
    )
