"""A page to PDF/A-3a and PDF/UA-1: with justification and shortcuts, what knows WeasyPrint.

Nothing is fetched but our own style sheets, our fonts and the pictures named by their digest; an
address of any other kind, or a missing picture, stops the rendering.  The same input gives the
same bytes.
"""

import gc
import logging
import warnings
from collections.abc import Callable, Mapping
from ctypes import CDLL
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from threading import Lock
from typing import Any
from xml.etree import ElementTree

from cssselect2 import ElementWrapper
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from webapp.core import glyphs
from webapp.core.config import ROOT
from webapp.documents import accessibility, justification, pagemarks, shortcuts, tagging
from webapp.documents.fonts import Fonts
from webapp.documents.kinds import KINDS, compose
from webapp.documents.snapshot import Snapshot, schema_of, texts

PRINT_CSS = ROOT / "static" / "css" / "print"
VARIANT = "pdf/a-3a"
PT_PER_PX = 0.75
NOWHERE = "https://refused.invalid/"  # relative addresses become this one, and are refused
COLLECT_EVERY = 10  # documents between two full garbage collections

Blobs = Callable[[str], tuple[bytes, str]]
justification.install()
shortcuts.install()
tagging.install()
logging.getLogger("weasyprint").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)


class Unrenderable(Exception):  # noqa: N818 - reads as the claim it makes
    """The page asked for something that documents do not fetch, or that is not there."""


@dataclass(frozen=True)
class Attached:
    """A file to embed; ``relationship`` is PDF's AFRelationship."""

    name: str
    data: bytes
    description: str
    relationship: str = "Data"


@dataclass(frozen=True)
class Box:
    """Where an element lies: page from 0, corners in points from the page's lower left."""

    page: int
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class Rendered:
    """A finished PDF, its number of pages, and the boxes of all elements that have an id."""

    pdf: bytes
    pages: int
    boxes: Mapping[str, Box]


class _Fetcher(URLFetcher):
    """Serves fonts and blobs, and refuses all else."""

    def __init__(self, fonts: Fonts, blobs: Blobs) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._fonts, self._blobs = fonts, blobs

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """Return what the address names.

        :raises Unrenderable: it is not one of ours.
        """
        scheme, _, name = url.partition(":")
        if scheme == "mingcha-font" and name.isdigit():
            body, mime = self._fonts.files[int(name)][2].read_bytes(), "font/ttf"
        elif scheme == "mingcha-blob":
            body, mime = self._blobs(name)
        else:
            raise Unrenderable(f"documents do not fetch {url[:100]!r}")
        return URLFetcherResponse(url, body, {"Content-Type": mime})


class _Page(HTML):
    """A page of ours: well-formed XML, which is read at once, under a short sheet of defaults."""

    def __init__(self, text: str, fetcher: _Fetcher, defaults: CSS) -> None:
        try:
            root = ElementTree.fromstring(text)  # noqa: S314 - our own template, all text escaped
        except ElementTree.ParseError as error:
            raise Unrenderable(f"the page is not well-formed XML: {error}") from error
        self.base_url, self.url_fetcher, self.media_type = NOWHERE, fetcher, "print"
        self.wrapper_element = ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = root
        self._defaults = defaults

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return [self._defaults]


class _Press:
    """WeasyPrint with what is worth keeping between documents: fonts and parsed style sheets."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self.configuration = FontConfiguration()
        self.sheets: dict[str, CSS] = {}
        self.printed = 0
        self._css(fonts.css())
        gc.collect()
        gc.freeze()  # libraries stay for good: later collections need not walk through them

    def _css(self, text: str) -> CSS:
        return CSS(
            string=text,
            font_config=self.configuration,
            url_fetcher=_Fetcher(self.fonts, _no_blobs),
        )

    def sheet(self, name: str) -> CSS:
        """Return a parsed style sheet of ``static/css/print``."""
        if name not in self.sheets:
            self.sheets[name] = self._css((PRINT_CSS / f"{name}.css").read_text(encoding="utf-8"))
        return self.sheets[name]

    def document(self, html: str, blobs: Blobs, styles: tuple[str, ...]) -> Any:
        """Lay the page out."""
        page = _Page(html, _Fetcher(self.fonts, blobs), self.sheet("defaults"))
        return page.render(
            font_config=self.configuration,
            stylesheets=list(map(self.sheet, styles)),
            pdf_variant=VARIANT,
        )


# Of glibc: hands the heap's empty pages back to the system; other C libraries do so by themselves.
_trim = getattr(CDLL(None), "malloc_trim", None)


def _give_memory_back() -> None:
    if _trim is not None:
        _trim(0)


_lock = Lock()  # one document at a time in a process: Pango's font map is shared
_press = cache(_Press)


def render(
    html: str,
    *,
    fonts: Fonts,
    blobs: Blobs,
    styles: tuple[str, ...] = (),
    attachments: tuple[Attached, ...] = (),
    dated: datetime = datetime(2000, 1, 1, tzinfo=UTC),
) -> Rendered:
    """Print a page as tagged PDF/A-3.

    ``blobs`` returns bytes and media type of a ``mingcha-blob:<sha256>`` address, ``styles`` name
    files of ``static/css/print``, ``dated`` stands in the metadata of the attachments.

    :raises Unrenderable: the page asks for a foreign address, or a blob is not there.
    """
    with _lock:
        press, collecting = _press(fonts), gc.isenabled()
        gc.disable()
        try:
            return _print(press.document(html, blobs, styles), attachments, dated)
        except FatalURLFetchingError as error:
            raise Unrenderable(str(error.__cause__ or error)) from error
        finally:
            press.printed += 1
            if press.printed % COLLECT_EVERY == 0:
                gc.collect()
                _give_memory_back()
            if collecting:
                gc.enable()


def _print(document: Any, attachments: tuple[Attached, ...], dated: datetime) -> Rendered:
    pagemarks.mark(document)
    _identify(document.metadata)
    document.metadata.attachments = [
        Attachment(
            string=file.data,
            name=file.name,
            description=file.description,
            relationship=file.relationship,
            created=dated,
            modified=dated,
        )
        for file in attachments
    ]
    with warnings.catch_warnings():  # WeasyPrint leaves its colour profile's file open
        warnings.simplefilter("ignore", ResourceWarning)
        pdf = document.write_pdf(
            finisher=lambda _, pdf: shortcuts.write_once(pdf), pdf_variant=VARIANT, pdf_tags=True
        )
    return Rendered(pdf, len(document.pages), _boxes(document))


def _identify(metadata: Any) -> None:
    """Let the file say PDF/UA too; WeasyPrint writes the identification of one variant only."""
    write = metadata.generate_rdf_metadata
    metadata.generate_rdf_metadata = lambda *which: accessibility.identified(write(*which))


def _boxes(document: Any) -> dict[str, Box]:
    boxes: dict[str, Box] = {}
    for number, page in enumerate(document.pages):
        for name, (x1, y1, x2, y2) in page.anchors.items():
            low, high = (page.height - y2) * PT_PER_PX, (page.height - y1) * PT_PER_PX
            boxes.setdefault(name, Box(number, x1 * PT_PER_PX, low, x2 * PT_PER_PX, high))
    return boxes


def print_out(
    snapshot: Snapshot, *, fonts: Fonts, blobs: Blobs, dated: datetime | None = None
) -> Rendered:
    """Print a document, its snapshot attached as JSON; ``dated`` is the day of issue if left out.

    :raises Invalid: a text holds a character that no font here can show.
    :raises Unrenderable: a picture is not there.
    """
    glyphs.check(texts(snapshot))
    attached = Attached("snapshot.json", snapshot.to_json(), f"{snapshot.title} {snapshot.number}")
    schema = Attached(
        "snapshot.schema.json", schema_of(type(snapshot)), "JSON schema", "Supplement"
    )
    return render(
        compose(snapshot),
        fonts=fonts,
        blobs=blobs,
        styles=KINDS[snapshot.kind].styles,
        attachments=(attached, schema),
        dated=dated or datetime.combine(snapshot.issued_on, time(), UTC),
    )


def _no_blobs(digest: str) -> tuple[bytes, str]:
    raise Unrenderable(f"a style sheet asks for {digest[:64]!r}")
