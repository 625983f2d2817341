"""Two straight edges for Chinese lines (两端对齐).

WeasyPrint justifies by widening ASCII spaces only, and Chinese has none: lines stay ragged, and
"25 kg" gets a hole.  This spreads the rest of a line between its Han characters instead.  It
replaces private functions, so it acts only in the version it was written against; in any other,
lines stay as WeasyPrint sets them.
"""

import re
from typing import Any

import weasyprint
from weasyprint.layout import inline
from weasyprint.text import line_break
from weasyprint.text.ffi import TO_UNITS, ffi, pango

WRITTEN_AGAINST = "70."
WIDEST = 0.3  # em; a line that would need more is left ragged
# Characters from U+2000 on, as UTF-8: Han, full-width marks, and Chinese quotes and dashes.
_WIDE = re.compile(rb"(?:[\xe2-\xef][\x80-\xbf]{2}|\xf0[\x80-\xbf]{3})+")
_SPACE = re.compile(r"[ \xa0]")
_ONE_WIDE = re.compile("[\u2000-\U0010ffff]")


def install() -> None:
    """Put the justification in place, once, if this is the WeasyPrint it fits."""
    if weasyprint.__version__.startswith(WRITTEN_AGAINST):
        inline.count_expandable_spaces = _places
        inline.justify_line = _justify
        if line_break.Layout.set_text is not _set_text:
            line_break.Layout.set_text = _set_text


def _places(box: Any) -> int:
    """Count the characters behind which a line may stretch."""
    if isinstance(box, inline.boxes.TextBox):
        return len(_ONE_WIDE.findall(box.text)) + len(_SPACE.findall(box.text))
    if isinstance(box, (inline.boxes.LineBox, inline.boxes.InlineBox)):
        return sum(_places(child) for child in box.children if child.is_in_normal_flow())
    return 0


def _justify(context: Any, line: Any, extra_width: float) -> None:
    places = _places(line) - 1  # nothing stretches behind the last character
    if places > 0 and 0 < extra_width / places < WIDEST * line.style["font_size"]:
        inline.add_word_spacing(context, line, extra_width / places, 0)


_plain_set_text = line_break.Layout.set_text


def _set_text(self: Any, text: str, justify: bool = False) -> None:
    _plain_set_text(self, text, justify)
    if not (justify and self.justification_spacing and self.text):
        return
    tracking = self.style["letter_spacing"]
    spacing = self.justification_spacing + (0 if tracking == "normal" else tracking)
    attributes = pango.pango_layout_get_attributes(self.layout)
    if attributes == ffi.NULL:
        attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
    for run in _WIDE.finditer(self.text.encode()):
        attribute = pango.pango_attr_letter_spacing_new(int(spacing * TO_UNITS))
        attribute.start_index, attribute.end_index = run.span()
        pango.pango_attr_list_change(attributes, attribute)
    pango.pango_layout_set_attributes(self.layout, attributes)
