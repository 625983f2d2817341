"""From fixed contents to a PDF: which style sheets, pictures and attachments a document gets."""

from collections.abc import Sequence
from ctypes import CDLL
from datetime import datetime
from typing import TYPE_CHECKING

from webapp.core.errors import N_, Conflict
from webapp.core.storage import Storage
from webapp.documents import stamp
from webapp.documents.fonts import Fonts
from webapp.documents.snapshot import Snapshot

if TYPE_CHECKING:
    from webapp.documents.render import Rendered

PNG = b"\x89PNG"
SQUARE = 0.8
STAMP_FAMILY = "Mingcha Hei"


def printed(contents: Snapshot, *, fonts: Fonts, storage: Storage, dated: datetime) -> "Rendered":
    """Print a document with its contents attached as JSON.

    :raises Conflict: this machine has no Pango; everything but printing works without it.
    """
    try:
        CDLL("libpango-1.0.so.0")  # WeasyPrint would fail on it too, with a page of advice
        from webapp.documents.render import print_out
    except OSError as error:
        raise Conflict(
            N_("本机没有安装 Pango，暂时不能生成 PDF"),
            code="no_pango",
            remedy=N_("请系统管理员运行 ./mingcha doctor，按提示安装后，在“需要处理”中重试。"),
        ) from error

    def blobs(sha256: str) -> tuple[bytes, str]:
        data = storage.get(sha256)
        return data, "image/png" if data.startswith(PNG) else "image/jpeg"

    return print_out(contents, fonts=fonts, blobs=blobs, dated=dated)


def seal_appearance(
    contents: Snapshot,
    box: Sequence[float],
    signer: str,
    fingerprint: str,
    *,
    at: str,
    fonts: Fonts,
) -> bytes:
    """Return what is seen in the place of the signature.

    Where the paper has a drawn seal (a square place), nothing is laid over it.
    """
    _, left, bottom, right, top = box
    width, height = right - left, top - bottom
    square = height > width * SQUARE
    if square and (contents.watermark or contents.bureau.seal_image):
        return stamp.blank(width, height)
    lines = (signer, f"电子签章　{at}", f"证书 {fingerprint[:16]}")
    font = next(path for family, _, path in fonts.files if family == STAMP_FAMILY)
    return stamp.words(lines, width, height, font)
