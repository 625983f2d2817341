"""Numbers that are given once and leave no gap: 发文字号, inspection numbers, archive numbers."""

from sqlalchemy import insert, update
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
    last = NumberSeries.last + 1
    query = update(NumberSeries).where(NumberSeries.key == key).values(last=last)
    given = session.connection().execute(query.returning(NumberSeries.last)).scalar()
    if given is None:
        given = 1
        session.connection().execute(insert(NumberSeries).values(key=key, last=given))
    return int(given)
