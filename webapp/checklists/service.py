"""Publishing: a changed catalogue file becomes a new version, an unchanged one stays."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.checklists.definitions import Checklist
from webapp.checklists.loader import content_of, sha256_of
from webapp.checklists.models import ChecklistVersion
from webapp.core import events


def publish(
    session: Session, checklists: Iterable[Checklist], *, at: datetime
) -> list[ChecklistVersion]:
    """Publish what differs from the newest version; returns the new versions."""
    return [version for c in checklists if (version := _publish(session, c, at=at))]


def _publish(session: Session, checklist: Checklist, *, at: datetime) -> ChecklistVersion | None:
    newest = session.scalar(
        select(ChecklistVersion)
        .filter_by(checklist_id=checklist.id)
        .order_by(ChecklistVersion.number.desc())
        .limit(1)
    )
    digest = sha256_of(checklist)
    if newest is not None and newest.sha256 == digest:
        return None
    version = ChecklistVersion(
        checklist_id=checklist.id,
        number=newest.number + 1 if newest else 1,
        content=content_of(checklist),
        sha256=digest,
        published_at=at,
    )
    session.add(version)
    subject = f"checklist:{checklist.id}"
    events.record(session, "checklist.published", subject, by_id=None, at=at, number=version.number)
    return version
