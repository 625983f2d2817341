"""The structure tree of a PDF: what a reader is told who does not see the page (PDF/UA-1).

WeasyPrint makes an element of each box and each piece of text on each page, and leaves those of
the page margins without a place in the tree.  Here an HTML element is one structure element
however many pages it runs over, text belongs to it directly, and what belongs to none is an
artifact: running heads and feet, the watermark, a table's head when it is repeated.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydyf
from weasyprint import pdf as writer
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.pdf.stream import Stream

SVG = "{http://www.w3.org/2000/svg}"
TAGS = {
    "p": "P", "h1": "H1", "h2": "H2", "h3": "H3", "h4": "H4", "div": "Div", "section": "Sect",
    "table": "Table", "thead": "THead", "tbody": "TBody", "tr": "TR", "th": "TH", "td": "TD",
    "caption": "Caption", "ul": "L", "ol": "L", "li": "LI", "img": "Figure", f"{SVG}svg": "Figure",
}  # fmt: skip
INSIDE = {  # a table for looks alone (role="presentation") has none of these
    "THead": ("/Table",), "TBody": ("/Table",), "TR": ("/Table", "/THead", "/TBody"),
    "TH": ("/TR",), "TD": ("/TR",),
}  # fmt: skip
PT_PER_PX = 0.75


def install() -> None:
    """Let WeasyPrint tag as we do."""
    Stream.marked = _marked
    writer.add_tags = _add_tags


class _Mark(pydyf.Object):
    """Where marked content begins: an artifact, unless a structure element claims it."""

    tag, number = "", 0

    @property
    def data(self) -> bytes:
        claimed = f"/{self.tag} <</MCID {self.number}>> BDC"
        return claimed.encode() if self.tag else b"/Artifact BMC"


@contextmanager
def _marked(self: Any, box: Any, _: str) -> Iterator[None]:
    if self._tags is None:
        yield
        return
    self._tags[box] = mark = _Mark()
    self.stream.append(mark)
    yield
    self.end_marked_content()


def _add_tags(pdf: Any, document: Any, _version: object, streams: list[Any]) -> None:
    tree = _Tree(pdf)
    for number, (page, stream) in enumerate(zip(document.pages, streams, strict=True)):
        tree.add_page(number, page, stream._tags)
    pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"DisplayDocTitle": "true"})
    pdf.catalog["MarkInfo"] = pydyf.Dictionary({"Marked": "true"})


class _Tree:
    """The tree as it grows, page by page."""

    def __init__(self, pdf: Any) -> None:
        self._pdf, self._pages = pdf, pdf.page_references
        self._numbers = pydyf.Array()  # page number, then the elements of its marked content
        self._of: dict[Any, Any] = {}  # structure elements by HTML element
        root = self._added({"Type": "/StructTreeRoot"})
        pdf.catalog["StructTreeRoot"] = root.reference
        root["ParentTree"] = self._added({"Nums": self._numbers}).reference
        self._top = self._added(
            {"Type": "/StructElem", "S": "/Document", "P": root.reference, "K": pydyf.Array()}
        )
        root["K"] = pydyf.Array([self._top.reference])

    def add_page(self, number: int, page: Any, marks: dict[Any, _Mark]) -> None:
        """Hang a page's content into the tree, in reading order."""
        self._page, self._height, self._marks = self._pages[number], page.height, marks
        self._owners = pydyf.Array()
        self._numbers.extend([number, self._owners])
        for box in page._page_box.children:
            if not isinstance(box, boxes.MarginBox):
                self._read(box, self._top)

    def _read(self, box: Any, parent: Any) -> None:
        if isinstance(box, AbsolutePlaceholder):
            box = box._box
        if isinstance(box, boxes.TextBox):
            self._claim(box, self._new("P", parent) if parent is self._top else parent)
        elif isinstance(box, boxes.ReplacedBox):
            self._figure(box, parent)
        elif not self._repeats(box):
            element = self._element(box, parent)
            for child in box.children:
                self._read(child, element)

    def _repeats(self, box: Any) -> bool:
        """Return whether this is the head of a table that began on an earlier page."""
        known = self._of.get(box.element) if getattr(box, "is_header", False) else None
        return known is not None and known["Pg"] != self._page

    def _element(self, box: Any, parent: Any) -> Any:
        """Return the structure element for a box: its own, or its parent's."""
        html = box.element
        tag = None if html is None else TAGS.get(html.tag)
        if tag is None or parent["S"] not in INSIDE.get(tag, (parent["S"],)):
            return self._of.get(html, parent)
        if html in self._of:
            return self._of[html]
        if html.get("role") == "presentation":
            return parent
        element = self._new(tag, parent)
        if tag in ("TH", "TD"):
            element["A"] = _cell(html, box)
        self._of[html] = self._new("LBody", element) if tag == "LI" else element
        return self._of[html]

    def _figure(self, box: Any, parent: Any) -> None:
        """Claim a picture; one without a text in its place is an ornament."""
        html = box.element
        text = html.findtext(f"{SVG}title") if html.tag == f"{SVG}svg" else html.get("alt")
        if text:
            figure = self._new("Figure", parent)
            figure["Alt"] = pydyf.String(text)
            figure["A"] = pydyf.Dictionary({"O": "/Layout", "BBox": self._area(box)})
            self._claim(box, figure)

    def _area(self, box: Any) -> Any:
        left, top = box.content_box_x(), box.content_box_y()
        edges = (left, self._height - top - box.height, left + box.width, self._height - top)
        return pydyf.Array(round(edge * PT_PER_PX, 2) for edge in edges)

    def _claim(self, box: Any, element: Any) -> None:
        """Give what was drawn for a box to an element."""
        mark = self._marks.get(box)
        if mark is None:
            return
        mark.tag, mark.number = element["S"][1:], len(self._owners)
        self._owners.append(element.reference)
        here = element["Pg"] == self._page
        element["K"].append(mark.number if here else self._elsewhere(mark.number))

    def _elsewhere(self, number: int) -> Any:
        return pydyf.Dictionary({"Type": "/MCR", "Pg": self._page, "MCID": number})

    def _new(self, tag: str, parent: Any) -> Any:
        element = self._added({
            "Type": "/StructElem", "S": f"/{tag}", "P": parent.reference, "Pg": self._page,
            "K": pydyf.Array(),
        })  # fmt: skip
        parent["K"].append(element.reference)
        return element

    def _added(self, entries: dict[str, Any]) -> Any:
        found = pydyf.Dictionary(entries)
        self._pdf.add_object(found)
        return found


def _cell(html: Any, box: Any) -> Any:
    """Return a cell's attributes: what it heads, and how far it reaches."""
    told = pydyf.Dictionary({"O": "/Table"})
    if html.tag == "th":
        told["Scope"] = "/Row" if html.get("scope") == "row" else "/Column"
    told |= {name: n for name, n in (("ColSpan", box.colspan), ("RowSpan", box.rowspan)) if n != 1}
    return told
