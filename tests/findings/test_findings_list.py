"""The list of findings, as a supervisor and as the head of a unit see it."""

from datetime import date

import pytest
from sqlalchemy import select, update

from tests import factories
from tests.reviews.conftest import approve
from webapp.core.db import db
from webapp.findings.models import Finding


@pytest.fixture
def confirmed(as_, cast, drain):
    """Approve an inspection: GC-01 and GC-20 are confirmed, the doubts are not."""
    inspection_id = factories.submitted()
    drain()
    assert approve(as_("zhou"), inspection_id).status_code == 303
    return inspection_id


def due(day):
    with db.writing() as session:
        session.execute(update(Finding).where(Finding.item_id == "GC-01").values(due_on=day))


@pytest.mark.parametrize("who", ["zhou", "qian"])
def test_confirmed_findings_are_listed(as_, confirmed, who):
    page = as_(who).get("/findings").text
    assert "共 2 条" in page
    assert "抽查发现一处不符" in page
    assert "疑点" not in page


def test_the_dismissed_are_for_supervisors(as_, confirmed):
    assert "疑点：" in as_("zhou").get("/findings?state=dismissed").text
    assert "疑点：" not in as_("qian").get("/findings?state=dismissed").text


def test_what_is_overdue_is_marked_and_can_be_asked_for(as_, confirmed):
    due(date(2026, 1, 1))
    page = as_("zhou").get("/findings?state=overdue").text
    assert "已逾期" in page
    assert "共 1 条" in page


@pytest.mark.parametrize(
    ("query", "count"),
    [("severity=critical", 1), ("severity=minor", 0), ("unit=2", 0), ("unit=3", 2), ("unit=x", 2),
     ("severity=none&before=x", 2), ("before=0", 0), ("after=0", 2)],
)  # fmt: skip
def test_the_list_can_be_narrowed(as_, confirmed, query, count):
    page = as_("zhou").get(f"/findings?{query}").text
    assert page.count('id="finding-') == count


def test_undecided_findings_are_nowhere(as_, cast, drain):
    factories.submitted()
    drain()
    assert "还没有问题" in as_("zhou").get("/findings").text
    assert "还没有问题" in as_("qian").get("/findings").text


@pytest.mark.parametrize(("who", "status"), [("lin", 403), ("he", 403), ("wu", 403)])
def test_other_roles_do_not_see_it(as_, confirmed, who, status):
    assert as_(who).get("/findings").status_code == status


def test_the_head_of_a_unit_sees_the_own_unit_only(as_, cast, drain):
    inspection_id = factories.submitted()
    drain()
    approve(as_("zhou"), inspection_id)
    with db.writing() as session:
        session.execute(update(Finding).values(unit_id=cast.units["办公室"]))
    assert "还没有问题" in as_("qian").get("/findings").text


def test_a_stranger_sees_none(as_, confirmed):
    assert "还没有问题" in as_("sun").get("/findings").text


def test_pages_fit_together(as_, confirmed):
    with db.writing() as session:
        known = session.scalars(select(Finding).filter_by(item_id="GC-01")).one()
        columns = {
            c.key: getattr(known, c.key) for c in Finding.__mapper__.columns if c.key != "id"
        }
        for n in range(40):
            session.add(Finding(**columns | {"item_id": f"ZZ-{n:02}"}))
    zhou = as_("zhou")
    first = zhou.get("/findings").text
    assert first.count('id="finding-') == 30
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = zhou.get(older).text
    assert second.count('id="finding-') == 12
    newer = second.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")
    assert zhou.get(newer).text.count('id="finding-') == 30
