"""What stands where on a printed page: measured on the page, not trusted from its style sheet."""

import re
from collections import defaultdict
from dataclasses import dataclass

MM = 72 / 25.4
PAGE_HEIGHT_MM, PAGE_WIDTH_MM = 297, 210
RULE_SCALE = 4  # pixels a point; a line of 0.2 mm is two pixels high


@dataclass(frozen=True)
class Rule:
    """A horizontal line as drawn, in mm."""

    top: float
    left: float
    right: float


class Measured:
    """The ink of a page, in mm from its upper left corner: characters and lines."""

    def __init__(self, page):
        self.page = page
        self.height = page.get_height() / MM
        text = page.get_textpage()
        self.characters = []
        for i in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(i)
            if right > left:
                box = (
                    left / MM,
                    self.height - top / MM,
                    right / MM,
                    self.height - bottom / MM,
                )
                self.characters.append((text.get_text_range(i, 1), *box))

    def of(self, character):
        return [found[1:] for found in self.characters if found[0] == character]

    @property
    def text(self):
        """All that can be read, in reading order, without white space."""
        return "".join(one[0] for one in self.characters).replace(" ", "").replace("　", "")

    def find(self, words, *, last=False):
        """Return the boxes of the characters of some words, where they first (or last) stand."""
        readable = [one for one in self.characters if one[0].strip("　 ")]
        text = "".join(one[0] for one in readable)
        start = text.rindex(words) if last else text.index(words)
        return [one[1:] for one in readable[start : start + len(words)]]

    def rules(self, *, least_mm=20):
        """Return the dark horizontal lines that are at least so long, from the top down."""
        image = self.page.render(scale=RULE_SCALE).to_pil().convert("L")
        dark = image.point(lambda v: 255 * (v < 110))
        per_mm = RULE_SCALE * MM
        found = []
        for y in range(dark.height):
            for left, right in _runs(dark.crop((0, y, dark.width, y + 1)).tobytes()):
                if right - left >= least_mm * per_mm:
                    found.append(Rule(y / per_mm, left / per_mm, right / per_mm))
        return found

    def lines(self):
        """Return the lines of Han text between the margins, as lists of boxes, top down."""
        rows = defaultdict(list)
        for character, left, top, right, bottom in self.characters:
            if "一" <= character <= "鿿" and top < PAGE_HEIGHT_MM - 35:
                rows[round((top + bottom) / 2 / 10.227 - 0.12)].append((left, top, right, bottom))
        return [rows[key] for key in sorted(rows)]


def _runs(row):
    """Return (start, end) of each stretch of ink in a row of pixels."""
    return [found.span() for found in re.finditer(rb"\xff+", row)]
