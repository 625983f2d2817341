"""Sealing, and finding what has changed since."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests.documents.approval import approved, kept_photo
from tests.inspections.conftest import token_of
from webapp.accounts.models import Bureau
from webapp.archive import queries, service
from webapp.archive.models import ArchiveRecord
from webapp.archive.service import Health
from webapp.core.db import db
from webapp.core.events import Event
from webapp.documents.models import Document
from webapp.documents.workshop import workshop

KEYS = {
    "fonds_no", "year", "retention", "org_code", "item_no", "title", "responsible", "doc_date",
    "doc_type", "security", "format", "size", "digest", "signer", "signed_at", "location",
    "source_case_id", "process_log_id",
}  # fmt: skip


@pytest.fixture
def sealed(cast, drain):
    """Approve an inspection and let everything follow."""
    approved()
    drain()


def records() -> list[ArchiveRecord]:
    with db.reading() as session:
        return list(session.scalars(select(ArchiveRecord).order_by(ArchiveRecord.id)))


def spoil(sha256: str) -> None:
    path = workshop().storage.path(sha256)
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))


# -- sealing ----------------------------------------------------------------------------------


def test_each_document_gets_its_archive_number(sealed):
    found = records()
    assert [one.number for one in found] == [
        "J027-WS·2026-D30-JDC-0001", "J027-WS·2026-D30-JDC-0002",
    ]  # fmt: skip
    assert {one.kind for one in found} == {"site_record", "feedback"}
    for one in found:
        assert one.sha256 == one.document.sha256
        assert set(one.details) >= KEYS
        assert one.details["digest"]["SHA-256"] == one.sha256
        assert len(one.details["digest"]["SM3"]) == 64
        assert one.details["source_case_id"] == "MC-2026-GC-0001"
        assert datetime.fromisoformat(one.details["signed_at"]).tzinfo == UTC


def test_what_went_to_the_discipline_office_counts_by_itself(cast, drain):
    approved(transfer=True)
    approved()
    drain()
    assert sorted(one.number for one in records()) == [
        "J027-WS·2026-D30-JDC-0001", "J027-WS·2026-D30-JDC-0002",
        "J027-WS·2026-Y-JDC-0001", "J027-WS·2026-Y-JDC-0002",
    ]  # fmt: skip


def test_the_archive_is_found_by_unit_number_and_findings(sealed):
    with db.reading() as session:
        bureau_id = session.scalars(select(Bureau.id).order_by(Bureau.id)).first()
        for words in ("城关", "派车单", "〔2026〕1号", "0002", "公车 反馈", "mc-2026-gc-0001"):
            assert queries.search(session, bureau_id, words).count >= 1, words


def test_what_is_not_told_to_the_unit_is_not_found_by_its_words(cast, drain):
    approved(transfer=True, facts="此处线索移送")
    drain()
    with db.reading() as session:
        bureau_id = session.scalars(select(Bureau.id).order_by(Bureau.id)).first()
        assert queries.search(session, bureau_id, "线索").count == 0


def test_a_file_that_changed_before_sealing_is_not_sealed(cast):
    from tests.documents.test_service import deliver

    approved()
    for reaction in ("documents.issue", "documents.render", "documents.sign"):
        deliver(reaction)
    with db.reading() as session:
        for document in session.scalars(select(Document)):
            spoil(document.sha256)
    deliver("archive.seal")
    assert records() == []


# -- fixity -----------------------------------------------------------------------------------


def checked(bureau_id=None):
    with db.reading() as session:
        files = queries.kept_files(session, bureau_id)
    return list(service.fixity(files, workshop().storage))


def test_an_intact_archive_is_intact(sealed):
    assert [one.health for one in checked()] == [Health.INTACT, Health.INTACT]


def test_a_changed_byte_and_a_lost_file_are_named(sealed):
    first, second = records()
    spoil(first.sha256)
    workshop().storage.path(second.sha256).unlink()
    told = {one.file.name: one.health for one in checked()}
    assert told == {first.number: Health.ALTERED, second.number: Health.MISSING}


def test_photos_are_read_back_too(cast):
    with db.writing() as session:
        bureau_id = session.scalars(select(Bureau.id).order_by(Bureau.id)).first()
        original = kept_photo(session, bureau_id, cast.users["lin"], number=5)
    assert [one.health for one in checked()] == [Health.INTACT, Health.INTACT]
    workshop().storage.path(original).unlink()
    assert [one.health for one in checked()] == [Health.MISSING, Health.INTACT]


def test_another_bureaus_files_are_not_looked_at(sealed, cast):
    with db.reading() as session:
        home, other = session.scalars(select(Bureau.id).order_by(Bureau.id)).all()
    assert len(checked(home)) == 2
    assert checked(other) == []


# -- pages ------------------------------------------------------------------------------------


def test_the_archivist_searches_and_reads(as_, sealed):
    client = as_("he")
    page = client.get("/archive?q=公车&year=2026&kind=feedback")
    assert page.status_code == 200
    assert "J027-WS·2026-D30-JDC-0002" in page.text
    assert "J027-WS·2026-D30-JDC-0001" not in page.text
    record = records()[1]
    text = client.get(f"/archive/{record.id}").text
    assert "文件完好" in text
    assert record.sha256 in text
    assert record.details["digest"]["SM3"] in text
    spoil(record.sha256)
    text = client.get(f"/archive/{record.id}").text
    assert "文件已被改动" in text
    assert "下载 PDF" not in text


def test_empty_states_say_what_to_do(as_, cast):
    assert "档案还是空的" in as_("he").get("/archive").text
    assert "没有找到" in as_("he").get("/archive?q=没有的词").text


@pytest.mark.parametrize(
    "query", ["q=%27&year=x", "before=abc", "after=-1", "year=99999999999999999999", "kind=%00",
              "retention=D30%27", "q=" + "%F0%9F%98%80" * 40, "before=1&after=1"],
)  # fmt: skip
def test_broken_addresses_are_harmless(as_, sealed, query):
    assert as_("he").get(f"/archive?{query}").status_code == 200


def test_strangers_and_wrong_roles_stay_outside(as_, sealed):
    record = records()[0]
    assert as_("sun").get(f"/archive/{record.id}").status_code == 404
    assert "J027" not in as_("sun").get("/archive").text
    for who in ("lin", "qian", "wu"):
        assert as_(who).get("/archive").status_code == 403
        assert as_(who).get(f"/archive/{record.id}").status_code == 403
    zhou = as_("zhou")
    assert zhou.get("/archive").status_code == 200
    assert zhou.post("/archive/fixity", data={"csrf_token": token_of(zhou)}).status_code == 403
    assert as_("").get("/archive").status_code == 303


def test_a_check_by_the_archivist_names_the_damage_and_keeps_the_report(as_, sealed):
    he, (first, second) = as_("he"), records()
    spoil(first.sha256)
    assert he.post("/archive/fixity").status_code == 400
    answer = he.post("/archive/fixity", data={"csrf_token": token_of(he)})
    assert answer.status_code == 303
    text = he.get(answer.headers["Location"]).text
    assert first.number in text
    assert second.number not in text
    assert "发现 1 个有问题" in text
    after = {one.id: one.checked_at for one in records()}
    assert after[first.id] is None
    assert after[second.id] is not None
    assert as_("sun").get(answer.headers["Location"]).status_code == 404
    with db.reading() as session:
        event = session.scalars(select(Event).where(Event.kind == "archive.checked")).one()
    assert event.data["damaged"][0]["name"] == first.number


def test_a_large_archive_is_checked_in_parts(as_, sealed, monkeypatch):
    from webapp.archive import views

    monkeypatch.setattr(views, "AT_ONCE", 1)
    he = as_("he")
    for _ in range(2):  # the second time begins with what was not checked yet
        answer = he.post("/archive/fixity", data={"csrf_token": token_of(he)})
        assert "共有 2 个文件" in he.get(answer.headers["Location"]).text
    assert all(one.checked_at for one in records())
