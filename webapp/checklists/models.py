"""Published versions of checklists; what is published never changes."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from webapp.checklists.definitions import Checklist
from webapp.core.db import Base, Serial


class ChecklistVersion(Base):
    """One published version: the whole definition, and its digest."""

    __tablename__ = "checklist_version"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    checklist_id: Mapped[str]
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(deferred=True)  # large, and parsed once
    sha256: Mapped[str]
    published_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("checklist_id", "number"),)

    @property
    def definition(self) -> Checklist:
        """The definition, parsed once per process."""
        known = _definitions.get(self.sha256)
        if known is None:
            known = _definitions[self.sha256] = Checklist.model_validate(self.content)
        return known


_definitions: dict[str, Checklist] = {}


@event.listens_for(ChecklistVersion, "before_update")
@event.listens_for(ChecklistVersion, "before_delete")
def _keep(*_: object) -> None:
    raise RuntimeError("a published checklist version is immutable")
