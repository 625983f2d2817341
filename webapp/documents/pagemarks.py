"""The short digest on each page of a working paper: who signs a page by hand signs these words.

It is the beginning of the SHA-256 of the page's text in reading order without any white space,
running heads and feet apart.  It is known only when the pages are laid out, so the foot is laid
out with a placeholder of the greatest width, and the digest then takes its place.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.text.line_break import line_size

PLACEHOLDER = "0000000000"
LENGTH = len(PLACEHOLDER)


def digest(text: str) -> str:
    """Return the short digest of a page's text."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:LENGTH]


def mark(document: Any) -> None:
    """Put each page's digest where its foot has the placeholder."""
    for page in document.pages:
        margins = [box for box in page._page_box.children if isinstance(box, boxes.MarginBox)]
        places = [text for box in margins for text in _texts(box) if PLACEHOLDER in text.text]
        if places:
            bodies = [box for box in page._page_box.children if box not in margins]
            words = digest("".join(text.text for box in bodies for text in _texts(box)))
            for place in places:
                _replace(place, words)


def _replace(place: Any, words: str) -> None:
    """Put the words there; their right edge stays where the wider placeholder had it."""
    place.text = place.text.replace(PLACEHOLDER, words)
    before = _width(place)
    place.pango_layout.text = place.text  # read again when the page is drawn
    place.position_x += before - _width(place)


def _width(place: Any) -> float:
    layout = place.pango_layout
    layout.reactivate(place.style)  # it is put away until the page is drawn
    line, _ = layout.get_first_line()
    width = float(line_size(line, place.style)[0])
    layout.deactivate()
    return width


def _texts(box: Any) -> Iterator[Any]:
    if isinstance(box, boxes.TextBox):
        yield box
    for child in getattr(box, "children", ()):
        yield from _texts(child)
