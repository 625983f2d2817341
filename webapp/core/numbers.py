"""Numbers that are given once and leave no gap: 发文字号, inspection numbers, archive numbers."""

from typing import cast

from sqlalchemy import Table, bindparam, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.db import Base, append
from webapp.core.prepared import Prepared


class NumberSeries(Base):
    """The last number given in a series."""

    __tablename__ = "number_series"
    key: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


SERIES = cast(Table, NumberSeries.__table__)
NEXT = Prepared(
    update(SERIES)
    .where(SERIES.c.key == bindparam("series"))
    .values(last=SERIES.c.last + 1)
    .returning(SERIES.c.last)
)


def next_number(session: Session, key: str) -> int:
    """Give the next number of a series, counting from 1.

    It belongs to the running transaction: rolled back, the number was never given.
    """
    if (given := NEXT.first(session, {"series": key})) is not None:
        return int(given[0])
    append(session, NumberSeries, {"key": key, "last": 1})
    return 1
