"""What the fictional bureau's units answer: figures that agree, doubts, and what goes wrong.

``Day(-20)`` is a date and ``At(-3, "09:10")`` a moment, both counted from the day of the visit;
``Into(20)`` is a moment of the visit itself.
The keys of figures are the local names of an item's questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Day:
    """A date, so many days from the visit."""

    days: int


@dataclass(frozen=True)
class At:
    """A local moment, so many days from the visit."""

    days: int
    clock: str


@dataclass(frozen=True)
class Into:
    """A local moment, so many minutes into the visit."""

    minutes: int


Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Failure:
    """How an item fails: the facts, the papers seen, figures that agree, a photo's scene."""

    facts: str
    papers: str
    figures: Figures
    scene: str = ""


# Figures of items that conform, one or more versions of each.
SOUND: dict[str, tuple[Figures, ...]] = {
    "GC-01": (
        {"approved": 4, "actual": 4},
        {"approved": 6, "actual": 5},
        {"approved": 3, "actual": 3},
    ),
    "GC-04": (
        {"vehicle_class": "emergency", "price": "156800.00", "displacement": "1.8"},
        {"vehicle_class": "enforcement", "price": "113900.00", "displacement": "1.5"},
        {"vehicle_class": "new_energy", "price": "139800.00", "displacement": "0"},
    ),
    "GC-06": ({"used_by": "执法大队一中队"}, {"used_by": "执法大队"}),
    "GC-09": ({"rent": "3600.00", "longest_days": 6},),
    "GC-15": ({"parked_at": "办公楼后院 1 号、2 号车位"}, {"parked_at": "院内指定车位"}),
    "GC-20": ({"checked": 20}, {"checked": 24}, {"checked": 16}),
    "GC-21": ({"checked": 20}, {"checked": 24}),
    "GC-23": (
        {
            "trips_checked": "抽核 6 次出车：耕地巡查 3 次、送交图件 1 次、县里会议 2 次，均属实。"
        },
    ),
    "GC-26": ({"unsettled": 0},),
    "GC-27": ({"people": 0},),
    "GC-30": ({"litres": "48.6", "tank": "55"}, {"litres": "61.2", "tank": "70"}),
    "GC-31": ({"checked": 24, "unmatched": 0}, {"checked": 18, "unmatched": 0}),
    "GC-32": ({"rate": "9.4", "benchmark": "8.6"}, {"rate": "8.1", "benchmark": "7.9"}),
    "GC-36": ({"insured_until": Day(143)}, {"insured_until": Day(61)}),
    "GC-37": ({"valid_until": Day(205)}, {"valid_until": Day(88)}),
    "GC-38": ({"sheet_cost": "18642.50", "account_cost": "18642.50"},),
    "GC-39": (
        {"budget": "96000.00", "spent": "71280.40"},
        {"budget": "48000.00", "spent": "33915.00"},
    ),
    "GC-40": ({"checked": 30, "unmatched": 0}, {"checked": 22, "unmatched": 0}),
    "GC-41": ({"posted_on": Day(-12)}, {"posted_on": Day(-19)}),
    "GC-43": ({"reported_on": Day(-48)},),
    "GC-44": ({"online_rate": "98.6"}, {"online_rate": "97.2"}),
    "JD-02": ({"budget": "60000.00"}, {"budget": "24000.00"}),
    "JD-03": (
        {"budget": "60000.00", "spent": "31426.00"},
        {"budget": "24000.00", "spent": "15870.00"},
    ),
    "JD-07": (
        {
            "required_letters": 8,
            "receptions": (
                {
                    "received_on": Day(-41),
                    "guest_unit": "邻县自然资源局",
                    "guests": 5,
                    "letter_no": "邻自然资函〔示例〕12号",
                    "letter_date": Day(-43),
                },
                {
                    "received_on": Day(-23),
                    "guest_unit": "示例市测绘院",
                    "guests": 3,
                    "letter_no": "测绘函〔示例〕31号",
                    "letter_date": Day(-25),
                },
                {
                    "received_on": Day(-9),
                    "guest_unit": "邻县不动产登记中心",
                    "guests": 6,
                    "letter_no": "邻登函〔示例〕7号",
                    "letter_date": Day(-11),
                },
            ),
        },
    ),
    "JD-09": ({"checked": 8}, {"checked": 11}),
    "JD-10": ({"checked": 8}, {"checked": 11}),
    "JD-13": ({"meals": 1},),
    "JD-14": ({"guests": 6, "escorts": 3}, {"guests": 5, "escorts": 2}),
    "JD-15": ({"meal_cost": "432.00", "diners": 8, "standard": "60.00"},),
    "JD-19": ({"venue": "机关食堂公务用餐区"},),
    "JD-22": ({"due": "640.00", "collected": "640.00"},),
    "JD-23": ({"room_rate": "260.00", "standard": "330.00"},),
    "JD-25": ({"vehicles": 1, "passengers": 7, "seats": 7},),
    "JD-27": ({"guests": 6, "escorts": 2, "leaders": 1},),
    "JD-30": ({"checked": 8}, {"checked": 11}),
    "JD-32": ({"checked": 8}, {"checked": 11}),
    "JD-36": ({"published_on": Day(-37)},),
    "HS-02": ({"entries": 7}, {"entries": 4}),
    "HS-03": (
        {
            "due": 3,
            "reported": 3,
            "samples": (
                {
                    "ref": "事项一",
                    "source": "leave",
                    "kind": "wedding",
                    "event_date": Day(-52),
                    "outcome": "filed",
                },
                {
                    "ref": "事项二",
                    "source": "union",
                    "kind": "funeral",
                    "event_date": Day(-33),
                    "outcome": "filed",
                },
            ),
        },
    ),
    "HS-04": ({"late": 0},),
    "HS-05": ({"late": 0},),
    "HS-09": (
        {"guests": 128, "tables": 13, "over_limit": 0},
        {"guests": 96, "tables": 10, "over_limit": 0},
    ),
    "HS-13": ({"matched": 0},),
    "HS-14": ({"improper_money": "0.00", "improper_items": 0},),
    "HS-18": ({"cars": 6, "car_limit": 8},),
    "HS-19": ({"per_head": "68.00", "per_head_limit": "80.00"},),
    "HS-21": ({"days": 3, "wreaths": 12, "bands": 1, "over_limit": 0},),
    "ZB-02": (
        {
            "checked_at": Into(12),
            "post_checks": (
                {"checked_at": Into(12), "post": "值班室", "state": "present"},
                {"checked_at": Into(54), "post": "服务窗口", "state": "present"},
            ),
        },
    ),
    "ZB-04": (
        {
            "call_result": "铃响三声接听",
            "calls": (
                {"called_at": Into(17), "result": "answered", "note": "值班员接听，应答规范"},
            ),
        },
    ),
    "BJ-02": ({"overdue": 0, "total": 40}, {"overdue": 0, "total": 65}),
    "BJ-03": ({"complaints": 3, "replied": 3}, {"complaints": 5, "replied": 5}),
    "BJ-04": ({"revisit": "电话回访 5 名办事群众，均表示满意，没有反映吃拿卡要。"},),
}  # fmt: skip

# Figures that the rules doubt although the inspectors found the item in order (疑点).
DOUBTED: dict[str, Figures] = {
    "GC-31": {"checked": 24, "unmatched": 1},
    "GC-32": {"rate": "12.4", "benchmark": "8.6"},
    "GC-37": {"valid_until": Day(-6)},
    "GC-38": {"sheet_cost": "18642.50", "account_cost": "19022.50"},
    "GC-44": {"online_rate": "93.8"},
    "JD-14": {"guests": 8, "escorts": 4},
    "JD-15": {"meal_cost": "498.00", "diners": 8, "standard": "60.00"},
    "JD-22": {"due": "640.00", "collected": "560.00"},
    "HS-04": {"late": 1},
    "HS-18": {"cars": 9, "car_limit": 8},
    "BJ-02": {"overdue": 1, "total": 65},
    "BJ-03": {"complaints": 5, "replied": 4},
}

# Items that a unit may well have nothing to say about.
SELDOM = frozenset({
    "GC-05", "GC-09", "GC-11", "GC-12", "GC-13", "GC-17", "GC-33", "JD-12", "JD-22", "JD-23",
    "JD-25", "JD-26", "HS-15", "HS-16", "HS-21", "HS-23", "HS-25", "HS-26", "ZB-09", "ZB-10",
    "BJ-08", "BJ-14", "BJ-15", "BJ-23",
})  # fmt: skip

# What a photo of an item shows, wherever one is taken.
SCENES: dict[str, str] = {
    "GC-03": "car", "GC-10": "car", "GC-14": "car", "GC-15": "car", "GC-16": "odometer",
    "GC-22": "odometer", "GC-41": "board", "JD-16": "canteen", "JD-18": "canteen",
    "JD-21": "canteen", "JD-26": "board", "HS-13": "canteen", "HS-22": "board",
    "ZB-01": "board", "ZB-02": "desk", "ZB-08": "desk", "BJ-01": "board", "BJ-05": "desk",
}  # fmt: skip
