"""Whether paper can show a character: a font that lacks one prints a box, and says nothing.

Ours cover GB 2312, 通用规范汉字 and the usual symbols.  Rarer Han characters come from Debian's
Noto CJK fonts where they are installed.  What neither has, emoji among them, is refused by name.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTCollection

from webapp.core.config import ROOT
from webapp.core.errors import N_, Invalid

COVERAGE = ROOT / "static/fonts/coverage.txt"
# The families that the style sheets name as fallback, in the same order.
FALLBACK = (
    Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
)
LAYOUT = frozenset(map(ord, "\n\r\t"))


def unprintable(text: str) -> list[str]:
    """Return the characters that a document could not show, each once, in order."""
    if _ours().issuperset(text):
        return []
    strange = dict.fromkeys(character for character in text if character not in _ours())
    return [character for character in strange if ord(character) not in _fallback_coverage()]


def spans() -> str:
    """Return what documents can show, for the phone (js/fill/glyphs.js): spans of code points.

    Each is ``<gap>-<more>`` in hex: how far after the last one it begins, and how many follow.
    """
    found: list[list[int]] = []
    for code in sorted(coverage() | LAYOUT | _fallback_coverage()):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    ends = [0, *(last for _, last in found)]
    return " ".join(
        f"{first - end:x}" + (f"-{last - first:x}" if last > first else "")
        for (first, last), end in zip(found, ends, strict=False)
    )


def fonts() -> str:
    """Return what tells one machine's choice of fonts from another's, without reading them."""
    sizes = [path.stat().st_size if path.exists() else 0 for path in FALLBACK]
    return f"{COVERAGE.read_text(encoding='ascii')}{sizes}"


def check(strings: Iterable[tuple[str, str]]) -> None:
    """Refuse the first text, of pairs (field, text), that has an unprintable character.

    :raises Invalid: ``params`` name the ``field``, the ``character`` and its ``codepoint``.
    """
    for field, text in strings:
        for character in unprintable(text):
            raise Invalid(
                N_("“%(field)s”里的字符“%(character)s”（%(codepoint)s）无法印到文书上"),
                code="unprintable",
                field=field,
                character=character if _visible(character) else "\N{REPLACEMENT CHARACTER}",
                codepoint=f"U+{ord(character):04X}",
                remedy=N_("请删去这个字符，或换一个写法。表情符号不能写入文书。"),
            )


def _visible(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CMZ"


@cache
def coverage() -> frozenset[int]:
    """Return the code points that our own fonts can print between them."""
    codes: set[int] = set()
    for line in COVERAGE.read_text(encoding="ascii").splitlines():
        low, _, high = line.partition("-")
        codes.update(range(int(low, 16), int(high or low, 16) + 1))
    return frozenset(codes)


@cache
def _ours() -> frozenset[str]:
    """Return the characters that our own fonts can print, or that lay the text out."""
    return frozenset(map(chr, coverage() | LAYOUT))


@cache
def _fallback_coverage() -> frozenset[int]:
    """Return what the system's fonts add; read once, and only when something rare turns up."""
    codes: set[int] = set()
    for path in FALLBACK:
        if path.exists():
            with TTCollection(path, lazy=True) as fonts:
                codes.update(fonts.fonts[2].getBestCmap())
    return frozenset(codes)
