"""Search gives the same hits on both databases: those that LIKE would give."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.documents.approval import approved
from tests.documents.test_service import deliver
from webapp.archive import queries, search
from webapp.archive.models import ArchiveRecord
from webapp.core.db import db
from webapp.documents.models import Document, DocumentState

AT = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
TEXTS = (
    ("城关自然资源所公车规范管理现场检查记录", "派车单缺审批人签字，油耗超标", "赣A12345"),
    ("河口中心所公务接待督查反馈意见书", "超标准接待，公函缺失", "同城接待"),
    ("不动产登记中心婚丧报备现场检查记录", "操办事宜未报告", "100%_完成\\"),
    ("ＡＢＣ 中心所 八项规定 Duty discipline", "工作日饮酒 ' OR 1=1 -- \" NEAR(", "😀表情"),
    ("土地整理中心", "派车审批与登记不符；𠮷野家", "ﬁnal"),
)
QUERIES = (
    "", " ", "公车", "公务接待", "接待", "派车", "派车 审批", "派车单缺审批人签字", "审批 城关",
    "车", "所", "记", "abc", "ABC", "ＡＢＣ", "duty", "DUTY DISCIPLINE", "100%", "%", "_", "\\",
    "'", '"', "' OR 1=1 --", "NEAR(", "NEAR", "AND", "OR", "NOT", "*", "公*", "^公", "pairs:公",
    "😀", "😀表", "𠮷", "𠮷野", "fi", "fina", "没有的词", "油耗超", "意见书油耗", "a" * 500,
    "公 " * 50, "赣a12345", "-", "--", "(", ")", "12345",
)  # fmt: skip


@pytest.fixture
def bureau_id(cast):
    """Seal five records by hand; returns their bureau."""
    approved(("GC-01",))
    deliver("documents.issue")
    with db.writing() as session:
        first = session.scalars(select(Document)).first()
        for place, parts in enumerate(TEXTS, start=1):
            _seal(session, first, place, parts)
        return first.bureau_id


def _seal(session, model: Document, place: int, parts: tuple[str, ...]) -> None:
    document = Document(
        id=uuid4(), bureau_id=model.bureau_id, inspection_id=model.inspection_id, kind=f"k{place}",
        number=f"n{place}", title=parts[0], code=f"c{place}", snapshot={}, created_at=AT,
        state=DocumentState.QUEUED,
    )  # fmt: skip
    session.add(document)
    session.flush()
    record = ArchiveRecord(
        bureau_id=model.bureau_id, document_id=document.id, kind="feedback", number=f"a{place}",
        year=2025 + place % 2, retention="D30" if place % 2 else "Y", title=parts[0],
        responsible="", doc_date=AT.date(), sha256="0" * 64, size_bytes=1, details={},
        sealed_at=AT, search_text=search.searchable(parts),
    )  # fmt: skip
    session.add(record)
    session.flush()
    search.index(session, record)


def test_the_hits_are_those_of_like(bureau_id):
    with db.reading() as session:
        for query in QUERIES:
            found = {one.number for one in queries.search(session, bureau_id, query).records}
            asked = select(ArchiveRecord.number)
            for word in search.words_of(query):
                asked = asked.where(ArchiveRecord.search_text.contains(word, autoescape=True))
            assert found == set(session.scalars(asked)), query


def test_two_characters_suffice(bureau_id):
    with db.reading() as session:
        hits = queries.search(session, bureau_id, "油耗")
    assert [one.number for one in hits.records] == ["a1"]
    assert hits.count == 1


def test_a_word_does_not_cross_from_one_part_into_the_next(bureau_id):
    with db.reading() as session:
        assert queries.search(session, bureau_id, "记录派车").count == 0


def test_filters_narrow_the_hits(bureau_id):
    with db.reading() as session:
        assert queries.search(session, bureau_id, "中心", year=2026).count == 2
        assert queries.search(session, bureau_id, "中心", year=2025, retention="Y").count == 2
        assert queries.search(session, bureau_id, "中心", year=2025, retention="D30").count == 0
        assert queries.search(session, bureau_id, kind="site_record").count == 0
        assert queries.search(session, bureau_id + 1, "中心").count == 0


def test_pages_lead_there_and_back(bureau_id):
    with db.reading() as session:
        first = queries.search(session, bureau_id, limit=2)
        second = queries.search(session, bureau_id, limit=2, before=first.older)
        third = queries.search(session, bureau_id, limit=2, before=second.older)
        assert [one.number for one in first.records] == ["a5", "a4"]
        assert [one.number for one in second.records] == ["a3", "a2"]
        assert [one.number for one in third.records] == ["a1"]
        assert first.newer is None
        assert third.older is None
        back = queries.search(session, bureau_id, limit=2, after=third.newer)
        assert [one.number for one in back.records] == ["a3", "a2"]
        again = queries.search(session, bureau_id, limit=2, after=back.newer)
        assert [one.number for one in again.records] == ["a5", "a4"]
        assert again.newer is None


def test_a_flood_of_words_is_cut():
    assert search.words_of("甲乙 " * 33) == ["甲乙"]
    assert len(search.words_of(" ".join(f"w{n}" for n in range(100)))) == search.WORDS_MAX
    assert search.words_of("字" * 1000) == ["字" * search.QUERY_MAX]


def test_what_no_database_takes_is_no_part_of_a_word():
    assert search.words_of("公车\x00\ud800") == ["公车"]
