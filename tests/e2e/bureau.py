"""Fills the bureau that the browsers visit: an inspection in each state, papers, a checked archive.

Runs in a process of its own, ``python -m tests.e2e.bureau``, before the server starts, and prints
as JSON who signs in where and what has which id.
"""

import json
import sys
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from tests import factories
from tests.documents import drafts
from tests.documents.papers import photo
from tests.factories import AT, STROKES, Cast
from tests.rescue.phone import Phone
from webapp import flow
from webapp.accounts import service as accounts
from webapp.accounts.queries import tokens_of
from webapp.accounts.rules import Permission
from webapp.archive import queries as archive_queries
from webapp.archive import service as archive
from webapp.archive.models import ArchiveRecord
from webapp.cli import ready_app
from webapp.core.db import db
from webapp.core.events import Delivery, DeliveryState
from webapp.core.tls import certificate_for
from webapp.devices import service as devices
from webapp.devices.models import Device
from webapp.devices.rules import Queue
from webapp.documents import materials
from webapp.documents.drafting import approvals, previews
from webapp.documents.drafting.subjects import preview_of, subject_of
from webapp.documents.models import Document, DocumentState, Draft
from webapp.documents.workshop import workshop
from webapp.findings import service as findings
from webapp.findings.rules import FindingSource
from webapp.inspections import evidence
from webapp.inspections import service as inspections
from webapp.inspections.models import Inspection, Submission
from webapp.inspections.rules import Change, SignatureMethod, SignatureRole
from webapp.rescue import service as rescue
from webapp.rescue.envelope import RescueFile
from webapp.reviews import service as reviews
from webapp.reviews.rules import Judgement, Verdict

REASON = "排版程序没有安装"


def main() -> None:
    """Fill an empty data directory."""
    app = ready_app()
    with app.app_context():
        cast = factories.make_cast()
        told = visits()
        flow.drain()
        told |= papers(UUID(told["approved"])) | archived(cast)
        told |= foreseen(UUID(told["submitted"])) | drafted(UUID(told["approved"]))
        told |= given_up()
        phones(cast)
        told["rescue"] = rescued(cast, UUID(told["draft"]))
        programs()
        certificate_for(app.extensions["settings"].data_dir, "127.0.0.1", AT)
    told |= {f"{name}_id": str(number) for name, number in cast.users.items()}
    routes = sorted({r.endpoint for r in app.url_map.iter_rules() if "GET" in (r.methods or ())})
    units = {name: str(number) for name, number in cast.units.items()}
    sys.stdout.write(
        json.dumps({"links": cast.links, "ids": told, "units": units, "routes": routes})
    )


def visits() -> dict[str, str]:
    """Make an inspection in each state; returns their ids by name."""
    with db.writing() as session:
        sha256 = kept_photo(session)
    made = {
        "draft": draft(sha256),
        "unsigned": unsigned(),
        "cancelled": cancelled(),
        "submitted": factories.submitted(),
        "returned": factories.submitted(),
        "again": factories.submitted(),
        "approved": submitted_with(sha256),
    }
    flow.drain()
    for name in ("returned", "again"):
        send_back(made[name])
    hand_in_again(made["again"])
    approve(made["approved"])
    return {name: str(number) for name, number in made.items()} | {"photo": sha256}


def change(inspection: Inspection, answers: Mapping[str, object], by: str = "lin") -> None:
    """Record answers as somebody's phone sends them, not having seen anybody else's."""
    session = object_session(inspection)
    assert session is not None
    changes = [Change(id=str(uuid4()), question=q, value=v) for q, v in answers.items()]
    user = factories.user(session, by)
    inspections.record_changes(
        session, inspection, batch_id=uuid4(), changes=changes, by=user, at=AT
    )


def kept_photo(session: Session) -> str:
    """Keep a drawn photo as lin's evidence; returns its digest."""
    sealed = evidence.seal(workshop().storage, evidence.read(photo(1), max_mib=20))
    by = factories.user(session, "lin")
    return evidence.keep(session, sealed, by=by, at=AT).sha256


def shot(sha256: str) -> list[dict[str, str]]:
    """Return the answer to a question for photos."""
    return [{"sha256": sha256, "taken_at": "2026-03-10T01:30:00.000Z"}]


def draft(sha256: str) -> UUID:
    """Begin one: every kind of answer, and two phones that do not agree."""
    with db.writing() as session:
        inspection = factories.open_inspection(session)
        change(inspection, {
            "visit.place": "城关镇人民路 1 号",
            "visit.received_by": {"name": "钱所", "position": "所长"},
            "GC-01": "no", "GC-01.approved": 3, "GC-01.actual": 4,
            "GC-01.description": "多出 1 辆", "GC-01.photos": shot(sha256),
            "GC-20": "no", "GC-20.orders": [{"row": "0", "order_no": "P-7", "plate": "赣A12345"}],
            "GC-02": "na", "GC-03.photos": shot(sha256), "GC-15.parked_at": "所内院子",
        })  # fmt: skip
        change(inspection, {"GC-15.parked_at": "门口路边", "GC-05": "yes"}, by="chen")
        change(inspection, {"GC-05": "no"})
        return inspection.id


def unsigned() -> UUID:
    """Fill one in, with a signature that a later change made void and one that holds."""
    with db.writing() as session:
        inspection = factories.open_inspection(session, "wedding-funeral")
        factories.fill(session, inspection)
        sign(inspection, "lin")
        change(inspection, {"visit.overall": "总体规范。"})
        sign(inspection, "chen")
        return inspection.id


def sign(inspection: Inspection, username: str) -> None:
    """Let an inspector sign what is shown now."""
    session = object_session(inspection)
    assert session is not None
    user = factories.user(session, username)
    inspections.sign(
        session, inspection, signature_id=uuid4(), role=SignatureRole.INSPECTOR, signer=user,
        name=user.name, position="", method=SignatureMethod.DRAWN, strokes=STROKES, reason="",
        witness="", digest=inspections.digest_shown(inspection), by=user, at=AT,
    )  # fmt: skip


def cancelled() -> UUID:
    """Set one aside."""
    with db.writing() as session:
        inspection = factories.open_inspection(session, "eight-prohibitions")
        by = factories.user(session, "lin")
        inspections.cancel(session, inspection, by=by, at=AT)
        return inspection.id


def submitted_with(sha256: str) -> UUID:
    """Hand in one that has a photo, and a finding."""
    with db.writing() as session:
        inspection = factories.open_inspection(session)
        factories.fill(session, inspection, ("GC-07",))
        change(inspection, {"GC-07.photos": shot(sha256), "GC-07.plate_no": "赣A12345"})
        factories.sign_all(session, inspection)
        by = inspection.opened_by
        inspections.submit(session, inspection, submission_id=uuid4(), by=by, at=AT)
        return inspection.id


def send_back(inspection_id: UUID) -> None:
    """Let zhou return one with a comment on GC-20."""
    with db.writing() as session:
        inspection = session.get_one(Inspection, inspection_id)
        act = {"by": factories.user(session, "zhou"), "at": AT + timedelta(hours=1)}
        newest = inspection.submissions[-1]
        reviews.comment(
            session, inspection, newest, item_id="GC-20", text="请补派车单编号。", **act
        )
        reviews.return_to_inspectors(session, inspection, newest, opinion="请补充后再报。", **act)


def hand_in_again(inspection_id: UUID) -> None:
    """Answer the comment, sign and hand in the second round."""
    at = AT + timedelta(hours=2)
    with db.writing() as session:
        inspection = session.get_one(Inspection, inspection_id)
        base = inspection.state["GC-20.description"]["id"]
        text = Change(
            id=str(uuid4()), question="GC-20.description", value="派车单 P-7 没有审批。", base=base
        )
        by = inspection.opened_by
        inspections.record_changes(
            session, inspection, batch_id=uuid4(), changes=[text], by=by, at=at
        )
        factories.sign_all(session, inspection)
        inspections.submit(session, inspection, submission_id=uuid4(), by=by, at=at)


def approve(inspection_id: UUID) -> None:
    """Let zhou approve: what inspectors found stands, what was only suspected does not."""
    with db.writing() as session:
        inspection = session.get_one(Inspection, inspection_id)
        newest = inspection.submissions[-1]
        reviews.approve(
            session, inspection, newest, judgements=judgements(session, newest),
            opinion="限期整改。", by=factories.user(session, "zhou"), at=AT + timedelta(hours=3),
        )  # fmt: skip


def judgements(session: Session, newest: Submission) -> list[Judgement]:
    """Return zhou's word on each finding of a round."""
    return [
        reviews.judgement_of(
            finding,
            {"verdict": Verdict.CONFIRM}
            if finding.source is FindingSource.ITEM
            else {"verdict": Verdict.DISMISS, "reason": "已核实，数字填错一位。"},
        )
        for finding in findings.ensure_derived(session, newest)
    ]


def foreseen(inspection_id: UUID) -> dict[str, str]:
    """Let zhou look at both papers before approving."""
    with db.writing() as session:
        inspection = session.get_one(Inspection, inspection_id)
        newest, zhou = inspection.submissions[-1], factories.user(session, "zhou")
        words = {"judgements": judgements(session, newest), "opinion": "限期整改。"}
        found, opinion = reviews.foresee(session, inspection, newest, by=zhou, **words)
        material = materials.material(
            session, inspection, newest,
            findings=found, opinion=opinion, reviewer=zhou, issued_on=AT.date(),
        )  # fmt: skip
        typed = {"submission": str(newest.id), "opinion": opinion}
        made = [
            previews.ask(session, approvals.contents(material, kind), by=zhou, at=AT,
                         inspection=inspection, typed=typed)
            for kind in material.titles
        ]  # fmt: skip
    return {"foreseen": str(made[0].id)}


def phones(cast: Cast) -> None:
    """Hear from devices in each condition."""
    agent = "Mozilla/5.0 (Linux; Android 12; HarmonyOS) Chrome/114.0.0.0 Mobile Safari/537.36"
    told = {"lin": Queue(12, AT - timedelta(days=2)), "chen": Queue(0), "qian": Queue(3, AT)}
    with db.writing() as session:
        for name, queue in told.items():
            note = devices.heard_from(
                session, cast.users[name], str(uuid4()), user_agent=agent, queue=queue,
                synced=name != "qian", at=AT,
            )  # fmt: skip
            assert note is not None
            note()
        lost = session.scalars(select(Device).filter_by(user_id=cast.users["qian"])).one()
        devices.revoke(session, lost, by_id=cast.users["wu"], at=AT)


def rescued(cast: Cast, inspection_id: UUID) -> str:
    """Import a rescue file of lin's phone; returns the import's id."""
    key = current_app.extensions["rescue_key"]
    lin = cast.users["lin"]
    phone = Phone({"id": key.id, "key": key.text, "user": lin, "proof": key.proof_of(lin)})
    phone.change(inspection_id, "GC-06", "yes")
    phone.change(inspection_id, "GC-01.actual", "四")
    with db.writing() as session:
        event_id = rescue.take(
            session, RescueFile(BytesIO(phone.file()), key), workshop().storage, max_mib=20,
            by=factories.user(session, "zhou"), at=AT, tell=lambda refusal: {
                "status": refusal.status, "code": refusal.code, "title": str(refusal)},
        )  # fmt: skip
        return str(event_id)


def programs() -> None:
    """Give lin a token for a program, and one that has ended."""
    with db.writing() as session:
        lin = factories.user(session, "lin")
        accounts.give_token(session, lin, label="旧台账", at=AT)
        accounts.revoke_tokens(session, tokens_of(session, lin), by_id=lin.id, at=AT)
        scopes = (Permission.INSPECTION_READ, Permission.DOCUMENT_READ)
        accounts.give_token(session, lin, label="车辆台账", scopes=scopes, at=AT)


def papers(inspection_id: UUID) -> dict[str, str]:
    """Return the signed record of the approved inspection."""
    with db.reading() as session:
        query = select(Document).filter_by(inspection_id=inspection_id, kind="site_record")
        document = session.scalars(query).one()
        if document.state is not DocumentState.SIGNED:
            sys.exit(f"{document.number}: {document.state} {document.error}")
        query = select(ArchiveRecord.id).filter_by(document_id=document.id)
        record = session.scalars(query).one()
        return {"document": str(document.id), "code": document.code, "record": str(record)}


def drafted(inspection_id: UUID) -> dict[str, str]:
    """Draft one paper and look at it; issue another, which then waits for its signers."""
    draft_id = drafts.filled("inspection_notice")
    with db.writing() as session:
        draft = session.get_one(Draft, draft_id)
        subject = subject_of(session, draft, on=AT.date())
        contents = preview_of(draft, subject, drafts.form_of(draft.kind))
        preview = previews.ask(
            session, contents, by=factories.user(session, "lin"), at=AT, draft=draft
        )
    waiting = drafts.issued("talk_record", inspection_id=inspection_id)
    flow.drain()
    return {"drafted": str(draft_id), "preview": str(preview.id), "to_sign": str(waiting)}


def archived(cast: Cast) -> dict[str, str]:
    """Check the archive once."""
    with db.writing() as session:
        he = factories.user(session, "he")
        files = archive_queries.kept_files(session, he.bureau_id)
        results = list(archive.fixity(files, workshop().storage))
        event_id = archive.note_fixity(
            session, results, bureau_id=he.bureau_id, total=len(files), by_id=he.id, at=AT
        )
        return {"check": str(event_id)}


def given_up() -> dict[str, str]:
    """Approve one whose papers cannot be printed."""
    inspection_id = factories.submitted(("GC-01",))
    flow.drain()
    approve(inspection_id)
    with db.reading() as session:
        query = select(Delivery.id).filter_by(state=DeliveryState.PENDING)
        (issue,) = session.scalars(query)
    flow.deliver(issue)  # numbers given; printing is owed
    with db.writing() as session:
        for delivery in session.scalars(select(Delivery).filter_by(state=DeliveryState.PENDING)):
            delivery.state, delivery.error = DeliveryState.FAILED, REASON
        query = select(Document).filter_by(inspection_id=inspection_id)
        documents = session.scalars(query.order_by(Document.kind)).all()
        for document in documents:
            document.state, document.error = DocumentState.FAILED, REASON
        return {"failed": str(documents[-1].id)}


if __name__ == "__main__":
    main()
