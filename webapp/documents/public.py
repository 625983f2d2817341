"""The public check: whether a paper, or a file, is what the bureau issued.

Anybody may ask, without signing in.  The pages tell what stands on the paper itself and nothing of
persons: number, kind, date, issuing bureau, digest, pages, signer, state.  Pictures are shown of an
uploaded file, which its sender holds, and of an original to those alone who may read it.
"""

import re
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from webapp.accounts.access import me
from webapp.accounts.models import Bureau
from webapp.accounts.rules import Permission
from webapp.core.access import public
from webapp.core.db import db
from webapp.core.errors import NotFound, Unauthenticated
from webapp.core.web import csrf
from webapp.documents import picturing, queries
from webapp.documents.forms import CodeForm, UploadForm
from webapp.documents.kinds import KINDS
from webapp.documents.ledger import find_expected
from webapp.documents.limits import Limit
from webapp.documents.models import Document, DocumentState
from webapp.documents.seen import Expected
from webapp.documents.sentences import State
from webapp.documents.verdict import Verdict
from webapp.documents.verification import SIZE_MAX_BYTES, verify_with_ledger
from webapp.documents.workshop import workshop

bp = Blueprint("public", __name__)
uploads = Limit(20, 60)
lookups = Limit(60, 60)
NOT_IN_CODES = re.compile(r"[^0-9A-Z]")
STATUS = {
    State.ORIGINAL: "genuine",
    State.REVOKED: "void",
    State.SUPERSEDED: "void",
    State.ALTERED: "altered",
    State.UNKNOWN: "unknown",
    State.REFUSED: "refused",
}
LEVELS = {level: f"PAdES {level}" for level in ("B-B", "B-T", "B-LT", "B-LTA")}


@bp.get("/verify")
@public
def verify() -> ResponseReturnValue:
    """Ask for a file or a code."""
    code = code_of(request.args.get("code", ""))
    if code:
        return redirect(url_for(".paper", code=code), 303)
    return render_template("verify/index.html", upload=UploadForm(), lookup=CodeForm())


@bp.post("/verify")
@public
def upload() -> ResponseReturnValue:
    """Say whether an uploaded file is an original."""
    return _compared(None)


@bp.get("/verify/<code>")
@public
def paper(code: str) -> ResponseReturnValue:
    """Show what a paper with this code must say (the QR code leads here)."""
    lookups.count(request.remote_addr or "")
    document = _document(code)
    if document is None:
        lookup = CodeForm(formdata=None, code=code[:20])
        return render_template("verify/none.html", code=code[:20], lookup=lookup), 404
    return _paper(document, UploadForm())


@bp.post("/verify/<code>")
@public
def compare(code: str) -> ResponseReturnValue:
    """Say whether an uploaded file is the original of this paper."""
    document = _document(code)
    if document is None:
        return redirect(url_for(".paper", code=code), 303)
    return _compared(document)


def code_of(typed: str) -> str:
    """Return a code as it is kept: capitals and figures, whatever stood between them."""
    return NOT_IN_CODES.sub("", typed.upper())[:20]


def _document(code: str) -> Document | None:
    return queries.by_code(db.session(), code_of(code))


def _compared(document: Document | None) -> ResponseReturnValue:
    uploads.count(request.remote_addr or "")
    csrf.protect()
    form = UploadForm()
    if not form.validate_on_submit():
        if document is not None:
            return _paper(document, form), 422
        return render_template("verify/index.html", upload=form, lookup=CodeForm()), 422
    file: FileStorage = form.file.data
    db.session.rollback()  # no transaction stays open while the file is examined
    data = file.stream.read(SIZE_MAX_BYTES + 1)
    verdict = check(data, code=document.code if document else "")
    refused = verdict.state is State.REFUSED
    page = render_template(
        "verify/result.html",
        verdict=verdict,
        status_kind=STATUS[verdict.state],
        name=(file.filename or "")[:100],
        document=document,
        pictures=picturing.Pictures() if refused else picturing.of_strangers(data),
        other=_other(document, verdict),
        levels=LEVELS,
        translate=_,
        upload=UploadForm(formdata=None),
    )
    return page, 422 if refused else 200


def check(pdf: bytes, *, code: str = "") -> Verdict:
    """Say whether a file is a document of ours; never raises for the file's sake.

    Each look into the ledger is its own short transaction: examining a file may take seconds.
    """

    def expected(name: str) -> Expected | None:
        with db.reading() as session:
            return find_expected(session, name)

    with db.reading() as session:
        keys = workshop().keys(session)
    return verify_with_ledger(
        pdf, keys=keys, find_expected=expected, code=code, tsa_roots=workshop().tsa_roots
    )


def _other(document: Document | None, verdict: Verdict) -> bool:
    """Tell whether the file is an original, but of another paper than the one in hand."""
    return bool(document and verdict.expected and document.number != verdict.expected.number
                and verdict.genuine)  # fmt: skip


def _paper(document: Document, form: UploadForm) -> str:
    return render_template("verify/paper.html", document=document, upload=form, **_facts(document))


def _facts(document: Document) -> dict[str, Any]:
    bureau = db.session.get_one(Bureau, document.bureau_id)
    return {
        "kind": _(KINDS[document.kind].name),
        "bureau": bureau,
        "signers": _("、").join(_(row.label) for row in document.signatures),  # roles, no names
        "signed": document.state is DocumentState.SIGNED,
        "levels": LEVELS,
        "pictured": _pictured(document),
    }


def _pictured(document: Document) -> int:
    """Return how many pages are shown: none but to those who may read the paper anyway."""
    try:
        if Permission.DOCUMENT_READ not in me().permissions:
            return 0
        queries.document_of(db.session(), me(), document.id, to_read=True)
    except (NotFound, Unauthenticated):
        return 0
    is_signed = document.state is DocumentState.SIGNED
    return min(document.pages or 0, picturing.PAGES_MOST) if is_signed else 0
