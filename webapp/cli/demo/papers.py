"""The papers that the demo's people drafted: some issued, some on their way.

What the system fills in stays; only what people add is told here.  All of it is invented.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.cli.demo import sheets
from webapp.cli.demo.story import Scene
from webapp.cli.demo.visits import Days
from webapp.documents.drafting import rules, service
from webapp.documents.drafting.subjects import findings_known_to
from webapp.documents.kinds.base import About
from webapp.documents.models import Draft


class Step(enum.IntEnum):
    """How far a paper has come."""

    DRAFTED = 1
    OFFERED = 2
    RETURNED = 3
    ISSUED = 4


@dataclass(frozen=True)
class Paper:
    """One paper: its kind and author, the working day it was begun, how far it came.

    ``visit`` is the place of a visit in the plan; ``unit`` a unit's name; neither for a paper
    about nothing in particular.  ``more`` returns the answers that people added to those known.
    """

    kind: str
    author: str
    day: int
    step: Step
    visit: int | None = None
    unit: str = ""
    more: Callable[[Days, Mapping[str, Any]], Mapping[str, Any]] = sheets.task


def _plan(days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "scope": "（一）公务用车规范管理\n编制、派车审批、里程登记、加油维修和节假日封存情况。\n"
        "（二）公务规范接待\n公函、审批、清单、陪餐和结算情况。\n"
        "（三）婚丧喜庆报备和作风纪律\n事前事后报告、值班值守和窗口服务情况。",
        "from_on": days.day(-7).isoformat(),
        "to_on": days.day(10).isoformat(),
        "methods": ["overt", "papers", "data"],
        "groups": sheets.rows(
            {"name": "第一组", "leader": "林检", "members": "陈查",
             "units": "城关自然资源所、东溪自然资源所"},
            {"name": "第二组", "leader": "陈查", "members": "林检",
             "units": "不动产登记中心、土地储备中心、自然资源执法大队"},
        ),
        "lists": sheets.rows({"name": "公车规范管理检查清单"}, {"name": "公务规范接待检查清单"}),
        "copies": "派驻纪检监察组",
    }  # fmt: skip


def _notice(_days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"phone": "0000-0000000", "copies": "派驻纪检监察组"}


def _first_notice(days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    day = days.day(-5).isoformat()
    return {
        **_notice(days, {}),
        "title": "关于对城关自然资源所开展公车规范管理专项督查的通知",
        "scope": "公务用车编制、派车审批、里程登记、加油维修和节假日封存的制度和台账。",
        "from_on": day,
        "to_on": day,
        "team": sheets.rows(
            {"name": "林检", "position": "督查员"}, {"name": "陈查", "position": "督查员"}
        ),
    }


def _talk(days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    day = days.day(-5).isoformat()
    return {
        "spoken_to": {"name": "甲某", "position": "驾驶员"},
        "started_at": f"{day}T10:20",
        "ended_at": f"{day}T10:55",
        "exchanges": sheets.rows(
            {"question": "请介绍你的岗位和负责的车辆。",
             "answer": "我在所里开车，负责1辆皮卡车的日常驾驶和登记。"},
            {"question": "派车单里有一份没有审批人签名，是什么情况？",
             "answer": "当天下乡早，所长在外开会，电话里同意了。回来以后我忘了补签。"},
            {"question": "里程登记是当日填写的吗？",
             "answer": "一般当日填写。那几天连着出车，是第二天对着里程表补记的。"},
            {"question": "还有没有需要补充的？", "answer": "没有了。以后当日登记、先批后用。"},
        ),
        "corrections": "“第二天”应为“当天晚上”。",
    }  # fmt: skip


def _list(_days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"remark": "整改期限自反馈意见书送达次日起计算，状态随整改进度更新。"}


def _facts(_days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"statement": "情况属实。经办人已补办手续，所里将严格先批后用。"}


def _rectify(_days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"copies": "局机关纪委"}


def _report(_days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "signed_off_by": "周督",
        "causes": "（一）制度执行不严\n先用后批、事后补记的情况没有及时纠正。\n"
        "（二）日常复核不够\n车辆管理员没有按月核对里程和加油。",
        "proposals": "建议在全局推行派车审批电子化，按月比对里程、加油和派车单。",
    }


PAPERS = (
    Paper("inspection_plan", "lin", -8, Step.ISSUED, more=_plan),
    Paper("inspection_notice", "lin", -7, Step.ISSUED, unit="城关自然资源所", more=_first_notice),
    Paper("inspection_notice", "chen", -1, Step.OFFERED, visit=21, more=_notice),
    Paper("talk_record", "lin", -5, Step.ISSUED, visit=0, more=_talk),
    Paper("fact_confirm", "chen", -4, Step.ISSUED, visit=0, more=_facts),
    Paper("issue_list", "lin", -4, Step.ISSUED, visit=0, more=_list),
    Paper("rectify_notice", "lin", -4, Step.ISSUED, visit=0, more=_rectify),
    Paper("rectify_notice", "chen", -3, Step.RETURNED, visit=1),
    Paper("inspection_report", "lin", -2, Step.ISSUED, visit=0, more=_report),
    Paper("inspection_report", "lin", -1, Step.DRAFTED, visit=1),
    Paper("team_pledge", "lin", -6, Step.ISSUED, visit=0),
    Paper("photo_list", "lin", -4, Step.ISSUED, visit=0, more=sheets.pictures),
    Paper("service_receipt", "chen", -3, Step.ISSUED, visit=0, more=sheets.receipt),
    Paper("rectify_report", "qian", -2, Step.ISSUED, visit=0, more=sheets.rectified),
    Paper("recheck_record", "chen", -1, Step.ISSUED, visit=0, more=sheets.recheck),
    Paper("closing_approval", "lin", -1, Step.OFFERED, visit=0, more=sheets.closing),
    Paper("event_before", "zhao", -2, Step.ISSUED, more=sheets.before),
    Paper("pledge", "zhao", -2, Step.ISSUED, more=sheets.pledge),
    Paper("event_after", "zhao", -1, Step.DRAFTED, more=sheets.after),
)
REMARK = "第二个问题的期限请与反馈意见书一致，核对后再送。"


def draft_all(session: Session, scenes: Sequence[Scene]) -> None:
    """Draft every paper and let it come as far as it has."""
    for place, paper in enumerate(PAPERS):
        _draft(session, scenes, paper, place)


def _draft(session: Session, scenes: Sequence[Scene], paper: Paper, place: int) -> None:
    scene = scenes[paper.visit or 0]
    author, days = scene.cast.users[paper.author], scene.days
    at = days.moment(paper.day, 16, 30) + timedelta(minutes=3 * place)
    draft = service.begin(
        session, draft_id=scene.course.new_id(at), kind=paper.kind, by=author, at=at,
        on=days.day(paper.day), **_about(session, scene, paper, author),
    )  # fmt: skip
    session.flush()
    answers = {**draft.answers, **paper.more(days, draft.answers)}
    service.write(session, draft, answers, revision=draft.revision, by=author, at=at)
    session.flush()
    _go_on(session, scene, draft, paper)


def _about(session: Session, scene: Scene, paper: Paper, author: User) -> dict[str, Any]:
    if paper.unit:
        return {"unit": scene.cast.units[paper.unit]}
    if paper.visit is None:
        return {}
    inspection = scene.inspection(session)
    form = rules.form_of(paper.kind)
    if form is None or form.about is not About.FINDING:
        return {"inspection": inspection}
    told = [one for one in findings_known_to(session, author) if one.inspection_id == inspection.id]
    return {"inspection": inspection, "finding": told[-1]}


def _go_on(session: Session, scene: Scene, draft: Draft, paper: Paper) -> None:
    form, author, at = rules.form_of(paper.kind), draft.author, draft.changed_at
    issuer = author
    if form is not None and form.is_handed_on and paper.step >= Step.OFFERED:
        issuer = scene.cast.users["zhou"]
        service.offer(session, draft, revision=draft.revision, by=author, at=at)
        session.flush()
    if paper.step is Step.RETURNED:
        service.give_back(session, draft, remark=REMARK, by=issuer, at=at)
    elif paper.step is Step.ISSUED:
        on = scene.days.day(paper.day)
        service.issue(session, draft, revision=draft.revision, by=issuer, at=at, on=on)
