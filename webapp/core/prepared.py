"""Statements of the busiest path: compiled once, then handed to the driver as they are.

SQLAlchemy writes the SQL, turns values and translates errors, as always; what is left out is the
machinery around one execution, which costs several times what the database does.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Select, Table, Update, event, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.sql.type_api import TypeEngine

Turn = Callable[[Any], Any]
Values = Mapping[str, Any]


class Prepared:
    """A statement whose parameters all have names; lists of parameters (``IN``) are beyond it."""

    def __init__(self, statement: Select[Any] | Insert | Update, keys: Iterable[str] = ()) -> None:
        self.statement = statement
        self.keys = list(keys) or None
        self._compiled: dict[str, Compiled] = {}

    def rows(self, session: Session, values: Values) -> list[tuple[Any, ...]]:
        """Execute it and return all rows."""
        compiled, cursor = self._run(session, values)
        return [compiled.read(row) for row in cursor.fetchall()] if compiled.answers else []

    def first(self, session: Session, values: Values) -> tuple[Any, ...] | None:
        """Execute it and return the first row, if there is one."""
        return next(iter(self.rows(session, values)), None)

    def count(self, session: Session, values: Values) -> int:
        """Execute it and return how many rows it changed."""
        return int(self._run(session, values)[1].rowcount)

    def each(self, session: Session, rows: Iterable[Values]) -> None:
        """Execute it for each of several rows."""
        self._run(session, *rows)

    def _run(self, session: Session, *values: Values) -> tuple["Compiled", Any]:
        connection = _connection(session)
        dialect = connection.dialect
        if (compiled := self._compiled.get(dialect.name)) is None:
            compiled = self._compiled[dialect.name] = Compiled(self.statement, dialect, self.keys)
        sent = [compiled.write(row) for row in values]
        cursor = connection.connection.cursor()
        try:
            if len(sent) == 1:
                cursor.execute(compiled.sql, sent[0])
            else:
                cursor.executemany(compiled.sql, sent)
        except dialect.loaded_dbapi.Error as error:
            raise DBAPIError.instance(
                compiled.sql, None, error, dialect.loaded_dbapi.Error, dialect=dialect
            ) from error
        return compiled, cursor


def _connection(session: Session) -> Connection:
    """Return the running transaction's connection; to ask the session each time costs more."""
    known: Connection | None = session.info.get("connection")
    if known is None:
        known = session.info["connection"] = session.connection()
    return known


@event.listens_for(Session, "after_transaction_create")
@event.listens_for(Session, "after_transaction_end")
def _turn(session: Session, _transaction: SessionTransaction) -> None:
    """Ask again: a savepoint begins on the database only when the session is asked."""
    session.info.pop("connection", None)


class Compiled:
    """A statement as one database takes it: its SQL, and how values are turned there and back."""

    def __init__(self, statement: Any, dialect: Dialect, keys: list[str] | None) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=keys)
        self.sql = str(compiled)
        self._positions: list[str] | None = compiled.positiontup
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        names = compiled.bind_names.items()
        self._in = {name: _writer(bind.type, dialect) for bind, name in names}
        self._places = [(name, self._in[name]) for name in self._positions or ()]
        self._out = [_reader(column.type, dialect) for column in statement.exported_columns]
        self.answers = bool(self._out)

    def write(self, values: Values) -> Any:
        """Return the values as the driver takes them."""
        given = {**self._fixed, **values} if self._fixed else values
        if self._positions is not None:
            return [turn(given[name]) if turn else given[name] for name, turn in self._places]
        return {name: turn(given[name]) if turn else given[name] for name, turn in self._in.items()}

    def read(self, row: Iterable[Any]) -> tuple[Any, ...]:
        """Return a row of the driver's with the values that we know."""
        return tuple(
            value if turn is None else turn(value)
            for turn, value in zip(self._out, row, strict=True)
        )


def _writer(kind: TypeEngine[Any], dialect: Dialect) -> Turn | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Turn | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


@cache
def insertion(
    table: Table, keys: tuple[str, ...], *, tell: bool = True
) -> tuple[Prepared, dict[str, Any]]:
    """Return how to insert a row with these keys, and the plain defaults of the other columns.

    With ``tell`` it returns the row's serial key, where the table has one.
    """
    defaults = {
        column.key: column.default.arg
        for column in table.columns
        if isinstance(column.default, ScalarElementColumnDefault) and column.key not in keys
    }
    statement, serial = insert(table), table.autoincrement_column
    if tell and serial is not None:
        statement = statement.returning(serial)
    return Prepared(statement, (*keys, *defaults)), defaults
