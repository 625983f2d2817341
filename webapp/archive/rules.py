"""Decisions about archiving: archive numbers, how long a thing is kept.  Plain Python."""

import re

from webapp.core.errors import N_, Invalid
from webapp.documents.rules import Retention

CATEGORY = "WS"
ITEM_NO_MAX = 9999
_FONDS = re.compile(r"[A-Z][0-9]{3}")
_CATEGORY = re.compile(r"[A-Z]{2}")
_ORG = re.compile(r"[A-Z0-9]{1,8}")


RETENTION_WORDS = {
    Retention.PERMANENT: N_("永久"),
    Retention.YEARS_30: N_("30年"),
    Retention.YEARS_10: N_("10年"),
}


def retention_of(usual: Retention, *, transferred: bool) -> Retention:
    """Return how long a document is kept: as its kind usually is, but for ever where something
    went to the discipline office.

    A suggestion until the county's archive administration has approved the bureau's own table.
    """  # noqa: D205 - one sentence
    return Retention.PERMANENT if transferred else usual


def archive_number(
    *, fonds_no: str, year: int, retention: Retention, org_code: str, item_no: int,
    category: str = CATEGORY,
) -> str:  # fmt: skip
    """Return an archive number (档号) such as ``J027-WS·2026-D30-JDC-0001``.

    Source: 《档案档号编制规则》 DA/T 13—2022, by items.

    :raises Invalid: a part is not of the form that the rule asks for; ``field`` names it.
    """
    parts = {
        "fonds_no": _FONDS.fullmatch(fonds_no),
        "category": _CATEGORY.fullmatch(category),
        "year": 1900 <= year <= 9999,
        "org_code": _ORG.fullmatch(org_code),
        "item_no": 1 <= item_no <= ITEM_NO_MAX,
    }
    for field, right in parts.items():
        if not right:
            raise Invalid(
                N_("档号的“%(field)s”一段不合规则"), code="archive_number", field=field,
                remedy=N_("请系统管理员核对本局的全宗号和机构代码。"),
            )  # fmt: skip
    return f"{fonds_no}-{category}·{year}-{retention.value}-{org_code}-{item_no:04}"
