"""Archive numbers and how long a thing is kept."""

import pytest

from webapp.archive.rules import ITEM_NO_MAX, archive_number, retention_of
from webapp.core.errors import Invalid
from webapp.documents.rules import Retention

PARTS = {"fonds_no": "J027", "year": 2026, "retention": Retention.YEARS_30, "org_code": "JDC",
         "item_no": 1}  # fmt: skip


def test_an_archive_number_is_put_together_of_its_parts():
    assert archive_number(**PARTS) == "J027-WS·2026-D30-JDC-0001"
    forever = PARTS | {"retention": Retention.PERMANENT, "item_no": ITEM_NO_MAX}
    assert archive_number(**forever) == "J027-WS·2026-Y-JDC-9999"


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("fonds_no", "J27"), ("fonds_no", "j027"), ("fonds_no", "J027-"), ("year", 26),
        ("year", 12026), ("org_code", ""), ("org_code", "监督"), ("org_code", "JDC-1"),
        ("item_no", 0), ("item_no", 10_000), ("category", "W"), ("category", "WS\n"),
    ],
)  # fmt: skip
def test_a_part_of_the_wrong_form_is_refused_by_name(part, value):
    with pytest.raises(Invalid) as refusal:
        archive_number(**PARTS | {part: value})
    assert refusal.value.field == part


def test_what_went_to_the_discipline_office_is_kept_for_ever():
    assert retention_of(Retention.YEARS_10, transferred=True) is Retention.PERMANENT
    assert retention_of(Retention.YEARS_10, transferred=False) is Retention.YEARS_10
