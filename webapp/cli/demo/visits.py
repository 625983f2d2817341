"""Which visits the demo tells of: where, what was found, how far each has come."""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from webapp.checklists.definitions import Checklist
from webapp.cli.demo import answers
from webapp.cli.demo.cast import HOME, PLACE
from webapp.cli.demo.facts import SCENES
from webapp.cli.demo.failures import FAILURES
from webapp.cli.demo.photos import Shot
from webapp.core import calendar
from webapp.core.errors import Invalid

SEED = 20_260_101
PHOTOS_MOST = 5
SLOTS = ((8, 40), (10, 15), (14, 30), (15, 50))  # when visits begin, local time
VEHICLES, RECEPTIONS = "official-vehicles", "official-receptions"
WEDDINGS, DISCIPLINE = "wedding-funeral", "eight-prohibitions"


AGREED = ("情况属实，将按要求整改。", "对所列问题无异议，部分材料三日内补齐。")
CONTENT = ("无意见。",)


class Stage(enum.Enum):
    """How far a visit has come."""

    PLANNED = "planned"
    STARTED = "started"
    DISPUTED = "disputed"
    WAITING = "waiting"
    RETURNED = "returned"
    AGAIN = "again"
    """Handed in a second time, with changes."""
    APPROVED = "approved"
    APPROVED_AGAIN = "approved again"
    """Approved in the second round."""
    CANCELLED = "cancelled"


TWO_ROUNDS = frozenset({Stage.AGAIN, Stage.APPROVED_AGAIN})
UNFINISHED = frozenset({Stage.STARTED, Stage.DISPUTED})
NOT_BEGUN = frozenset({Stage.PLANNED, Stage.CANCELLED})


@dataclass(frozen=True)
class Visit:
    """One line of the plan.

    ``day`` counts working days from today, ``slot`` the times of that day; ``failed`` and
    ``doubted`` are item ids; ``refusal`` is why the unit would not sign.
    """

    checklist: str
    unit: str
    stage: Stage
    day: int
    slot: int = 0
    failed: tuple[str, ...] = ()
    doubted: tuple[str, ...] = ()
    refusal: str = ""


S = Stage
PLAN = (
    Visit(VEHICLES, "城关自然资源所", S.APPROVED, -5, 0, ("GC-14", "GC-20", "GC-31"), ("GC-44",)),
    Visit(RECEPTIONS, "办公室", S.APPROVED, -5, 1, ("JD-14", "JD-30"), ("JD-22",)),
    Visit(WEDDINGS, "东溪自然资源所", S.APPROVED, -5, 2, ("HS-04", "HS-22")),
    Visit(VEHICLES, "自然资源执法大队", S.APPROVED_AGAIN, -5, 3, ("GC-21", "GC-30", "GC-41")),
    Visit(DISCIPLINE, "城关自然资源所", S.APPROVED, -4, 0, ("ZB-02", "ZB-04"), ("BJ-02",)),
    Visit(DISCIPLINE, "不动产登记中心", S.APPROVED, -4, 1, ("BJ-01", "BJ-09"), ("BJ-03",),
          "认为窗口人员未佩戴工作牌系当日更换工作服所致，不同意写入记录。"),
    Visit(RECEPTIONS, "土地储备中心", S.AGAIN, -4, 2, ("JD-07", "JD-32"), ("JD-15",)),
    Visit(DISCIPLINE, "北坪自然资源所", S.AGAIN, -4, 3, ("ZB-01", "ZB-06")),
    Visit(VEHICLES, "土地储备中心", S.RETURNED, -3, 0, ("GC-18", "GC-22"), ("GC-38",)),
    Visit(RECEPTIONS, "不动产登记中心", S.RETURNED, -3, 1, ("JD-09", "JD-36")),
    Visit(WEDDINGS, "自然资源执法大队", S.RETURNED, -3, 2, ("HS-02", "HS-29"), ("HS-18",)),
    Visit(DISCIPLINE, "东溪自然资源所", S.RETURNED, -3, 3, ("BJ-05",), ("BJ-02",)),
    Visit(VEHICLES, "西岭自然资源所", S.WAITING, -2, 0, ("GC-01", "GC-15", "GC-36"), ("GC-31",),
          "对多出的 1 辆皮卡车是否计入编制有不同意见。"),
    Visit(WEDDINGS, "国土空间规划股", S.WAITING, -2, 1, ("HS-05", "HS-30")),
    Visit(RECEPTIONS, "自然资源执法大队", S.WAITING, -2, 2, ("JD-15", "JD-21"), ("JD-14",)),
    Visit(DISCIPLINE, "国土空间规划股", S.WAITING, -1, 0, ("BJ-21",), ("BJ-03",)),
    Visit(VEHICLES, "东溪自然资源所", S.STARTED, -1, 1, ("GC-14", "GC-26")),
    Visit(RECEPTIONS, "耕地保护监督股", S.DISPUTED, -1, 2, ("JD-07",)),
    Visit(WEDDINGS, "北坪自然资源所", S.STARTED, -1, 3, ("HS-06",)),
    Visit(DISCIPLINE, "西岭自然资源所", S.DISPUTED, -1, 3, ("ZB-02",)),
    Visit(VEHICLES, "不动产登记中心", S.PLANNED, 0, 2),
    Visit(RECEPTIONS, "城关自然资源所", S.PLANNED, 1, 0),
    Visit(WEDDINGS, "耕地保护监督股", S.PLANNED, 3, 1),
    Visit(DISCIPLINE, "土地储备中心", S.PLANNED, 5, 0),
    Visit(VEHICLES, "北坪自然资源所", S.CANCELLED, -2, 3),
    Visit(RECEPTIONS, "西岭自然资源所", S.CANCELLED, -1, 0),
    Visit(WEDDINGS, "城关自然资源所", S.CANCELLED, 1, 2),
    Visit(DISCIPLINE, "办公室", S.CANCELLED, 2, 0),
)  # fmt: skip


class Days:
    """Working days counted from today, and moments on them."""

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        self.zone = zone
        self.today = now.astimezone(zone).date()

    def day(self, count: int) -> date:
        """Return the working day so many before or after today; 0 is today or the next one."""
        day, step = self.today, timedelta(days=-1 if count < 0 else 1)
        if count == 0:
            while not _works(day):
                day += step
        for _ in range(abs(count)):
            day += step
            while not _works(day):
                day += step
        return day

    def moment(self, count: int, hour: int, minute: int) -> datetime:
        """Return a moment of that day, in UTC."""
        local = datetime.combine(self.day(count), time(hour, minute), self.zone)
        return local.astimezone(UTC)


def _works(day: date) -> bool:
    try:
        return calendar.is_working(day)
    except Invalid:  # a year whose notice is not out
        return day.weekday() < calendar.SATURDAY


@dataclass(frozen=True)
class Picture:
    """A photo to be taken for an item."""

    item_id: str
    shot: Shot
    taken_at: datetime


@dataclass(frozen=True)
class Course:
    """A visit worked out: its ids, moments and answers, and the photos to be taken."""

    visit: Visit
    id: UUID
    begun: datetime
    ended: datetime
    answers: dict[str, Any]
    pictures: tuple[Picture, ...]
    rng: Random = field(repr=False, compare=False)
    new_id: Callable[[datetime], UUID] = field(repr=False, compare=False)


def work_out(place: int, visit: Visit, checklist: Checklist, days: Days) -> Course:
    """Work one visit of the plan out; the same day and seed give the same."""
    rng = Random(SEED + place)  # noqa: S311 - a story, not a secret
    hour, minute = SLOTS[visit.slot]
    begun = days.moment(visit.day, hour, minute) + timedelta(minutes=rng.randint(0, 9))
    ended = begun + timedelta(minutes=rng.randint(72, 88))

    def new_id(at: datetime) -> UUID:
        return uuid7(at, rng)

    given: dict[str, Any] = {}
    if visit.stage not in NOT_BEGUN:
        given = _answers(
            visit, checklist, begun.astimezone(days.zone), ended.astimezone(days.zone), rng
        )
    pictures = tuple(_pictures(visit, given, begun, ended, days.zone, rng))
    return Course(visit, new_id(begun), begun, ended, given, pictures, rng, new_id)


def _answers(
    visit: Visit, checklist: Checklist, begun: datetime, ended: datetime, rng: Random
) -> dict[str, Any]:
    place = PLACE[visit.unit]
    head = {"name": place.head, "position": place.position}
    opinion = visit.refusal or rng.choice(AGREED if visit.failed else CONTENT)
    of_visit = answers.visit_answers(
        checklist, unit=visit.unit, head=head, begun=begun, ended=ended, opinion=opinion, rng=rng
    )
    of_items = answers.answers(
        checklist, begun=begun, failed=visit.failed, doubted=visit.doubted, rng=rng
    )
    return of_visit | of_items


def _pictures(
    visit: Visit,
    given: dict[str, Any],
    begun: datetime,
    ended: datetime,
    zone: ZoneInfo,
    rng: Random,
) -> list[Picture]:
    shown = [item for item in SCENES if given.get(item) == "yes"]
    rng.shuffle(shown)
    failed = [item for item in visit.failed if FAILURES[item].scene] if given else []
    scenes = [(item, FAILURES[item].scene) for item in failed]
    scenes += [(item, SCENES[item]) for item in shown]
    taken = sorted(begun + (ended - begun) * rng.uniform(0.05, 0.9) for _ in scenes[:PHOTOS_MOST])
    return [
        Picture(
            item,
            Shot(scene, f"{HOME} {visit.unit}", f"{at.astimezone(zone):%Y-%m-%d %H:%M}",
                 rng.randrange(1 << 30)),
            at.replace(microsecond=at.microsecond // 1000 * 1000),
        )
        for (item, scene), at in zip(scenes, taken, strict=False)
    ]  # fmt: skip


def uuid7(at: datetime, rng: Random) -> UUID:
    """Return an id as a phone makes it: the moment, then chance."""
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << 80 | rng.getrandbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
