"""Findings: derived from a submission, then worded and decided by a supervisor."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Serial
from webapp.findings.rules import FindingSource, FindingState, Severity
from webapp.inspections.models import Inspection

__all__ = ["Finding", "FindingSource", "FindingState", "Severity"]


class Finding(Base):
    """One finding of one submission.

    ``basis`` is a list of ``{law, article, verified}`` in words, as in force on the day of the
    visit; ``figures`` are the policy figures that a computed rule compared with (``InForce``);
    ``reason`` tells why it was dismissed, or given a severity outside the item's range;
    ``due_on`` is set when the feedback is issued.  Bureau and unit are the inspection's, kept
    here for the lists.
    """

    __tablename__ = "finding"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"))
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"))
    item_id: Mapped[str]
    source: Mapped[FindingSource]
    state: Mapped[FindingState] = mapped_column(default=FindingState.DERIVED)
    severity: Mapped[Severity]
    facts: Mapped[str]
    basis: Mapped[list[Any]]
    figures: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    rectification: Mapped[str]
    deadline_days: Mapped[int | None]
    deadline_unit: Mapped[str] = mapped_column(default="calendar")
    transfer: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]
    inspection: Mapped[Inspection] = relationship(lazy="select")
    __table_args__ = (
        CheckConstraint("deadline_days IS NULL OR deadline_days >= 0", "days_ahead"),
        CheckConstraint("deadline_unit IN ('calendar', 'working')", "unit_known"),
        UniqueConstraint("submission_id", "item_id"),
        Index(None, "inspection_id"),
        Index(None, "bureau_id", "state", "id"),
        Index(None, "bureau_id", "state", "severity", "id"),
        Index(None, "unit_id", "state", "id"),
        Index(None, "bureau_id", "state", "due_on", "id"),
    )
