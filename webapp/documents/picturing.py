"""Small pictures of the first pages of a file, to be laid beside what somebody holds in hand.

What strangers send is drawn in the capped child, in one of its own: a page that brings the renderer
down costs the pictures, never the verdict.
"""

import base64
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pypdfium2

from webapp.core import sandbox

MODULE = "webapp.documents.picturing"
PAGES_MOST = 3
WIDTH_MAX, HEIGHT_MAX = 620, 1240  # pixels: A4 can be read, a strip of paper stays small
BYTES_MAX = 160_000  # a picture: three of them, in base64, fit into the child's answer
SIDE_MAX = 14_400  # points, the most that PDF allows
QUALITIES = (60, 25)


@dataclass(frozen=True)
class Picture:
    """One page (from 1) as WebP."""

    number: int
    webp: bytes
    width: int
    height: int

    @property
    def url(self) -> str:
        """The picture as an address that holds it: the file itself is not kept anywhere."""
        return f"data:image/webp;base64,{base64.b64encode(self.webp).decode()}"


@dataclass(frozen=True)
class Pictures:
    """The first pages of a file, as far as they can be drawn, and how many there are."""

    shown: tuple[Picture, ...] = ()
    pages: int = 0


def of_strangers(pdf: bytes) -> Pictures:
    """Return pictures of a file that may be hostile; none where it cannot be drawn."""
    try:
        answer = sandbox.run(MODULE, {}, pdf)
    except sandbox.Failed:
        return Pictures()
    shown = [Picture(**one | {"webp": base64.b64decode(one["webp"])}) for one in answer["shown"]]
    return Pictures(tuple(shown), answer["pages"])


def examine(question: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Draw in the child; a file that cannot be opened has no pages."""
    found, pages = [], 0
    with suppress(pypdfium2.PdfiumError), closing(_open(data)) as document:
        pages = len(document)
        for one in _drawn(document):
            found.append(vars(one) | {"webp": base64.b64encode(one.webp).decode()})
    return {"shown": found, "pages": pages}


def page(pdf: bytes, number: int) -> Picture | None:
    """Return one page (from 1) of a file of ours; nothing where there is no such page."""
    with closing(_open(pdf)) as document:
        return _picture(document, number) if 1 <= number <= len(document) else None


def _open(data: bytes) -> Any:
    document = pypdfium2.PdfDocument(data)
    if document.get_formtype():
        document.init_forms()  # else signatures are not drawn
    return document


def _drawn(document: Any) -> Iterator[Picture]:
    for number in range(1, min(len(document), PAGES_MOST) + 1):
        with suppress(pypdfium2.PdfiumError, ValueError):
            if one := _picture(document, number):
                yield one


def _picture(document: Any, number: int) -> Picture | None:
    sheet = document[number - 1]
    width, height = sheet.get_size()
    if not (0 < width <= SIDE_MAX and 0 < height <= SIDE_MAX):
        return None
    scale = min(WIDTH_MAX / width, HEIGHT_MAX / height)
    image = sheet.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    for quality in QUALITIES:
        out = BytesIO()
        image.save(out, "WEBP", quality=quality, method=2)
        if out.tell() <= BYTES_MAX:
            return Picture(number, out.getvalue(), image.width, image.height)
    return None
