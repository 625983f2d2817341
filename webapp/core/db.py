"""The database: engine, session, column types, the write lock and the one commit.

Measured on SQLite: WAL with ``synchronous=FULL`` loses nothing that was acknowledged; its own busy
handler is unfair, so writers queue on a file lock before ``BEGIN IMMEDIATE``.

"""

import enum
import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    Table,
    TypeDecorator,
    Uuid,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import (
    DeclarativeBase,
    Session,
    make_transient_to_detached,
    scoped_session,
    sessionmaker,
)
from sqlalchemy.orm.attributes import instance_dict, manager_of_class, set_committed_value
from sqlalchemy.orm.util import identity_key

from webapp.core.prepared import insertion

NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "afs", "ceph"}
WAL_SAFE_FROM = (3, 51, 3)  # older SQLite may corrupt a WAL when it is reset

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An instant, kept in UTC; a datetime without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware datetime into what the database keeps."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give it back aware."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Serial = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """All tables: named constraints, enums by value, aware instants, JSON."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant,
        UUID: Uuid,
        dict[str, Any]: Json,
        list[Any]: Json,
        enum.Enum: Enum(
            enum.Enum, native_enum=False, length=32, values_callable=lambda e: [m.value for m in e]
        ),
    }


M = TypeVar("M", bound=Base)


def append(session: Session, model: type[Base], *rows: Mapping[str, Any]) -> Any:
    """Insert rows past the unit of work; returns the key of a single one.

    For what every act writes: it costs a tenth of a flush.  All have the same columns; plain
    defaults apply.  The key returned is a serial one, else nothing.
    """
    one = len(rows) == 1
    insert, defaults = insertion(cast(Table, model.__table__), tuple(rows[0]), tell=one)
    if not one:
        insert.each(session, [{**defaults, **row} for row in rows])
        return None
    return next(iter(insert.first(session, {**defaults, **rows[0]}) or ()), None)


def adopt(session: Session, model: type[M], values: Mapping[str, Any]) -> M:
    """Return the object of a row, as the session would have loaded it at many times the cost.

    ``values`` are attributes by name, relationships too; the key is ``id``.  An object that the
    session has already stays as it is.
    """
    known: M | None = session.identity_map.get(identity_key(model, values["id"]))
    if known is None:
        known = manager_of_class(model).new_instance()
        instance_dict(known).update(values)
        for name, value in values.items():
            if isinstance(value, list):
                set_committed_value(known, name, value)  # a relationship's list watches itself
        make_transient_to_detached(known)
        session.add(known)
    return known


def _json(value: Any) -> str:
    return to_json(value).decode()


QUICK_JSON: dict[str, Any] = {"json_serializer": _json, "json_deserializer": from_json}


class WriteLock:
    """A fair lock over all processes that write to one SQLite file.

    The kernel serves ``flock`` waiters in the order they came; SQLite's own busy handler sleeps.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def acquire(self) -> int:
        """Wait for the lock; returns the descriptor that holds it."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return descriptor


class Database:
    """The engine and the request's session.  ``connect`` once, before use."""

    engine: Engine
    lock: WriteLock | None = None

    def __init__(self) -> None:
        self.factory = sessionmaker(autoflush=False, expire_on_commit=False)
        self.session: scoped_session[Session] = scoped_session(self.factory)
        event.listen(self.factory, "after_transaction_end", _release)

    def connect(self, url: str) -> None:
        """Open ``url``; forked workers must call :meth:`reopen` first."""
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            self.engine = _sqlite(url, Path(parsed.database or ""))
            self.lock = WriteLock(Path(f"{parsed.database}.lock"))
        else:
            self.engine = create_engine(
                url, pool_size=8, max_overflow=8, pool_pre_ping=True, **QUICK_JSON
            )
            self.lock = None
        self.session.remove()
        self.factory.configure(bind=self.engine)

    def reopen(self) -> None:
        """Forget connections inherited through a fork."""
        self.engine.dispose(close=False)

    def begin_write(self, session: Session) -> None:
        """End the reading transaction and begin a writing one, in turn.

        Objects read before stay usable; rows that the write depends on are read again after this.
        """
        session.commit()
        if self.lock is not None:
            session.info["lock"] = self.lock.acquire()
        session.connection(execution_options={"write": True})

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session in a writing transaction, committed at the end (operators, worker)."""
        with self.factory() as session:
            self.begin_write(session)
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session for reads."""
        with self.factory() as session:
            yield session


def _release(session: Session, transaction: Any) -> None:
    if transaction.parent is None and (descriptor := session.info.pop("lock", None)) is not None:
        os.close(descriptor)


def _sqlite(url: str, path: Path) -> Engine:
    try:
        import pysqlite3 as driver
    except ImportError:  # no wheel for this processor: the system's SQLite, without WAL
        import sqlite3 as driver
    path.parent.mkdir(parents=True, exist_ok=True)
    refuse_network_file_system(path.parent)
    engine = create_engine(url, module=driver, pool_size=16, max_overflow=16, **QUICK_JSON)
    journal = "WAL" if driver.sqlite_version_info >= WAL_SAFE_FROM else "TRUNCATE"

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout = 20000")
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -32000")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        write = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def file_system_of(folder: Path, mounts: str = "/proc/mounts") -> str:
    """Return the type of the file system that holds ``folder`` (``ext4``, ``nfs4`` …)."""
    best, kind = "", "unknown"
    for line in Path(mounts).read_text("utf-8").splitlines():
        _, point, name, *_ = line.split()
        inside = str(folder.resolve()).startswith(point.rstrip("/") + "/") or point == "/"
        if inside and len(point) >= len(best):
            best, kind = point, name
    return kind


def refuse_network_file_system(folder: Path) -> None:
    """Stop at once where SQLite's locks cannot be trusted.

    :raises RuntimeError: ``folder`` lies on a network file system.
    """
    kind = file_system_of(folder)
    if kind in NETWORK_FILE_SYSTEMS:
        raise RuntimeError(
            f"{folder} lies on a network file system ({kind}), where SQLite loses data. "
            "Put MINGCHA_DATA_DIR on a local disk or set MINGCHA_DATABASE_URL to PostgreSQL."
        )


db = Database()
