"""Numbers that are given once and leave no gap: 发文字号, inspection numbers, archive numbers."""

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.db import Base


class NumberSeries(Base):
    """The last number given in a series."""

    __tablename__ = "number_series"
    key: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


def next_number(session: Session, key: str) -> int:
    """Give the next number of a series, counting from 1.

    It belongs to the running transaction: rolled back, the number was never given.
    """
    series = session.scalar(
        select(NumberSeries)
        .where(NumberSeries.key == key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if series is None:
        series = NumberSeries(key=key, last=0)
        session.add(series)
    series.last += 1
    session.flush()
    return series.last
