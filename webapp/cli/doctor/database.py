"""Checks of the database: which one, whether it answers, its schema, the work it holds.

Nothing is made or changed: an embedded database that is not there stays away.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from webapp.cli.doctor.diagnosis import Result, Words, fail, ok, same, warn

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from webapp.core.config import Settings

OVERDUE_SECONDS = 120


@contextmanager
def opened(settings: "Settings") -> Iterator["Engine"]:
    """Open the database as the product does.

    :raises FileNotFoundError: the embedded database is not there; connecting would make it.
    """
    from sqlalchemy import make_url

    from webapp.core.db import Database

    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise FileNotFoundError(url.database)
    if url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": "5"})
    database = Database()
    database.connect(url.render_as_string(hide_password=False))
    try:
        yield database.engine
    finally:
        database.engine.dispose()


def sqlite(settings: "Settings") -> Result:
    """Tell which SQLite is used and with which journal."""
    from webapp.core.db import WAL_SAFE_FROM

    if not settings.database.startswith("sqlite"):
        return ok(Words("未使用", "not used"))
    try:
        import pysqlite3 as driver
    except ImportError:
        import sqlite3 as driver
    name = f"{driver.sqlite_version} ({driver.__name__})"
    if driver.sqlite_version_info >= WAL_SAFE_FROM:
        return ok(same(f"{name}, WAL + FULL"))
    safe = ".".join(map(str, WAL_SAFE_FROM))
    return ok(
        Words(
            f"{name}, TRUNCATE + FULL（{safe} 之前不用 WAL，写入稍慢）",
            f"{name}, TRUNCATE + FULL (no WAL before {safe}: writes are a little slower)",
        )
    )


def reachable(settings: "Settings") -> Result:
    """Ask the database for an answer."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import SQLAlchemyError

    url = make_url(settings.database)
    is_file = url.get_backend_name() == "sqlite"
    place = str(url.database) if is_file else url.render_as_string(hide_password=True)
    try:
        with opened(settings) as engine, engine.connect() as connection:
            release = connection.dialect.server_version_info or ()
    except FileNotFoundError:
        return warn(
            Words("还没有数据库", "no database yet"),
            Words(
                "运行 ./mingcha migrate，或先用 ./mingcha demo 试用",
                "Run ./mingcha migrate, or try ./mingcha demo first",
            ),
        )
    except (SQLAlchemyError, ImportError) as error:
        return fail(
            same(f"{place}: {str(error).splitlines()[0]}"),
            Words(
                "请检查数据库是否在运行，以及 MINGCHA_DATABASE_URL",
                "Check that the database is running, and MINGCHA_DATABASE_URL",
            ),
        )
    if engine.dialect.name == "postgresql" and release < (15,):
        return fail(
            same(f"{place}: PostgreSQL {release[0]}"),
            Words("请使用 PostgreSQL 15 或更新的版本", "Use PostgreSQL 15 or newer"),
        )
    return ok(same(place))


def schema(settings: "Settings") -> Result:
    """Compare the tables with those of this release."""
    from webapp.core import migration

    with opened(settings) as engine:
        is_current = migration.is_current(engine)
    if is_current:
        return ok(Words("与程序版本一致", "as this release has it"))
    return fail(
        Words("与程序版本不一致", "not that of this release"),
        Words("先备份，再运行 ./mingcha migrate", "Make a backup, then run ./mingcha migrate"),
    )


def work(settings: "Settings") -> Result:
    """See that background work is done: nothing that is due may wait for long."""
    from sqlalchemy import func, select
    from sqlalchemy.orm import Session

    from webapp.core.events import Delivery, DeliveryState

    count = select(func.count(), func.min(Delivery.due_at))
    with opened(settings) as engine, Session(engine) as session:
        pending = session.execute(count.where(Delivery.state == DeliveryState.PENDING)).one()
        failed = session.execute(count.where(Delivery.state == DeliveryState.FAILED)).one()[0]
    return _judged(*pending, failed)


def _judged(waiting: int, oldest: datetime | None, failed: int) -> Result:
    late_seconds = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0
    if late_seconds > OVERDUE_SECONDS:
        minutes = round(late_seconds / 60)
        return fail(
            Words(
                f"{waiting} 项等待处理，最久已 {minutes} 分钟",
                f"{waiting} waiting, the oldest for {minutes} minutes",
            ),
            Words(
                "没有后台进程在运行：启动 ./mingcha serve 或 ./mingcha worker",
                "No worker is running: start ./mingcha serve or ./mingcha worker",
            ),
        )
    if failed:
        return warn(
            Words(f"{failed} 项多次失败，已停下", f"{failed} given up after several tries"),
            Words("查看日志，在文书页面上重试", "Read the log, retry on the document's page"),
        )
    return ok(Words(f"{waiting} 项等待处理", f"{waiting} waiting"))
