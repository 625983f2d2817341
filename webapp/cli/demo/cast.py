"""The people and places of the demo.  Both bureaus, all units and all names are invented."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import service as accounts
from webapp.accounts.models import Bureau, Unit, UnitKind, User
from webapp.accounts.rules import Role

HOME = "示例县自然资源局"
ELSEWHERE = "邻县自然资源局"
SECTION, AFFILIATE, STATION = UnitKind.SECTION, UnitKind.AFFILIATE, UnitKind.STATION


class Place(NamedTuple):
    """A unit, and who receives the inspectors there."""

    name: str
    name_en: str
    kind: UnitKind
    head: str = ""
    position: str = ""


PLACES = (
    Place("督查室", "Inspection Office", SECTION),
    Place("办公室", "General Office", SECTION, "于任", "主任"),
    Place("政策法规股", "Policy and Regulation Section", SECTION),
    Place("耕地保护监督股", "Farmland Protection Section", SECTION, "方长", "股长"),
    Place("国土空间规划股", "Spatial Planning Section", SECTION, "江长", "股长"),
    Place("不动产登记中心", "Real Estate Registration Centre", AFFILIATE, "丁任", "主任"),
    Place("土地储备中心", "Land Reserve Centre", AFFILIATE, "田任", "主任"),
    Place("自然资源执法大队", "Enforcement Brigade", AFFILIATE, "石队", "大队长"),
    Place("城关自然资源所", "Chengguan Station", STATION, "钱所", "所长"),
    Place("东溪自然资源所", "Dongxi Station", STATION, "王所", "所长"),
    Place("西岭自然资源所", "Xiling Station", STATION, "林任", "副所长"),
    Place("北坪自然资源所", "Beiping Station", STATION, "丁所", "所长"),
)
PLACE = {place.name: place for place in PLACES}


class Person(NamedTuple):
    """A member of the cast; ``role_zh`` and ``role_en`` say what for."""

    username: str
    name: str
    name_en: str
    unit: str
    position: str
    roles: tuple[Role, ...]
    role_zh: str
    role_en: str


PEOPLE = (
    Person("lin", "林检", "Lin Jian", "督查室", "督查员", (Role.INSPECTOR,), "督查员", "inspector"),
    Person("chen", "陈查", "Chen Cha", "政策法规股", "督查员", (Role.INSPECTOR,),
           "督查员", "inspector"),
    Person("zhou", "周督", "Zhou Du", "督查室", "党组成员、分管领导", (Role.SUPERVISOR,),
           "分管领导", "supervisor"),
    Person("zheng", "郑审", "Zheng Shen", "政策法规股", "党组成员、分管领导", (Role.SUPERVISOR,),
           "分管领导", "supervisor"),
    Person("he", "何存", "He Cun", "办公室", "档案员", (Role.ARCHIVIST,), "档案员", "archivist"),
    Person("wu", "吴理", "Wu Li", "办公室", "系统管理员", (Role.ADMIN,),
           "系统管理员", "administrator"),
    Person("qian", "钱所", "Qian Suo", "城关自然资源所", "所长", (Role.UNIT_HEAD,),
           "被督查单位负责人", "head of a unit"),
    Person("zhao", "赵员", "Zhao Yuan", "耕地保护监督股", "科员", (Role.STAFF,),
           "干部职工", "staff"),
    Person("sun", "孙外", "Sun Wai", "外局办公室", "督查员",
           (Role.INSPECTOR, Role.SUPERVISOR, Role.ARCHIVIST, Role.ADMIN),
           "外单位人员", "from another bureau"),
)  # fmt: skip


@dataclass(frozen=True)
class Cast:
    """Everybody and every unit, by name."""

    users: Mapping[str, User]
    units: Mapping[str, Unit]


def is_there(session: Session) -> bool:
    """Tell whether the demo's bureau was made before."""
    return session.scalar(select(Bureau.id).where(Bureau.name == HOME)) is not None


def make(session: Session, *, at: datetime) -> Cast:
    """Make both bureaus with their units and people; nobody has a password."""
    units = _units(session)
    users = {
        person.username: accounts.add_user(
            session, username=person.username, name=person.name, name_en=person.name_en,
            unit=units[person.unit], roles=person.roles, position=person.position,
            password=None, by_id=None, at=at,
        )
        for person in PEOPLE
    }  # fmt: skip
    return Cast(users, units)


def _units(session: Session) -> dict[str, Unit]:
    home = Bureau(
        name=HOME, name_en="Sample County Natural Resources Bureau",
        issuer=f"中共{HOME}党组", number_mark="示自然资党督", fonds_no="J027", section_code="JDC",
    )  # fmt: skip
    elsewhere = Bureau(
        name=ELSEWHERE, name_en="Neighbour County Natural Resources Bureau",
        issuer=f"中共{ELSEWHERE}党组", number_mark="邻自然资党督", fonds_no="J028",
        section_code="JDC",
    )  # fmt: skip
    session.add(home)
    session.flush()  # the first bureau is the one that signs
    session.add(elsewhere)
    session.flush()
    places = [(place, home) for place in PLACES]
    places.append((Place("外局办公室", "Other Office", SECTION), elsewhere))
    units = [
        Unit(name=p.name, name_en=p.name_en, kind=p.kind, bureau_id=bureau.id, bureau=bureau)
        for p, bureau in places
    ]
    session.add_all(units)
    session.flush()
    return {unit.name: unit for unit in units}
