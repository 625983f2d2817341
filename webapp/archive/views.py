"""Pages of the archive: search, one record, and the check that nothing has changed."""

import re
from itertools import islice

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField

from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.archive import queries, service
from webapp.archive.forms import SearchForm
from webapp.archive.models import ArchiveRecord
from webapp.archive.queries import Hits
from webapp.archive.rules import RETENTION_WORDS
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_
from webapp.core.web import NavItem
from webapp.documents.kinds import KINDS
from webapp.documents.models import Document
from webapp.documents.rules import Retention

bp = Blueprint("archive", __name__)
NAV = (NavItem("archive.index", N_("档案"), "box", Permission.ARCHIVE_READ),)
AT_ONCE = 5_000  # files that one request reads back; more is the command line's work
_DIGITS = re.compile(r"[0-9]{1,15}")
FILTERS = ("q", "year", "retention", "kind")
DETAIL_WORDS = {
    "fonds_no": N_("全宗号"),
    "year": N_("年度"),
    "retention": N_("保管期限"),
    "org_code": N_("机构代码"),
    "item_no": N_("件号"),
    "responsible": N_("责任者"),
    "doc_date": N_("成文日期"),
    "doc_type": N_("文种"),
    "doc_number": N_("文号"),
    "security": N_("密级"),
    "format": N_("格式"),
    "size": N_("字节数"),
    "signer": N_("签名者"),
    "signer_certificate": N_("签名证书"),
    "signature_level": N_("签名级别"),
    "location": N_("存储位置"),
    "source_case_id": N_("督查编号"),
    "process_log_id": N_("业务日志号"),
}


@bp.app_template_filter("retention")
def retention(code: str) -> str:
    """Return how long a thing is kept, in words."""
    return str(_(RETENTION_WORDS[Retention(code)]))


@bp.app_template_global()
def archive_record_of(document: Document) -> ArchiveRecord | None:
    """Return the archive record of a document, for those who may read the archive."""
    if Permission.ARCHIVE_READ not in me().permissions:
        return None
    return queries.record_of_document(db.session(), document.id)


@bp.get("/archive")
@requires(Permission.ARCHIVE_READ)
def index() -> ResponseReturnValue:
    """Search the archive; without words, show the newest."""
    form = _form()
    hits = queries.search(
        db.session(),
        me().bureau_id,
        form.q.data or "",
        year=_number(form.year.data),
        retention=_offered(form.retention),
        kind=_offered(form.kind),
        before=_number(request.args.get("before")),
        after=_number(request.args.get("after")),
    )
    asked = {name: form[name].data for name in FILTERS if form[name].data}
    return render_template(
        "archive/index.html", form=form, hits=hits, asked=asked, count=_count(hits),
        check=queries.last_check(db.session(), me().bureau_id),
    )  # fmt: skip


@bp.get("/archive/<int:record_id>")
@requires(Permission.ARCHIVE_READ)
def show(record_id: int) -> ResponseReturnValue:
    """Show one record, and whether its file is intact now."""
    record = queries.record_of(db.session(), me(), record_id)
    health = service.health(current_app.extensions["storage"], record.sha256)
    told = record.details | {"retention": f"{retention(record.retention)} ({record.retention})"}
    details = [(_(words), told.get(key)) for key, words in DETAIL_WORDS.items()]
    return render_template("archive/show.html", record=record, health=health, details=details)


@bp.post("/archive/fixity")
@requires(Permission.ARCHIVE_CHECK, begin=False)
def check() -> ResponseReturnValue:
    """Read every kept file back and compare it with its digest."""
    bureau_id, by_id = me().bureau_id, me().id
    files = queries.kept_files(db.session(), bureau_id)
    db.session.rollback()  # reading back takes long: nothing is held meanwhile
    some = islice(files, AT_ONCE)
    results = list(service.fixity(some, current_app.extensions["storage"]))
    db.begin_write(db.session())
    event_id = service.note_fixity(
        db.session(), results, bureau_id=bureau_id, total=len(files), by_id=by_id, at=now()
    )
    return redirect(url_for(".report", event_id=event_id), 303)


@bp.get("/archive/fixity/<int:event_id>")
@requires(Permission.ARCHIVE_CHECK)
def report(event_id: int) -> ResponseReturnValue:
    """Show what a check found, file by file."""
    event = queries.check_of(db.session(), me().bureau_id, event_id)
    return render_template("archive/report.html", event=event)


def _form() -> SearchForm:
    form = SearchForm(request.args)
    years = queries.years_of(db.session(), me().bureau_id)
    every = ("", _("全部"))
    form.year.choices = [every, *((str(year), str(year)) for year in years)]
    form.retention.choices = [every, *((r.value, _(w)) for r, w in RETENTION_WORDS.items())]
    form.kind.choices = [every, *((name, _(kind.name)) for name, kind in KINDS.items())]
    return form


def _offered(field: SelectField) -> str:
    """Return what was chosen, if it was among the choices; anything else filters nothing."""
    return str(field.data) if field.data in {value for value, _label in field.choices} else ""


def _number(text: str | None) -> int | None:
    """Return a whole number from an address; anything else is as if it were not there."""
    known = _DIGITS.fullmatch(text or "")
    return int(known[0]) if known else None


def _count(hits: Hits) -> str:
    if hits.count >= queries.COUNT_MAX:
        return str(_("%(count)s 件以上", count=f"{queries.COUNT_MAX:,}"))
    return str(_("共 %(count)d 件", count=hits.count))
