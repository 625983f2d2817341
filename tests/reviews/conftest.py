"""What tests of a review share: a submitted inspection, posting as a supervisor does."""

import html
import re
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests import factories
from webapp.accounts.models import User
from webapp.core.db import db
from webapp.inspections import service as inspections
from webapp.inspections.models import Inspection, Submission
from webapp.inspections.rules import Change


@pytest.fixture
def inspection_id(cast, drain):
    """Hand in an inspection of which GC-01 and GC-20 do not conform, and derive its findings."""
    made = factories.submitted()
    drain()
    return made


def token_of(client) -> str:
    """Return a client's CSRF token, as the page's meta tag has it."""
    return client.get("/no-such-page").text.split('name="csrf-token" content="')[1].split('"')[0]


def round_of(inspection_id) -> Submission:
    """Return the newest round of an inspection."""
    with db.reading() as session:
        query = select(Submission).filter_by(inspection_id=inspection_id)
        return session.scalars(query.order_by(Submission.number.desc())).first()


def inspection_now(inspection_id) -> Inspection:
    """Return an inspection as it stands in the database."""
    with db.reading() as session:
        return session.get_one(Inspection, inspection_id)


def post(client, inspection_id, act, **data):
    """Do an act of the review page, with the newest round unless told otherwise."""
    fields = {"csrf_token": token_of(client), "submission": round_of(inspection_id).id} | data
    return client.post(f"/reviews/{inspection_id}/{act}", data=fields)


def controls(client, inspection_id) -> dict[str, str]:
    """Return what the page's form would send as it stands, like a browser with no script."""
    page = client.get(f"/reviews/{inspection_id}").text
    sent: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = (re.search(rf' {key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and (" checked" in tag or 'type="radio"' not in tag):
            sent[name[1]] = html.unescape(value[1] if value else "")
    for name, text in re.findall(
        r'<textarea[^>]* name="([^"]*)"[^>]*>(.*?)</textarea>', page, re.S
    ):
        sent[name] = html.unescape(text).removeprefix("\r\n")
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', page, re.S):
        sent[name] = re.search(r'<option selected value="([^"]*)"', options)[1]
    return sent


def doubts(sent: dict[str, str]) -> list[str]:
    """Return the items whose findings still want a decision."""
    items = {re.match(r"finding-(.+)-facts", name)[1] for name in sent if name.endswith("-facts")}
    return sorted(item for item in items if f"finding-{item}-decision" not in sent)


def approval(client, inspection_id, **changed) -> dict[str, str]:
    """Return the page's form with every doubt dismissed, to be sent as an approval."""
    sent = controls(client, inspection_id)
    return sent | {f"finding-{item}-decision": "dismiss" for item in doubts(sent)} | changed


def approve(client, inspection_id, **changed):
    """Approve from the page."""
    sent = approval(client, inspection_id, **changed)
    return client.post(f"/reviews/{inspection_id}/approval", data=sent)


def add_role(username, role) -> None:
    """Give somebody one more role."""
    with db.writing() as session:
        user = session.scalars(select(User).filter_by(username=username)).one()
        user.role_names = [*user.role_names, role.value]


def resubmit(inspection_id, **answers) -> None:
    """Correct answers, sign again and hand in the next round."""
    with db.writing() as session:
        inspection = session.get_one(Inspection, inspection_id)
        state = inspection.state
        changes = [
            Change(id=str(uuid4()), question=q, value=v, base=(state.get(q) or {}).get("id"))
            for q, v in answers.items()
        ]
        by = inspection.opened_by
        at = factories.AT
        inspections.record_changes(
            session, inspection, batch_id=uuid4(), changes=changes, by=by, at=at
        )
        factories.sign_all(session, inspection)
        inspections.submit(session, inspection, submission_id=uuid4(), by=by, at=at)
