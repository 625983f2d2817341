"""What of PDF/A-3a and PDF/UA we can test ourselves, on the bytes as they are.

No validator of the standard is at hand on every machine; this covers the clauses that went wrong in
practice.  Glyphs are looked up in the embedded font: a lost glyph leaves text extraction right.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

from webapp.documents import accessibility

INVISIBLE_FLAGS = 2 | 32  # hidden, no view
FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


@dataclass(frozen=True)
class Shortcoming:
    """Something the file lacks: a short stable name of the rule, and where it is broken."""

    rule: str
    detail: str


def examine(pdf: bytes) -> list[Shortcoming]:
    """Return what keeps the file from being PDF/A-3a and PDF/UA-1; empty when nothing was found.

    :raises pikepdf.PdfError: it is no readable PDF.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [
            *_identity(document),
            *_structure(document),
            *(Shortcoming(*found) for found in accessibility.shortcomings(document)),
            *_active_content(document),
            *_attachments(document),
            *_widgets(document),
            *_images(document),
            *_fonts(document),
        ]


def _identity(document: Any) -> Iterator[Shortcoming]:
    if document.is_encrypted:
        yield Shortcoming("encryption", "the file is encrypted")
    if "/Metadata" not in document.Root:
        yield Shortcoming("xmp", "no XMP metadata")
        return
    with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
        if metadata.pdfa_status != "3A":
            yield Shortcoming("xmp", f"identifies itself as PDF/A {metadata.pdfa_status or 'not'}")
        if not metadata.get("dc:title"):
            yield Shortcoming("title", "no title in the XMP metadata")
    intents = [i for i in document.Root.get("/OutputIntents", []) if i.get("/S") == "/GTS_PDFA1"]
    if not any("/DestOutputProfile" in intent for intent in intents):
        yield Shortcoming("output-intent", "no PDF/A output intent with a colour profile")


def _structure(document: Any) -> Iterator[Shortcoming]:
    root = document.Root
    if not root.get("/Lang"):
        yield Shortcoming("language", "the catalog names no language")
    if not root.get("/MarkInfo", {}).get("/Marked"):
        yield Shortcoming("tags", "the document is not marked as tagged")
    if not root.get("/StructTreeRoot", {}).get("/K"):
        yield Shortcoming("tags", "the structure tree is empty")
    if not document.docinfo.get("/Title"):
        yield Shortcoming("title", "no title in the document information")
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        yield Shortcoming("title", "viewers are not told to show the title")
    for element in _figures(document):
        if not element.get("/Alt"):
            yield Shortcoming("alternative", "a figure has no alternative text")


def _active_content(document: Any) -> Iterator[Shortcoming]:
    for key in ("/OpenAction", "/AA"):
        if key in document.Root:
            yield Shortcoming("action", f"the catalog has {key}")
    if "/JavaScript" in document.Root.get("/Names", {}):
        yield Shortcoming("action", "the document carries scripts")


def _attachments(document: Any) -> Iterator[Shortcoming]:
    listed = {spec.objgen for spec in document.Root.get("/AF", [])}
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Filespec":
            name = str(item.get("/UF", item.get("/F", "?")))
            if "/AFRelationship" not in item:
                yield Shortcoming("attachment", f"{name} has no AFRelationship")
            if item.objgen not in listed:
                yield Shortcoming("attachment", f"{name} is not associated with the document")
            if "/Subtype" not in item.EF.F:
                yield Shortcoming("attachment", f"{name} has no media type")


def _widgets(document: Any) -> Iterator[Shortcoming]:
    for number, page in enumerate(document.pages, start=1):
        for annotation in page.obj.get("/Annots", []):
            left, bottom, right, top = (float(edge) for edge in annotation.Rect)
            shown = right > left and top > bottom
            shown = shown and not int(annotation.get("/F", 0)) & INVISIBLE_FLAGS
            if annotation.get("/Subtype") == "/Widget" and shown and "/AP" not in annotation:
                yield Shortcoming("appearance", f"a field on page {number} has no appearance")


def _images(document: Any) -> Iterator[Shortcoming]:
    for item in document.objects:
        if isinstance(item, pikepdf.Stream) and item.get("/Interpolate"):
            yield Shortcoming("interpolate", f"image {item.objgen[0]} asks for interpolation")


def _figures(document: Any) -> Iterator[Any]:
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure":
            yield item


def _fonts(document: Any) -> Iterator[Shortcoming]:
    shown: dict[tuple[int, int], set[int]] = {}
    fonts: dict[tuple[int, int], Any] = {}
    for page in document.pages:
        for font, code in _codes(page.obj, page.obj.get("/Resources", {})):
            fonts[font.objgen] = font
            shown.setdefault(font.objgen, set()).add(code)
    for key, font in fonts.items():
        yield from _font(font, shown[key])


def _codes(content: Any, resources: Any) -> Iterator[tuple[Any, int]]:
    """Yield (font, character code) of all text shown, forms included; codes have two bytes."""
    font = None
    for operands, operator in pikepdf.parse_content_stream(content):
        name = str(operator)
        if name == "Tf":
            font = resources.Font[str(operands[0])]
        elif name in ("Tj", "TJ", "'", '"') and font is not None:
            texts = operands[-1] if name == "TJ" else [operands[-1]]
            for text in texts:
                if isinstance(text, pikepdf.String):
                    data = bytes(text)
                    step = 2 if font.get("/Subtype") == "/Type0" else 1
                    for at in range(0, len(data), step):
                        yield font, int.from_bytes(data[at : at + step], "big")
        elif name == "Do":
            form = resources.get("/XObject", {}).get(str(operands[0]))
            if form is not None and form.get("/Subtype") == "/Form":
                yield from _codes(form, form.get("/Resources", resources))


def _font(font: Any, codes: set[int]) -> Iterator[Shortcoming]:
    name = str(font.get("/BaseFont", "?"))
    if "/ToUnicode" not in font:
        yield Shortcoming("unicode", f"{name} has no Unicode map")
    if font.get("/Subtype") == "/Type3":
        return
    holder = font.DescendantFonts[0] if "/DescendantFonts" in font else font
    descriptor = holder.get("/FontDescriptor", {})
    files = [descriptor[key] for key in FONT_FILES if key in descriptor]
    if not files:
        yield Shortcoming("embedding", f"{name} is not embedded")
    elif font.get("/Subtype") == "/Type0":
        yield from _glyphs(name, files[0].read_bytes(), codes, _blanks(font))


def _blanks(font: Any) -> set[int]:
    """Return the codes that stand for spaces, by the font's Unicode map."""
    blank, codes = {"0020", "00a0", "3000", "200b"}, set()
    if "/ToUnicode" in font:
        for line in font.ToUnicode.read_bytes().decode("latin-1").splitlines():
            parts = line.replace("<", " ").replace(">", " ").split()
            if len(parts) == 2 and parts[1].lower() in blank:
                codes.add(int(parts[0], 16))
    return codes


def _glyphs(name: str, data: bytes, codes: set[int], blanks: set[int]) -> Iterator[Shortcoming]:
    font = TTFont(io.BytesIO(data), lazy=True)
    order, glyphs = font.getGlyphOrder(), font.getGlyphSet()
    for code in sorted(codes):
        glyph = _glyph_name(font, order, code)
        if code == 0 or glyph is None:
            yield Shortcoming("glyph", f"{name} shows code {code}, which has no glyph")
            continue
        pen = BoundsPen(glyphs)
        glyphs[glyph].draw(pen)
        if pen.bounds is None and code not in blanks:
            yield Shortcoming("glyph", f"{name} shows code {code}, whose glyph is empty")


def _glyph_name(font: TTFont, order: list[str], code: int) -> str | None:
    """Return the glyph of a CID: by its name in a CID-keyed CFF font, else by its place."""
    if "CFF " in font and hasattr(font["CFF "].cff[0], "ROS"):
        name = f"cid{code:05d}"
        return name if name in font["CFF "].cff[0].CharStrings.charStrings else None
    return order[code] if code < len(order) else None
