"""From an approval to two signed documents: numbers, contents, crashes, refusals."""

import threading
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.documents.approval import FACTS, OPINION, approve, approved, kept_photo
from tests.factories import AT, fill, open_inspection, sign_all
from webapp import flow
from webapp.accounts.models import User
from webapp.archive.models import ArchiveRecord
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.events import ATTEMPTS_MAX, Delivery, DeliveryState, Event
from webapp.core.merkle import leaf_hash
from webapp.core.numbers import NumberSeries
from webapp.core.storage import Altered
from webapp.documents import assembly, numbering, rendering, sections, service
from webapp.documents.ledger import find_expected
from webapp.documents.models import Document, DocumentState
from webapp.documents.snapshot import Record
from webapp.documents.workshop import workshop
from webapp.findings.models import Finding
from webapp.inspections import service as inspections
from webapp.inspections.models import Evidence
from webapp.inspections.rules import Change


def owed(reaction: str) -> list[int]:
    with db.reading() as session:
        query = select(Delivery.id).where(
            Delivery.reaction == reaction, Delivery.state == DeliveryState.PENDING
        )
        return list(session.scalars(query.order_by(Delivery.id)))


def deliver(reaction: str) -> None:
    for delivery_id in owed(reaction):
        flow.deliver(delivery_id)


def documents() -> dict[str, Document]:
    with db.reading() as session:
        return {one.kind: one for one in session.scalars(select(Document))}


def snapshot_of(kind: str) -> Record:
    with db.reading() as session:
        row = session.scalars(select(Document).where(Document.kind == kind)).one()
        return Record.model_validate(row.snapshot)


def deliveries(reaction: str) -> list[Delivery]:
    with db.reading() as session:
        return list(session.scalars(select(Delivery).where(Delivery.reaction == reaction)))


# -- issue ------------------------------------------------------------------------------------


def test_an_approval_gives_two_numbers_and_fixes_two_contents(cast):
    approved()
    deliver("documents.issue")
    found = documents()
    assert found["site_record"].number == "MC-2026-GC-0001-01"
    assert found["feedback"].number == "示自然资党督〔2026〕1号"
    assert {one.state for one in found.values()} == {DocumentState.QUEUED}
    for one in found.values():
        assert len(one.code) == 10
        assert set(one.code) <= set(numbering.CODE_LETTERS)
    assert len(owed("documents.render")) == 2


def test_issuing_twice_changes_nothing(cast):
    inspection_id = approved()
    deliver("documents.issue")
    before = {one.id: one.number for one in documents().values()}
    with db.writing() as session:
        event = session.scalars(select(Event).where(Event.kind == "review.approved")).one()
        service.issue(session, event)
    with db.reading() as session:
        assert {one.id: one.number for one in session.scalars(select(Document))} == before
        assert session.get_one(NumberSeries, _series(session, inspection_id)).last == 1


def test_a_rolled_back_issue_gives_no_number(cast, monkeypatch):
    approved()
    whole = assembly.snapshot

    def broken(material, *, kind, **rest):
        if kind == "feedback":
            raise RuntimeError("power cut")
        return whole(material, kind=kind, **rest)

    monkeypatch.setattr(assembly, "snapshot", broken)
    deliver("documents.issue")
    assert documents() == {}
    monkeypatch.undo()
    approved()
    with db.writing() as session:
        for delivery in session.scalars(select(Delivery)):
            delivery.due_at = AT
    for _ in range(2):
        deliver("documents.issue")
    with db.reading() as session:
        numbers = session.scalars(select(Document.number).where(Document.kind == "feedback")).all()
    assert sorted(numbers) == ["示自然资党督〔2026〕1号", "示自然资党督〔2026〕2号"]


def test_numbers_have_no_gap_when_many_are_issued_at_once(cast):
    for _ in range(6):
        approved(("GC-01",))
    waiting = owed("documents.issue")
    start = threading.Barrier(len(waiting))

    def issue(delivery_id: int) -> None:
        start.wait()
        for _ in range(len(waiting)):  # the very first number of a year may lose its race
            flow.deliver(delivery_id)

    threads = [threading.Thread(target=issue, args=(one,)) for one in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.reading() as session:
        numbers = session.scalars(select(Document.number).where(Document.kind == "feedback")).all()
    assert sorted(numbers) == [f"示自然资党督〔2026〕{n}号" for n in range(1, 7)]


def test_the_contents_say_what_was_recorded_and_decided(cast):
    approved()
    deliver("documents.issue")
    paper = snapshot_of("feedback")
    assert paper.title == "关于城关自然资源所公车规范管理专项督查的反馈意见"
    assert paper.issued_on.isoformat() == "2026-03-10"
    assert paper.issued_on_text == "2026年3月10日"
    assert paper.opinion == OPINION
    assert paper.reviewer.name == "周督"
    assert [one.item_id for one in paper.findings] == ["GC-01", "GC-20"]
    assert paper.findings[0].facts == FACTS
    assert paper.findings[0].severity_text == "较重"
    assert paper.findings[0].basis[0].text.startswith("《党政机关公务用车管理办法》")
    assert (snapshot_of("site_record").opinion, snapshot_of("site_record").findings) == ("", ())
    assert paper.watermark
    assert paper.verify_url == f"http://localhost/verify/{paper.verify_code}"
    assert paper.unit.head == "钱所"


def test_deadlines_run_from_the_day_of_issue_and_are_kept(cast):
    inspection_id = approved()
    deliver("documents.issue")
    with db.reading() as session:
        found = session.scalars(
            select(Finding).where(Finding.inspection_id == inspection_id).order_by(Finding.id)
        ).all()
    assert found[0].due_on.isoformat() == "2026-03-25"
    assert found[1].due_on.isoformat() == "2026-04-01"  # sixteen working days
    paper = snapshot_of("feedback")
    assert paper.findings[0].deadline_text == "15日内"
    assert paper.findings[1].deadline_text == "16个工作日内"
    assert paper.feedback.report_by == "2026年4月1日"


def test_a_year_without_a_work_calendar_is_not_guessed(cast):
    inspection_id = approved(("GC-01", "GC-20"))
    with db.writing() as session:
        for finding in session.scalars(select(Finding)):
            finding.deadline_days = 3000
    deliver("documents.issue")
    with db.reading() as session:
        found = session.scalars(
            select(Finding).where(Finding.inspection_id == inspection_id).order_by(Finding.id)
        ).all()
    assert found[0].due_on is not None  # calendar days need no calendar of holidays
    assert found[1].due_on is None
    assert snapshot_of("feedback").findings[1].deadline_text == "3000个工作日内"


def test_what_goes_to_the_discipline_office_is_not_told_to_the_unit(cast):
    approved(transfer=True)
    deliver("documents.issue")
    assert snapshot_of("feedback").findings == ()
    assert FACTS not in snapshot_of("feedback").model_dump_json()


def test_signatures_are_those_bound_to_what_was_approved(cast):
    approved()
    deliver("documents.issue")
    paper = snapshot_of("site_record")
    assert [one.role_text for one in paper.signatures] == ["检查人", "检查人", "被检查单位"]
    assert paper.signatures[0].viewbox == "0 0 300 120"
    assert paper.signatures[0].strokes.startswith("M10 40")
    assert all(paper.contents_digest.startswith(one.digest_short) for one in paper.signatures)


@pytest.fixture
def with_photo(cast):
    """Approve an inspection with a photo and a table; returns the photo's digest."""
    with db.writing() as session:
        inspection = open_inspection(session)
        original = kept_photo(session, inspection.bureau_id, cast.users["lin"])
        session.flush()
        fill(session, inspection, ("GC-01",))
        inspections.record_changes(
            session, inspection, batch_id=UUID(int=7), by=inspection.opened_by, at=AT,
            changes=[Change("p1", "GC-01.photos",
                            [{"sha256": original, "taken_at": "2026-03-10T01:41:00.000Z"}])],
        )  # fmt: skip
        sign_all(session, inspection)
        inspections.submit(
            session, inspection, submission_id=UUID(int=8), by=inspection.opened_by, at=AT
        )
        session.flush()
        session.expire_all()
        approve(session, inspection.id, ("GC-01",))
    return original


def test_photos_are_printed_from_what_is_shown_and_named_by_the_original(with_photo, drain):
    deliver("documents.issue")
    item = snapshot_of("site_record").sections[0].items[0]
    (photo,) = item.photos
    assert photo.short == with_photo[:16]
    assert photo.sha256 != with_photo
    assert photo.number == "证据1"
    assert photo.taken_at == "2026年3月10日9时41分"
    assert photo.original == with_photo
    assert snapshot_of("site_record").evidence_root == leaf_hash(bytes.fromhex(with_photo)).hex()
    drain()
    assert documents()["site_record"].state is DocumentState.SIGNED


def test_a_record_says_whether_its_photos_are_still_sealed(with_photo, drain):
    drain()
    sha256 = documents()["site_record"].sha256
    with db.reading() as session:
        assert find_expected(session, sha256).roots == ("photos_agree",)
    with db.writing() as session:
        session.execute(update(Evidence).values(sha256="0" * 64))
    with db.reading() as session:
        assert find_expected(session, sha256).roots == ("photos_differ",)


def test_figures_are_printed_without_a_gap_before_their_unit(cast):
    approved()
    deliver("documents.issue")
    (item,) = [i for s in snapshot_of("site_record").sections for i in s.items if i.id == "GC-01"]
    assert [one.text for one in item.figures] == ["3辆", "3辆"]
    assert item.verdict_text == "不符合"


def test_contents_that_cannot_be_laid_out_are_refused_with_their_place(cast, monkeypatch):
    approved()
    monkeypatch.setattr(assembly, "day", lambda value: 5)
    deliver("documents.issue")
    (delivery,) = deliveries("documents.issue")
    assert delivery.state is DeliveryState.FAILED
    assert "report_by" in delivery.error
    assert documents() == {}


# -- the chain and its interruptions ----------------------------------------------------------


def test_the_whole_chain_ends_signed_and_sealed(cast, drain, session):
    approved()
    drain()
    for one in documents().values():
        assert one.state is DocumentState.SIGNED
        assert one.level == "B-B"
        assert one.pages >= 2
        assert len(one.seal_box) == 5
        data = workshop().storage.get(one.sha256)
        assert data.startswith(b"%PDF-")
        assert len(data) == one.size_bytes
    kinds = [event.kind for event in session.scalars(select(Event)) if "document" in event.kind]
    assert kinds.count("document.issued") == 2
    assert kinds.count("document.signed") == 2
    assert len(session.scalars(select(ArchiveRecord)).all()) == 2


def test_a_crash_after_the_bytes_ends_as_if_it_had_not_happened(cast):
    approved()
    deliver("documents.issue")
    first = owed("documents.render")[0]
    with db.reading() as session:
        event = session.get_one(Event, session.get_one(Delivery, first).event_id)
        printed = service.print_pages(session, event)  # ... and the power goes
    assert workshop().storage.has(printed.sha256)
    deliver("documents.render")
    with db.reading() as session:
        assert session.get_one(Document, UUID(event.subject)).rendered_sha256 == printed.sha256
    second = owed("documents.sign")[0]
    with db.reading() as session:
        event = session.get_one(Event, session.get_one(Delivery, second).event_id)
        service.put_signature(session, event)  # ... and again
    deliver("documents.sign")
    deliver("archive.seal")
    with db.reading() as session:
        assert session.get_one(Document, UUID(event.subject)).state is DocumentState.SIGNED
        assert len(session.scalars(select(ArchiveRecord)).all()) == 2


@pytest.mark.parametrize("reaction", ["documents.render", "documents.sign", "archive.seal"])
def test_each_step_may_run_twice(cast, drain, reaction):
    approved()
    drain()
    before = {one.id: (one.sha256, one.signed_at) for one in documents().values()}
    with db.writing() as session:
        again = session.scalars(select(Delivery).where(Delivery.reaction == reaction)).all()
        for delivery in again:
            delivery.state = DeliveryState.PENDING
    drain()
    assert {one.id: (one.sha256, one.signed_at) for one in documents().values()} == before
    with db.reading() as session:
        numbers = session.scalars(select(ArchiveRecord.number).order_by(ArchiveRecord.id)).all()
    assert numbers == ["J027-WS·2026-D30-JDC-0001", "J027-WS·2026-D30-JDC-0002"]


def test_two_workers_on_one_delivery_print_it_once(cast):
    approved()
    deliver("documents.issue")
    first = owed("documents.render")[0]
    threads = [threading.Thread(target=flow.deliver, args=(first,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.reading() as session:
        rendered = session.scalars(select(Event).where(Event.kind == "document.rendered")).all()
    assert len(rendered) == 1


def test_nobody_waits_for_the_pages(cast, monkeypatch):
    approved()
    deliver("documents.issue")
    waited: list[bool] = []
    whole = rendering.printed

    def slow(contents, **tools):
        writer = threading.Thread(target=_write_something)
        writer.start()
        writer.join(timeout=5)
        waited.append(writer.is_alive())
        return whole(contents, **tools)

    monkeypatch.setattr(rendering, "printed", slow)
    deliver("documents.render")
    assert waited == [False, False]


def _write_something() -> None:
    with db.writing() as session:
        for delivery in session.scalars(select(Delivery).with_for_update()):
            delivery.due_at = AT
        for document in session.scalars(select(Document).with_for_update()):
            document.error = None


# -- failures ---------------------------------------------------------------------------------


def test_a_character_that_no_font_has_fails_at_once_and_is_named(cast):
    approved(facts="派车单缺审批🚗")
    deliver("documents.issue")
    deliver("documents.render")
    found = documents()
    assert found["site_record"].state is DocumentState.RENDERED
    assert found["feedback"].state is DocumentState.FAILED
    assert "GC-01.facts" in found["feedback"].error
    assert "🚗" in found["feedback"].error
    assert "U+1F697" in found["feedback"].error
    failed = [one for one in deliveries("documents.render") if one.state is DeliveryState.FAILED]
    assert [one.attempts for one in failed] == [1]


def test_a_step_that_keeps_failing_is_given_up_and_can_be_taken_up_again(cast, monkeypatch, drain):
    approved()
    deliver("documents.issue")

    def full(_data: bytes) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workshop().storage, "put", full)
    for attempt in range(ATTEMPTS_MAX):
        assert {one.state for one in documents().values()} == {DocumentState.QUEUED}, attempt
        deliver("documents.render")
    found = documents()
    assert {one.state for one in found.values()} == {DocumentState.FAILED}
    assert "No space left" in found["feedback"].error
    monkeypatch.undo()
    with db.writing() as session:
        wu = session.query(User).filter_by(username="wu").one()
        for document in found.values():
            assert service.retry(session, wu, document.id, at=now()) == 1
    drain()
    assert {one.state for one in documents().values()} == {DocumentState.SIGNED}
    assert {one.error for one in documents().values()} == {None}


def test_a_printed_file_that_changed_before_signing_is_not_signed(cast):
    approved()
    deliver("documents.issue")
    deliver("documents.render")
    store, printed = workshop().storage, documents()["feedback"].rendered_sha256
    path = store.path(printed)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Altered):
        store.get(printed)
    deliver("documents.sign")
    assert documents()["feedback"].state is DocumentState.RENDERED
    assert documents()["feedback"].sha256 is None


def test_retrying_what_did_not_fail_finds_nothing(cast, drain):
    approved()
    drain()
    document_id = documents()["feedback"].id
    with db.writing() as session:
        wu = session.query(User).filter_by(username="wu").one()
        with pytest.raises(NotFound):
            service.retry(session, wu, document_id, at=now())


def test_another_bureau_cannot_retry(cast):
    approved(facts="🚗")
    deliver("documents.issue")
    deliver("documents.render")
    document_id = documents()["feedback"].id
    with db.writing() as session:
        sun = session.query(User).filter_by(username="sun").one()
        with pytest.raises(NotFound):
            service.retry(session, sun, document_id, at=now())


def test_strokes_that_are_no_plain_path_are_left_out():
    assert assembly._drawing({"path": "M1 1<script>", "width": 1, "height": 1}) == (None, None)
    assert assembly._drawing({"path": "M1 1", "width": "wide", "height": 1}) == (None, None)
    assert assembly._drawing(None) == (None, None)


def test_a_law_is_quoted_with_its_number_outside_the_marks():
    told = sections.basis(
        {"law": "甲办法（中办发〔2017〕71号）", "article": "第6条", "verified": True}
    )
    assert told.text == "《甲办法》（中办发〔2017〕71号）第6条"
    assert sections.basis({"law": "乙条例（2025年修订）", "article": "第1条"}).text == (
        "《乙条例（2025年修订）》第1条"
    )


def _series(session, inspection_id) -> str:
    document = session.scalars(
        select(Document).where(Document.inspection_id == inspection_id).limit(1)
    ).one()
    return f"feedback:{document.bureau_id}:2026"
