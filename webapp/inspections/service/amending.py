"""Writing what an act changes of an inspection."""

from functools import cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from webapp.core.prepared import Prepared
from webapp.inspections.models import Inspection

VISITS = cast(Table, Inspection.__table__)


def amend(session: Session, inspection: Inspection, **values: Any) -> None:
    """Write values of an inspection at once, past the unit of work, as its next revision.

    :raises StaleDataError: somebody else has changed it since it was read.
    """
    revision = inspection.revision
    row = values | {"revision": revision + 1, "inspection": inspection.id, "seen": revision}
    if not _amendment(tuple(values)).count(session, row):
        raise StaleDataError(f"inspection {inspection.id} is past revision {revision}")
    for name, value in (values | {"revision": revision + 1}).items():
        set_committed_value(inspection, name, value)


@cache
def _amendment(names: tuple[str, ...]) -> Prepared:
    this = (VISITS.c.id == bindparam("inspection")) & (VISITS.c.revision == bindparam("seen"))
    return Prepared(update(VISITS).where(this), (*names, "revision"))
