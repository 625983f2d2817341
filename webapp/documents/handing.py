"""Handing out a signed file: compared with its digest, with the same headers at both doors."""

from urllib.parse import quote

from flask import Response, current_app

from webapp.core.errors import N_, Conflict
from webapp.core.storage import Altered
from webapp.documents.models import Document
from webapp.documents.workshop import workshop

TELL_ARCHIVIST = N_("请告知档案员：用备份恢复这份文件，再做一次归档检测。")


def signed_bytes(document: Document) -> bytes:
    """Return the newest form of a signed file, compared with its digest.

    :raises Conflict: it is not signed yet (code ``not_signed``), its bytes have changed (code
        ``altered``) or are gone (code ``missing``).
    """
    sha256 = document.newest.sha256
    if sha256 is None:
        raise Conflict(
            N_("文书“%(number)s”还没有签好"), code="not_signed", number=document.number,
            remedy=N_("请稍等片刻再下载。"),
        )  # fmt: skip
    try:
        return workshop().storage.get(sha256)
    except Altered as error:
        raise Conflict(
            N_("文书“%(number)s”的存档文件已被改动，与登记的指纹不一致，停止下载"),
            code="altered", number=document.number, sha256=sha256, remedy=TELL_ARCHIVIST,
        ) from error  # fmt: skip
    except KeyError as error:
        raise Conflict(
            N_("文书“%(number)s”的存档文件不见了"),
            code="missing", number=document.number, sha256=sha256, remedy=TELL_ARCHIVIST,
        ) from error  # fmt: skip


def preview_answer(pdf: bytes) -> Response:
    """Return a preview, to be opened in the browser's own viewer; only its asker keeps it."""
    answer = current_app.response_class(pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = 'inline; filename="draft.pdf"'
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


def pdf_answer(document: Document, data: bytes) -> Response:
    """Return a PDF under its number, in a form that no browser runs anything of."""
    answer = current_app.response_class(data, mimetype="application/pdf")
    name = quote(f"{document.number}.pdf", safe="")
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{document.code}.pdf\"; filename*=UTF-8''{name}"
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["ETag"] = f'"{document.newest.sha256}"'
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
