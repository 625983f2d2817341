"""Background work.  Huey only executes: a delivery is done when its row says so.

The queue is a hint and may lose entries; the sweep hands out again whatever is due.
"""

from collections.abc import Callable, Iterable
from typing import Any

import structlog
from huey import Huey, RedisHuey, SqliteHuey, crontab

from webapp import flow
from webapp.core.config import Settings
from webapp.core.db import db

SWEEP = crontab(minute="*")
UPKEEP = crontab(minute="17")  # every hour: timestamps that are owed or soon expire
DAILY = crontab(hour="20", minute="40")  # UTC: at night, when nobody sends photos
log = structlog.get_logger()


def open_queue(settings: Settings) -> Huey:
    """Open the queue of this installation and register what it runs."""
    if settings.queue_url:
        huey = RedisHuey("mingcha", connection_pool=_redis(settings.queue_url), results=False)
    else:
        path = settings.data_dir / "queue.db"
        huey = SqliteHuey("mingcha", filename=str(path), results=False, fsync=False)
    deliver = huey.task(name="deliver")(run)
    huey.wake = lambda ids: wake(deliver, ids)
    huey.periodic_task(SWEEP, name="sweep")(lambda: hand_out(deliver, flow.sweep()))
    huey.periodic_task(UPKEEP, name="upkeep")(lambda: hand_out(deliver, flow.upkeep()))
    huey.periodic_task(SWEEP, name="tree")(lambda: flow.grow_tree())
    huey.periodic_task(DAILY, name="tidy")(lambda: flow.tidy(settings.data_dir))
    huey.on_startup("database")(db.reopen)
    return huey


def run(delivery_id: int) -> None:
    """Run a delivery, and at once what it leads to."""
    owed = [delivery_id]
    while owed:
        owed.extend(flow.deliver(owed.pop(0)))


def _redis(url: str) -> Any:
    from redis import ConnectionPool  # an extra; one host alone keeps its queue in a file

    return ConnectionPool.from_url(url, socket_connect_timeout=2, socket_timeout=5)


def wake(deliver: Callable[[int], object], ids: Iterable[int]) -> None:
    """Hand out at once what an act owes; the act is done, whatever becomes of this."""
    try:
        hand_out(deliver, ids)
    except Exception:  # the rows say what is owed: the sweep will find it
        log.exception("the queue takes nothing; the sweep hands it out once it does")


def hand_out(deliver: Callable[[int], object], ids: Iterable[int]) -> None:
    """Put deliveries into the queue."""
    for delivery_id in ids:
        deliver(delivery_id)
