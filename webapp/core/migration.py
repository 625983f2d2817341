"""Bringing the database to the present schema."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from webapp.core.config import ROOT


def configuration() -> Config:
    """Return Alembic's configuration; ``attributes["connection"]`` is for the caller to set."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to ``revision``."""
    _run(engine, lambda config: command.upgrade(config, revision))


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to ``revision``."""
    _run(engine, lambda config: command.downgrade(config, revision))


def is_current(engine: Engine) -> bool:
    """Tell whether the database has the newest schema."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def _run(engine: Engine, act: Callable[[Config], None]) -> None:
    config = configuration()
    with engine.connect().execution_options(write=True) as connection:
        config.attributes["connection"] = connection
        with _keys_unwatched(connection):
            act(config)
            connection.commit()


@contextmanager
def _keys_unwatched(connection: Connection) -> Iterator[None]:
    """Let SQLite replace a table that others refer to: it changes one by copying it.

    Only outside a transaction can the watch be put off; nothing may refer to nowhere afterwards.
    """
    raw = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None
    if raw is None:
        yield
        return
    raw.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
        if broken := raw.execute("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError(f"rows refer to rows that are not there: {broken[:5]}")
    finally:
        raw.execute("PRAGMA foreign_keys = ON")
