"""Whether the signed revision of a file and the file as it is now look the same.

Runs in the capped child.  Compares pixels: whatever trick hides, replaces or covers something
after the signature, a page that looks different is named.
"""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pypdfium2

PAGES_MAX = 400
SIDE_MAX = 1700  # points, above A2: a page larger than this is not compared but said to differ
COVER = (255, 255, 255, 255)
SCALE = 1  # 72 dpi: a changed digit of 9 points still changes dozens of pixels

Place = tuple[int, Sequence[float]]  # page from 0; left, bottom, right, top in points


class TooLong(Exception):  # noqa: N818 - reads as the claim it makes
    """The file has more pages than are compared."""


def differing(signed: bytes, current: bytes, but: Sequence[Place] = ()) -> set[int]:
    """Return the numbers (from 1) of the pages that look different, but for some places.

    A page that is in one of the two only, or that cannot be drawn, differs.

    :raises TooLong: there are too many pages.
    """
    with closing(_open(signed)) as before, closing(_open(current)) as after:
        most = max(len(before), len(after))
        if most > PAGES_MAX:
            raise TooLong
        return {n + 1 for n in range(most) if not _alike(before, after, n, but)}


def _open(data: bytes) -> Any:
    document = pypdfium2.PdfDocument(data)
    if document.get_formtype():
        document.init_forms()  # else widgets, the seal among them, are not drawn
    return document


def _alike(before: Any, after: Any, number: int, but: Sequence[Place]) -> bool:
    if number >= min(len(before), len(after)):
        return False
    places = [rect for page, rect in but if page == number]
    try:
        return _pixels(before[number], places) == _pixels(after[number], places)
    except pypdfium2.PdfiumError:
        return False


def _pixels(page: Any, but: Sequence[Sequence[float]]) -> tuple[int, int, bytes]:
    """Return width, height and colours, some places painted over.

    :raises PdfiumError: the page cannot be drawn, or is absurdly large.
    """
    if not all(0 < side <= SIDE_MAX for side in page.get_size()):
        raise pypdfium2.PdfiumError("no page of ours has this size")
    bitmap = page.render(scale=SCALE, may_draw_forms=True)
    try:
        for left, bottom, right, top in but:
            x, y = int(left) - 1, int(bitmap.height - top) - 1
            bitmap.fill_rect(COVER, x, y, int(right - left) + 3, int(top - bottom) + 3)
        return bitmap.width, bitmap.height, bytes(bitmap.buffer)
    finally:
        bitmap.close()
        page.close()
