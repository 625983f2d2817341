"""The shipped fonts: unpacked once, whole, and covering what they say."""

import lzma
import multiprocessing
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont

from webapp.core import glyphs
from webapp.documents import fonts


@pytest.fixture(scope="module", params=fonts.FACES, ids=lambda face: face.stem)
def font(request):
    packed = (fonts.SHIPPED / f"{request.param.stem}.ttf.xz").read_bytes()
    return TTFont(BytesIO(lzma.decompress(packed)))


def gb2312():
    pairs = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return {ord(c) for pair in pairs if (c := pair.decode("gb2312", "ignore"))}


def test_every_face_has_all_han_characters_of_gb_2312(font):
    assert gb2312() <= set(font.getBestCmap())


def test_every_face_has_truetype_outlines_and_our_own_name(font):
    assert "glyf" in font
    names = " ".join(str(record) for record in font["name"].names)
    assert font["name"].getDebugName(1).startswith("Mingcha ")
    assert "SIL Open Font License" in names
    assert "LXGW" not in font["name"].getDebugName(4)


def test_every_face_may_be_embedded(font):
    assert font["OS/2"].fsType == 0


@pytest.mark.parametrize("pair", ["）、", "。）", "》《", "（《", "，”"])
def test_neighbouring_marks_are_kerned_together(font, pair):
    rule = font["GPOS"].table.LookupList.Lookup[0].SubTable
    first, second = (font.getBestCmap()[ord(mark)] for mark in pair)
    values = []
    for table in rule:
        if first in table.Coverage.glyphs:
            left = table.ClassDef1.classDefs.get(first, 0)
            right = table.ClassDef2.classDefs.get(second, 0)
            value = table.Class1Record[left].Class2Record[right].Value1
            values.append(value.XAdvance if value else 0)
    assert min(values) == -500


def test_the_shipped_fonts_are_small():
    assert sum(p.stat().st_size for p in fonts.SHIPPED.glob("*.ttf.xz")) < 7_500_000


def test_the_licence_travels_with_them():
    assert "SIL OPEN FONT LICENSE Version 1.1" in (fonts.SHIPPED / "OFL.txt").read_text("utf-8")


def test_the_written_coverage_is_the_fonts_own():
    covered = set()
    for face in fonts.FACES:
        packed = (fonts.SHIPPED / f"{face.stem}.ttf.xz").read_bytes()
        covered |= set(TTFont(BytesIO(lzma.decompress(packed))).getBestCmap())
    assert glyphs.coverage() == covered


def test_unpacking_twice_changes_nothing(tmp_path):
    first = fonts.unpack(tmp_path)
    stamps = {file: file.stat().st_mtime_ns for _, _, file in first.files}
    assert fonts.unpack(tmp_path) == first
    assert {file: file.stat().st_mtime_ns for _, _, file in first.files} == stamps


def test_two_processes_may_unpack_at_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=fonts.unpack, args=(tmp_path,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(list((tmp_path / "fonts").iterdir())) == len(fonts.FACES)


def test_the_offices_own_fonts_come_in_by_family(tmp_path):
    licensed = tmp_path / "office.ttf"
    found = fonts.unpack(tmp_path, fangsong=licensed, biaosong=licensed)
    assert ("Mingcha Fangsong", 400, licensed) in found.files
    assert '"Mingcha Xiaobiaosong"; font-weight: 700' in found.css()
