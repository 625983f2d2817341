"""Shortcuts through WeasyPrint: the same pages for less work.

Most of what it does for a line of text hangs on the line's style alone, and a document has few
styles.  Each function here answers as the one it stands for does; a test prints with and without
them.  They replace private functions, so they act only in the version they were written against.
"""

import sys
import zlib
from collections.abc import Callable
from typing import Any

import pydyf
import weasyprint
from weasyprint.formatting_structure import boxes
from weasyprint.layout import percent
from weasyprint.pdf import fonts, stream
from weasyprint.text import line_break
from weasyprint.text.constants import PANGO_DIRECTION
from weasyprint.text.ffi import ffi, gobject, pango, unicode_to_char_p
from weasyprint.text.fonts import font_features, get_font_description

WRITTEN_AGAINST = "70."
LEVEL = 6  # of compression: 9 takes three times as long for one per cent
SIDES = ("top", "right", "bottom", "left")
LENGTHS = (
    *(f"{kind}_{side}" for kind in ("margin", "padding") for side in SIDES),
    "width", "min_width", "max_width", "height", "min_height", "max_height",
)  # fmt: skip
SMALLEST = ("min_width", "min_height")

plain_set_up = line_break.Layout.setup
plain_resolve = percent.resolve_percentages
plain_strut = line_break.strut
plain_flows = boxes.Box.is_in_normal_flow


def install() -> None:
    """Put the shortcuts in place, if this is the WeasyPrint they fit."""
    if weasyprint.__version__.startswith(WRITTEN_AGAINST):
        line_break.Layout.setup = set_up
        put("resolve_percentages", resolve)
        put("strut", strut)
        boxes.Box.is_in_normal_flow = _flows
        stream.Font = _Font
        pydyf.Stream.data = property(_packed)


def put(name: str, function: Callable[..., Any]) -> None:
    """Let every module of WeasyPrint's that knows a function by this name use another."""
    for path, module in list(sys.modules.items()):
        if path.startswith("weasyprint.") and hasattr(module, name):
            setattr(module, name, function)


def _kept(style: Any, name: str, make: Callable[[Any], Any]) -> Any:
    """Return what ``make`` makes of a style, made once and kept with it."""
    kept = style.__dict__
    if name not in kept:
        kept[name] = make(style)
    return kept[name]


# -- text --------------------------------------------------------------------------------------


def set_up(self: Any, style: Any) -> None:
    """Begin a line: a new layout of Pango's, on the context and font of its style."""
    found = _kept(style, "_pango", _pango)
    if found is None:
        plain_set_up(self, style)
        return
    context, font, self.language = found
    self.style, self.first_line_direction = style, 0
    self.ascent = self.underline_position = self.strikethrough_position = None
    self.layout = ffi.gc(pango.pango_layout_new(context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(self.layout, False)
    pango.pango_layout_set_font_description(self.layout, font)


def _pango(style: Any) -> Any:
    """Return context, font and language of a style; nothing if it is one that we do not use."""
    features = font_features(
        style["font_kerning"], style["font_variant_ligatures"], style["font_variant_position"],
        style["font_variant_caps"], style["font_variant_numeric"],
        style["font_variant_alternates"], style["font_variant_east_asian"],
        style["font_feature_settings"],
    )  # fmt: skip
    decorated = style["text_decoration_line"] != "none"
    if features or decorated or not style["lang"] or style["font_language_override"] != "normal":
        return None
    font_map = style.font_config.font_map
    context = ffi.gc(pango.pango_font_map_create_context(font_map), gobject.g_object_unref)
    pango.pango_context_set_round_glyph_positions(context, False)
    pango.pango_context_set_base_dir(context, PANGO_DIRECTION[style["direction"]])
    pointer, _text = unicode_to_char_p(style["lang"])
    language = pango.pango_language_from_string(pointer)
    pango.pango_context_set_language(context, language)
    return context, get_font_description(style), language


def strut(style: Any) -> Any:
    """Return height and baseline of an empty line."""
    return _kept(style, "_strut", plain_strut)


# -- boxes -------------------------------------------------------------------------------------


def resolve(box: Any, containing_block: Any) -> None:
    """Give a box its sizes: where no percentage is in them, they are the same for all of a style.

    A border that collapsing tables have settled already stays.
    """
    found = _kept(box.style, "_sizes", _sizes)
    if found is None:
        plain_resolve(box, containing_block)
        return
    lengths, borders, collapse = found
    box.__dict__.update(lengths)
    for name, width in borders.items():
        if not (collapse and hasattr(box, name)):
            setattr(box, name, width)


def _sizes(style: Any) -> Any:
    values = {name: style[name] for name in LENGTHS}
    if style["box_sizing"] != "content-box" or not all(map(_absolute, values.values())):
        return None
    lengths = {name: getattr(value, "value", value) for name, value in values.items()}
    lengths |= {name: 0 for name in SMALLEST if lengths[name] == "auto"}
    borders = {f"border_{side}_width": style[f"border_{side}_width"] for side in SIDES}
    return lengths, borders, style["border_collapse"] == "collapse"


def _absolute(value: Any) -> bool:
    return value is None or value == "auto" or getattr(value, "unit", "") == "px"


def _flows(self: Any) -> bool:
    kept = self.style.__dict__
    if "_flows" not in kept:
        kept["_flows"] = plain_flows(self)
    flows: bool = kept["_flows"]
    return flows


# -- the file ----------------------------------------------------------------------------------


class _Font(fonts.Font):
    """A font that holds no copy of the whole file, 3 MB each, beside what is cut from it."""

    _cut: bytes | None = None
    _opened = False

    @property
    def file_content(self) -> Any:
        return fonts.get_hb_object_data(self.hb_face) if self._cut is None else self._cut

    @file_content.setter
    def file_content(self, data: bytes) -> None:
        if self._opened:
            self._cut = data
        self._opened = True  # the first is the whole file


class _Written(pydyf.Object):
    """An object as the bytes that stand for it in the file."""

    def __init__(self, of: Any) -> None:
        super().__init__()
        self.number, self.generation, self.free = of.number, of.generation, of.free
        self._compressible: bool = of.compressible
        self._data: bytes = of.data

    @property
    def data(self) -> bytes:
        return self._data

    @property
    def compressible(self) -> bool:
        return self._compressible


def write_once(pdf: Any) -> None:
    """Turn all objects into bytes: pydyf asks for them once for the file's id, and once again."""
    first, *others = pdf.objects
    pdf.objects[:] = [first, *map(_Written, others)]


def _packed(self: Any) -> bytes:
    """Return a stream as it stands in the file."""
    content, extra = b"\n".join(map(pydyf._to_bytes, self.stream)), dict(self.extra)
    if self.compress:
        content = zlib.compress(content, LEVEL)
        extra["Filter"] = "/FlateDecode"
    extra["Length"] = len(content)
    return b"\n".join((pydyf.Dictionary(extra).data, b"stream", content, b"endstream"))
