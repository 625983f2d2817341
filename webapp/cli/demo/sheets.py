"""What people added to the demo's filled-in sheets: of the visit, of the rectification, their own.

All of it is invented.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from webapp.cli.demo.visits import Days


def rows(*given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a table's rows, each with an id of its own."""
    return [{"row": f"d{place}", **row} for place, row in enumerate(given, start=1)]


def filled(table: Iterable[Mapping[str, Any]], **more: Any) -> list[dict[str, Any]]:
    """Return rows that the system began, with what people added to each."""
    return [{**row, **more} for row in table]


def pictures(_days: Days, known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell who took them, with what."""
    return {
        "device": "示例手机（督查组公用）",
        "pictures": [
            {"taken_by": "林检", "concerns": "现场情况", **row} for row in known.get("pictures", ())
        ],
    }


def receipt(days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell how the papers were handed over."""
    return {
        "papers": rows(
            {"name": "督查反馈意见书", "copies": 1}, {"name": "整改通知书", "copies": 1}
        ),
        "manner": "direct",
        "served_place": "城关自然资源所",
        "served_at": f"{days.day(-3).isoformat()}T09:40",
        "signed_by": {"name": "钱所", "position": "所长"},
    }


def rectified(days: Days, known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell what was mended."""
    done = {
        "measure": "已补办手续，修订派车制度，指定专人复核。",
        "responsible": "钱所",
        "done_on": days.day(-2).isoformat(),
        "proof": "补办的审批单、制度文本",
        "outcome": "done",
    }
    return {
        "overall": "收到反馈意见后，全所召开会议逐项研究，所列问题已整改到位。",
        "measures": filled(known.get("measures", ()), **done),
        "lasting": "实行先批后用、当日登记、按月复核，纳入年度考核。",
    }


def recheck(days: Days, known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell what was seen at the follow-up."""
    seen = {"looked_at": "抽查派车单10份、登记簿1册，均有审批和当日登记。", "outcome": "done"}
    return {
        "checked_at": f"{days.day(-1).isoformat()}T09:10",
        "checks": filled(known.get("checks", ()), **seen),
        "conclusion": "pass",
    }


def closing(_days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell why a problem can be closed."""
    return {
        "mended": "标识已补贴，车身标识齐全清晰。",
        "proof": "整改前后照片各1张、标识登记表。",
        "recheck": "复查时现场核对，已整改到位。",
        "proposal": "close",
    }


def _event(days: Days, first: int) -> dict[str, Any]:
    day = days.day(first).isoformat()
    return {
        "event_kind": "wedding",
        "whose": "赵员之子（虚构）",
        "relation": "child",
        "started_on": day,
        "ended_on": day,
        "place": "示例县示例酒店",
        "guests": 80,
        "tables": 8,
        "served": "no",
        "cars": 4,
        "official_cars": 0,
    }


def before(days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell of a wedding that is to come."""
    return {
        **_event(days, 15),
        "registered_on": days.day(-8).isoformat(),
        "joint": "no",
        "scope": ["kin"],
        "funding": "own",
        "cost": "24000.00",
        "gifts": "kin",
        "car_source": "亲属自有",
    }


def pledge(days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell what the pledge is for."""
    event = _event(days, 15)
    return {key: event[key] for key in ("event_kind", "whose", "relation", "started_on")}


def after(days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell of a wedding that is over."""
    return {
        **_event(days, -3),
        "report_no": "HS-2026-0001（示例）",
        "times": 1,
        "cost": "23500.00",
        "gifts_money": "0.00",
        "gifts_count": 0,
        "superstition": "no",
        "difference": "与事前报告一致。",
    }


def task(_days: Days, _known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add nothing: the system knows the team and the task."""
    return {}
