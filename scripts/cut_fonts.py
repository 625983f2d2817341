"""Cut the fonts that documents embed: renamed TrueType subsets of freely licensed Chinese fonts.

Run on Debian 12 with the packages ``fonts-noto-cjk``, ``fonts-noto-cjk-extra``,
``fonts-lxgw-wenkai`` and ``unicode-data``; the same sources give the same bytes.  The result lies
in ``static/fonts``.

Why TrueType: a subset CFF font embeds right only where CID equals GID, and otherwise loses glyphs
while text extraction still looks right.  Why renamed: the OFL's reserved font names.
"""

import bz2
import lzma
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable

FONTS = Path("/usr/share/fonts")
UNIHAN = Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2")
TARGET = Path(__file__).resolve().parent.parent / "static" / "fonts"
VERSION = "1.000"
EPOCH = 3_850_000_000  # seconds since 1904: a fixed day, so that the bytes repeat
KEEP_TABLES = {"GlyphOrder", "head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "loca", "glyf", "name"}
MAX_ERROR_EM = 0.0015  # how far a quadratic curve may lie from the cubic one

# Beyond the two character tables: what bureaus type.  Ranges are inclusive.
EXTRA_RANGES = (
    (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x17F), (0x1CD, 0x1DC), (0x1F8, 0x1F9), (0x251, 0x251),
    (0x261, 0x261), (0x2C6, 0x2C9), (0x391, 0x3C9), (0x2010, 0x2016), (0x2018, 0x201F),
    (0x2020, 0x2022), (0x2025, 0x2026), (0x2030, 0x2033), (0x203B, 0x203B), (0x2070, 0x208E),
    (0x20AC, 0x20AC), (0x2103, 0x2103), (0x2109, 0x2109), (0x2116, 0x2116), (0x2121, 0x2122),
    (0x2150, 0x215F), (0x2160, 0x216B), (0x2170, 0x217B), (0x2190, 0x2199), (0x2200, 0x22FF),
    (0x2460, 0x249B), (0x24B6, 0x24FF), (0x2500, 0x254B), (0x25A0, 0x25CF), (0x25EF, 0x25EF),
    (0x2605, 0x2606), (0x2610, 0x2612), (0x2640, 0x2642), (0x2713, 0x2717), (0x3000, 0x301F),
    (0x3021, 0x3029), (0x3041, 0x3093), (0x30A1, 0x30FE), (0x3105, 0x3129), (0x3220, 0x3229),
    (0x3231, 0x3232), (0x3251, 0x325F), (0x32B1, 0x32BF), (0x338E, 0x338F), (0x339C, 0x33A1),
    (0x33C4, 0x33C4), (0x33CE, 0x33CE), (0x33D1, 0x33D2), (0x33D5, 0x33D5), (0xFF01, 0xFF5E),
    (0xFFE0, 0xFFE5), (0xFFFD, 0xFFFD),
)  # fmt: skip
WIDE = "—·“”‘’"
CLOSING = "、。，．）〕］｝】〗」』》〉〞：；！？”’"
OPENING = "（〔［｛【〖「『《〈〝“‘"


@dataclass(frozen=True)
class Cut:
    """One font to cut: our family and weight, the source file, and its face inside a collection."""

    file: str
    family: str
    style: str
    weight: int
    source: str
    face: str | None = None


CUTS = (
    Cut("MingchaSong-Regular", "Mingcha Song", "Regular", 400,
        "opentype/noto/NotoSerifCJK-Regular.ttc", "Noto Serif CJK SC"),
    Cut("MingchaSong-Bold", "Mingcha Song", "Bold", 700,
        "opentype/noto/NotoSerifCJK-Bold.ttc", "Noto Serif CJK SC Bold"),
    Cut("MingchaHei-Medium", "Mingcha Hei", "Medium", 500,
        "opentype/noto/NotoSansCJK-Medium.ttc", "Noto Sans CJK SC Medium"),
    Cut("MingchaKai-Regular", "Mingcha Kai", "Regular", 400,
        "truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf"),
)  # fmt: skip


def gb2312() -> Iterator[int]:
    """Yield every character of GB 2312, symbols and both levels of Han."""
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield ord(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue


def standard_characters() -> Iterator[int]:
    """Yield the 8,105 characters of 通用规范汉字表 (2013), which Unihan marks as kTGH."""
    with bz2.open(UNIHAN, "rt", encoding="utf-8") as lines:
        for line in lines:
            if "\tkTGH\t2013:" in line:
                yield int(line.split("\t", 1)[0][2:], 16)


def wanted() -> set[int]:
    """Return the code points every cut aims at; a font keeps those that it has."""
    extra = (code for low, high in EXTRA_RANGES for code in range(low, high + 1))
    return {*gb2312(), *standard_characters(), *extra}


def opened(cut: Cut) -> TTFont:
    """Open the source; in a collection, the face that is drawn the mainland way."""
    path = FONTS / cut.source
    if cut.face is None:
        return TTFont(path, recalcTimestamp=False)
    for number, font in enumerate(TTCollection(path).fonts):
        if font["name"].getDebugName(4) == cut.face:
            return TTFont(path, fontNumber=number, recalcTimestamp=False)
    raise SystemExit(f"{path}: no face called {cut.face}")


def widen(font: TTFont) -> None:
    """Give dash, dot and quotes their full width, where the font draws one (feature ``fwid``)."""
    if "GSUB" not in font:
        return
    table = font["GSUB"].table
    numbers = {
        number
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == "fwid"
        for number in record.Feature.LookupListIndex
    }
    wide: dict[str, str] = {}
    for number in numbers:
        for part in table.LookupList.Lookup[number].SubTable:
            wide |= getattr(part, "ExtSubTable", part).mapping
    for mapping in font["cmap"].tables:
        for code in map(ord, WIDE):
            name = mapping.cmap.get(code) if mapping.isUnicode() else None
            if name in wide:
                mapping.cmap[code] = wide[name]


def reduce(font: TTFont, codes: set[int]) -> None:
    """Keep the wanted characters, without hints and without layout rules."""
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = True
    options.notdef_outline = True
    options.name_IDs = [0, 7, 13, 14]
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG", "FFTM"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)


def to_truetype(font: TTFont) -> None:
    """Redraw CFF outlines as quadratic ones."""
    glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
    error = MAX_ERROR_EM * font["head"].unitsPerEm
    drawn = {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, error, reverse_direction=True))
        drawn[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, drawn
    del font["CFF "]
    font.sfntVersion = "\x00\x01\x00\x00"
    maxp = font["maxp"] = newTable("maxp")
    maxp.tableVersion, maxp.numGlyphs = 0x00010000, len(order)
    for name in ("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs",
                 "maxInstructionDefs", "maxStackElements", "maxSizeOfInstructions",
                 "maxComponentElements", "maxPoints", "maxContours", "maxCompositePoints",
                 "maxCompositeContours", "maxComponentDepth"):  # fmt: skip
        setattr(maxp, name, 0)
    maxp.maxZones = 1


def pad_marks(font: TTFont) -> None:
    """Set narrow quotes and dots in a full square, as the other fonts have them."""
    em, cmap = font["head"].unitsPerEm, font.getBestCmap()
    for mark in WIDE:
        name = cmap.get(ord(mark))
        if name is None or font["hmtx"][name][0] >= em:
            continue
        width, left = font["hmtx"][name]
        glyph, gap = font["glyf"][name], em - width
        shift = gap if mark in OPENING else 0 if mark in CLOSING else gap // 2
        glyph.coordinates.translate((shift, 0))
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = (em, left + shift)


def squeeze_punctuation(font: TTFont) -> None:
    """Take the empty halves out between neighbouring full-width marks (标点挤压), as kerning."""
    em, cmap, glyphs = font["head"].unitsPerEm, font.getBestCmap(), font.getGlyphSet()

    def halves(marks: str, *, left: bool) -> str:
        kept = []
        for mark in marks:
            name, pen = cmap.get(ord(mark)), BoundsPen(glyphs)
            if name is None or font["hmtx"][name][0] != em:
                continue
            glyphs[name].draw(pen)
            low, _, high, _ = pen.bounds
            if (high <= em * 0.56) if left else (low >= em * 0.44):
                kept.append(name)
        return " ".join(kept)

    half = em // 2
    addOpenTypeFeaturesFromString(
        font,
        f"""languagesystem DFLT dflt; languagesystem hani dflt; languagesystem latn dflt;
        @closing = [{halves(CLOSING, left=True)}]; @opening = [{halves(OPENING, left=False)}];
        feature kern {{ pos @closing @closing -{half}; pos @closing @opening -{half};
                        pos @opening @opening -{half}; }} kern;""",
    )


def rename(font: TTFont, cut: Cut) -> None:
    """Give the font our name; copyright and licence stay as they were."""
    names = font["name"]
    kept = {i: names.getDebugName(i) for i in (0, 7, 13, 14)}
    names.names = []
    full = f"{cut.family} {cut.style}"
    new = {
        1: cut.family if cut.style in ("Regular", "Bold") else full,
        2: cut.style if cut.style in ("Regular", "Bold") else "Regular",
        3: f"{VERSION};{cut.file}",
        4: full,
        5: f"Version {VERSION}",
        6: cut.file,
        10: f"A subset of {cut.face or 'LXGW WenKai'}, renamed.",
        16: cut.family,
        17: cut.style,
    }
    for number, text in {**kept, **new}.items():
        if text:
            names.setName(text, number, 3, 1, 0x409)
    os2 = font["OS/2"]
    os2.usWeightClass, os2.fsType, os2.achVendID = cut.weight, 0, "MCHA"
    os2.fsSelection = 0x20 if cut.style == "Bold" else 0x40
    font["head"].macStyle = 1 if cut.style == "Bold" else 0
    font["head"].created = font["head"].modified = EPOCH


def packed(path: Path) -> bytes:
    """Compress as tightly as xz can."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 3, "pb": 0}]
    return lzma.compress(path.read_bytes(), format=lzma.FORMAT_XZ, filters=filters)


def ranges(codes: set[int]) -> str:
    """Write code points as lines of hexadecimal ranges, both ends included."""
    lines, codes_sorted = [], sorted(codes)
    start = previous = codes_sorted[0]
    for code in [*codes_sorted[1:], sys.maxsize]:
        if code != previous + 1:
            lines.append(f"{start:X}" if start == previous else f"{start:X}-{previous:X}")
            start = code
        previous = code
    return "\n".join(lines) + "\n"


def make(cut: Cut, codes: set[int]) -> set[int]:
    """Cut one font and write it, plain for a moment and then packed; return what it covers."""
    font = opened(cut)
    widen(font)
    reduce(font, codes)
    if "CFF " in font:
        to_truetype(font)
    rename(font, cut)
    for tag in set(font.keys()) - KEEP_TABLES:
        del font[tag]
    font["post"] = post = newTable("post")
    post.formatType, post.italicAngle, post.isFixedPitch = 3.0, 0, 0
    post.underlinePosition, post.underlineThickness = -100, 50
    post.minMemType42 = post.maxMemType42 = post.minMemType1 = post.maxMemType1 = 0
    pad_marks(font)
    squeeze_punctuation(font)
    plain = TARGET / f"{cut.file}.ttf"
    font.save(plain)
    (TARGET / f"{cut.file}.ttf.xz").write_bytes(packed(plain))
    missing = sorted(codes - set(font.getBestCmap()))
    sys.stdout.write(
        f"{cut.file}: {len(font.getBestCmap())} characters, {plain.stat().st_size >> 10} KiB, "
        f"packed {(TARGET / f'{cut.file}.ttf.xz').stat().st_size >> 10} KiB, "
        f"without {len(missing)}: {''.join(map(chr, missing))[:60]}\n"
    )
    plain.unlink()
    return set(font.getBestCmap())


def main() -> None:
    """Cut all fonts, and write down which characters they cover between them."""
    TARGET.mkdir(parents=True, exist_ok=True)
    codes = wanted()
    covered = set().union(*(make(cut, codes) for cut in CUTS))
    (TARGET / "coverage.txt").write_text(ranges(covered), encoding="ascii")


if __name__ == "__main__":
    main()
