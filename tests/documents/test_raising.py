"""Timestamps that come later: what a dead authority owes, renewals, a certificate's end."""

import hashlib
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from cryptography import x509
from sqlalchemy import select

from tests.documents import tampering
from tests.documents.approval import approved
from tests.documents.pki import TimeStampAuthority, serving
from tests.documents.tampering import BOX, BUREAU, unsigned
from tests.documents.test_attacks import verdict_on
from webapp import flow
from webapp.archive import queries as archive
from webapp.archive import service as fixity
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.events import Delivery, DeliveryState, Event
from webapp.documents import authority, keys, ledger, raising, signing
from webapp.documents.models import Document, LaterForm
from webapp.documents.workshop import workshop

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def tsa():
    with serving(TimeStampAuthority()) as authority_:
        yield authority_


@pytest.fixture
def office(app, cast, tsa, tmp_path, monkeypatch):
    """An office that wants archive timestamps, and whose authority is down just now."""
    roots = tmp_path / "tsa.pem"
    roots.write_bytes(b"".join(keys.pem(each) for each in _certificates(tsa.roots)))
    tools, wanted = workshop(), {"tsa_url": tsa.url, "tsa_roots": roots, "signature_level": "B-LTA"}
    monkeypatch.setattr(tools, "settings", tools.settings.model_copy(update=wanted))
    tools.__dict__.pop("tsa_roots", None)
    tsa.is_up = False
    yield tsa
    tsa.is_up = True
    tools.__dict__.pop("tsa_roots", None)


def _certificates(ders):
    return [x509.load_der_x509_certificate(each) for each in ders]


def upkeep() -> int:
    flow.upkeep()
    return flow.drain()


def documents() -> list[Document]:
    with db.reading() as session:
        return list(session.scalars(select(Document).order_by(Document.number)))


def test_what_was_signed_while_the_authority_was_down_is_raised_once_it_answers(
    app, office, drain, as_
):
    approved()
    drain()
    first = documents()
    assert {(one.level, one.newest.level) for one in first} == {("B-B", "B-B")}
    page = as_("zhou").get(f"/documents/{first[0].id}").text
    assert "还没有时间戳" in page
    assert upkeep() == 0, "nothing is handed out while it is down"
    office.is_up = True
    with app.app_context():
        assert upkeep() == len(first)
        assert upkeep() == 0, "nothing is owed any more"
    for before, after in zip(first, documents(), strict=True):
        assert (after.sha256, after.level) == (before.sha256, "B-B"), (
            "the first form stays as it is"
        )
        assert after.newest.level == "B-LTA"
        assert after.newest.stamped_until > now() + 3000 * DAY
        assert (
            workshop()
            .storage.get(after.newest.sha256)
            .startswith(workshop().storage.get(before.sha256))
        )
    page = as_("zhou").get(f"/documents/{first[0].id}").text
    assert "还没有时间戳" not in page
    assert "补加时间戳" in page
    assert "较早的形式" in page


def test_both_forms_are_originals_and_the_earlier_names_the_newer(app, office, drain, as_):
    approved()
    drain()
    office.is_up = True
    with app.app_context():
        upkeep()
    document = documents()[0]
    storage = workshop().storage
    newest, earlier = (storage.get(one.sha256) for one in (document.newest, document))
    client = as_("")
    for pdf in (newest, earlier):
        page = client.get("/verify").text
        token = page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
        data = {"csrf_token": token, "file": (BytesIO(pdf), "a.pdf")}
        answer = client.post("/verify", data=data, headers={"Origin": "http://localhost"})
        assert "这是原件" in answer.text
        assert ("后来补加时间戳的形式" in answer.text) == (pdf == earlier)
        assert ("PAdES B-LTA" in answer.text) == (pdf == newest)
    answer = as_("zhou").get(f"/documents/{document.id}/file")
    assert answer.data == newest
    with db.reading() as session:
        for name in (document.code, document.number, document.newest.sha256):
            known = ledger.find_expected(session, name)
            assert (known.sha256, known.size) == (document.newest.sha256, len(newest))
        known = ledger.find_expected(session, document.sha256)
        assert (known.sha256, known.newest_sha256) == (document.sha256, document.newest.sha256)


def test_the_archive_checks_every_form(app, office, drain, as_):
    approved()
    drain()
    office.is_up = True
    with app.app_context():
        upkeep()
    with db.reading() as session:
        kept = [one.sha256 for one in archive.kept_files(session)]
        later = list(session.scalars(select(LaterForm.sha256)))
        assert set(later) <= set(kept)
        first = list(session.scalars(select(Document.sha256)))
        assert set(first) <= set(kept)
        assert all(fixity.health(workshop().storage, one) is fixity.Health.INTACT for one in kept)
        record = archive.record_of_document(session, documents()[0].id).id
    assert "后来补加时间戳的形式" in as_("he").get(f"/archive/{record}").text


def test_an_archive_timestamp_is_renewed_before_its_certificate_ends(app, office, drain):
    office.is_up = True
    approved()
    drain()
    with db.reading() as session:
        assert {one.newest.level for one in session.scalars(select(Document))} == {"B-LTA"}
        assert raising.due(session, now()) == []
        ends = min(session.scalars(select(Document.stamped_until)))
        assert len(raising.due(session, ends - 100 * DAY)) == 0
        assert len(raising.due(session, ends - 89 * DAY)) == 2
    with db.writing() as session:
        for document in session.scalars(select(Document)):
            document.stamped_until = now() + 30 * DAY
    with app.app_context():
        assert upkeep() == 2
        assert upkeep() == 0


def test_what_cannot_be_raised_needs_a_hand_and_is_tried_again_on_request(app, office, drain, as_):
    approved()
    drain()
    office.is_up, office.has_list = True, False
    try:
        with app.app_context():
            upkeep()
            flow.upkeep()
            with db.reading() as session:
                states = list(
                    session.scalars(
                        select(Delivery.state)
                        .join(Event, Event.id == Delivery.event_id)
                        .where(Event.kind == "document.stamp_due")
                    )
                )
        assert states == [DeliveryState.FAILED] * 2, "handed out once, not every hour"
        assert "没有补加时间戳" in as_("wu").get("/documents/troubles").text
    finally:
        office.has_list = True
    with app.app_context():
        with db.writing() as session:
            for delivery in session.scalars(
                select(Delivery).where(Delivery.state == DeliveryState.FAILED)
            ):
                delivery.state, delivery.due_at = DeliveryState.PENDING, now()
        flow.drain()
    assert {one.newest.level for one in documents()} == {"B-LTA"}


def test_two_workers_at_once_leave_one_form(app, office, drain):
    approved()
    drain()
    office.is_up = True
    with app.app_context():
        flow.upkeep()
        with db.reading() as session:
            query = select(Event).where(Event.kind == "document.stamp_due").order_by(Event.id)
            event = session.scalars(query).first()
            one, other = (raising.put_timestamp(session, event) for _ in range(2))
        for raised in (one, other, other):
            with db.writing() as session:
                raising.raise_level(session, event, raised)
    with db.reading() as session:
        forms = list(session.scalars(select(LaterForm)))
    assert [form.sha256 for form in forms] == [one.signed.sha256]


def test_with_b_t_wanted_the_timestamp_comes_without_evidence(tsa):
    own = tampering.bureau()
    raised = signing.raise_level(
        tampering.signed(), own, tsa_url=tsa.url, tsa_roots=tsa.roots, level="B-T"
    )
    assert (raised.level, raised.stamped_until) == ("B-T", None)
    assert b"/DSS" not in raised.pdf
    verdict = verdict_on(raised.pdf, tsa_roots=tsa.roots)
    assert verdict.codes == ("not_in_archive", "signed_not_archived")
    assert verdict.signatures[0].level == "B-T"


# -- after the certificate's end ---------------------------------------------------------------


@pytest.fixture(scope="module")
def ending(tsa, tmp_path_factory):
    """Files signed by a certificate that ends in two days; their keys."""
    at, folder = datetime.now(UTC), tmp_path_factory.mktemp("ending") / "keys"
    keys.open_keys(folder, organisation=BUREAU, at=at - authority.SIGNER_LIFE + 2 * DAY)
    keys.renew_crl(folder, at=at)
    own = keys.load(folder)
    told = {"at": at, "reason": "督查文书", "location": "示例县", "box": BOX}
    stamped = {"tsa_url": tsa.url, "tsa_roots": tsa.roots}
    files = {"B-B": signing.sign(unsigned(), own, **told).pdf}
    for level in ("B-T", "B-LT", "B-LTA"):
        files[level] = signing.sign(unsigned(), own, **told, **stamped, level=level).pdf
    files["raised"] = signing.raise_level(files["B-B"], own, **stamped).pdf
    files["renewed"] = signing.raise_level(files["B-LTA"], own, **stamped).pdf
    return files, own


@pytest.mark.parametrize("name", ["B-LT", "B-LTA", "raised", "renewed"])
def test_a_timestamp_with_evidence_outlives_the_certificate(ending, tsa, name):
    files, own = ending
    with time_machine.travel(datetime.now(UTC) + 400 * DAY):
        verdict = verdict_on(files[name], tsa_roots=tsa.roots, own=own)
        assert verdict.codes == ("not_in_archive", "signed_not_archived")
        assert verdict.signatures[0].trusted
        alone = verdict_on(files[name], own=own)
        assert "certificate_expired" in alone.codes, "an authority nobody trusts proves nothing"
        altered = verdict_on(tampering.overlay(files[name]), tsa_roots=tsa.roots, own=own)
        assert "changed_pages" in altered.codes


def test_without_a_timestamp_the_certificate_has_simply_ended(ending, tsa):
    files, own = ending
    with time_machine.travel(datetime.now(UTC) + 400 * DAY):
        told = {name: verdict_on(files[name], tsa_roots=tsa.roots, own=own).codes
                for name in ("B-B", "B-T")}  # fmt: skip
        assert "certificate_expired" in told["B-B"]
        assert told["B-T"] == ("not_in_archive", "signed_not_archived"), "it was there in time"


def test_an_archive_timestamp_that_ended_needs_a_newer_one_over_it(ending, tmp_path):
    """The first authority's certificate ends; another authority's timestamp vouches for it."""
    _, own = ending
    at = datetime.now(UTC)
    told = {"at": at, "reason": "r", "location": "l"}
    with serving(TimeStampAuthority("旧", days=2)) as old, serving(TimeStampAuthority("新")) as new:
        both = (*old.roots, *new.roots)
        first = signing.sign(
            unsigned(), own, **told, tsa_url=old.url, tsa_roots=both, level="B-LTA"
        ).pdf
        renewed = signing.raise_level(first, own, tsa_url=new.url, tsa_roots=both).pdf
    with time_machine.travel(at + 400 * DAY):
        verdict = verdict_on(renewed, tsa_roots=both, own=own)
        assert verdict.codes == ("not_in_archive", "signed_not_archived")
        assert verdict.signatures[0].level == "B-LTA"
        assert not verdict_on(first, tsa_roots=both, own=own).signatures[0].trusted


def test_a_late_timestamp_does_not_revive_an_ended_certificate(ending, tsa):
    """Bought after the end: it proves only that the signature was there when it was too late."""
    files, own = ending
    with time_machine.travel(datetime.now(UTC) + 3 * DAY):
        late = tampering.stamped_by(files["B-B"], tsa)
        verdict = verdict_on(late, tsa_roots=tsa.roots, own=own)
    assert "certificate_expired" in verdict.codes
    assert hashlib.sha256(late).hexdigest() == verdict.sha256
