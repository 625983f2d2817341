"""Sample documents, and what people do to signed ones: each attack takes bytes and gives bytes."""

import random
import re
import warnings
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import HTTPTimeStamper
from weasyprint import HTML

from webapp.documents import keys, signing, writing
from webapp.documents.keys import Keys

BUREAU = "示例县自然资源局"
AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
BOX = (0, 300.0, 100.0, 450.0, 160.0)
PAGE = """<html lang="zh-CN"><meta charset="utf-8"><title>督查反馈意见书</title>
<style>h2 {{ break-before: page }}</style>
<h1>督查反馈意见书</h1><p>第 {number} 号：公务用车登记 12 次，与派车单一致。</p>
<h2>附件</h2><p>现场检查记录一份。</p></html>"""
CATALOG = re.compile(rb"/Type\s*/Catalog")


@cache
def unsigned(number: int = 1, *, tagged: bool = True) -> bytes:
    """A two-page document, as the product renders them: tagged PDF/A-3."""
    variant = "pdf/a-3a" if tagged else None
    page = PAGE.format(number=number)
    with warnings.catch_warnings():  # WeasyPrint leaves its colour profile open
        warnings.simplefilter("ignore", ResourceWarning)
        return bytes(HTML(string=page).write_pdf(pdf_variant=variant, pdf_tags=tagged))


@cache
def bureau() -> Keys:
    """The keys of the bureau, made once for all tests of one process."""
    return keys.open_keys(Path(mkdtemp()) / "keys", organisation=BUREAU, at=AT_OF_KEYS)


@cache
def impostor() -> Keys:
    """Somebody else's keys under the same names."""
    return keys.open_keys(Path(mkdtemp()) / "keys", organisation=BUREAU, at=AT_OF_KEYS)


AT_OF_KEYS = datetime.now(UTC)


@cache
def signed(number: int = 1) -> bytes:
    """The document with the bureau's visible seal."""
    return seal(unsigned(number), bureau())


def seal(pdf: bytes, by: Keys, **options: object) -> bytes:
    """Sign with somebody's keys."""
    settings = {"at": AT, "reason": "督查文书", "location": "示例县", "box": BOX} | options
    return signing.sign(pdf, by, **settings).pdf


def flip(pdf: bytes, seed: int) -> bytes:
    """One bit somewhere in what is signed."""
    first, second = _gap(pdf)
    place = random.Random(seed).choice([*range(20, first, 7), *range(second, len(pdf) - 40, 7)])
    return pdf[:place] + bytes([pdf[place] ^ 1 << seed % 8]) + pdf[place + 1 :]


def append_bytes(pdf: bytes, seed: int = 0) -> bytes:
    """Bytes after the end, too few to be an update."""
    return pdf + random.Random(seed).randbytes(1 + 37 * seed)


def truncate(pdf: bytes, seed: int) -> bytes:
    """A download that broke off."""
    return pdf[: random.Random(seed).randrange(10, len(pdf) - 1)]


def cut_back(_: bytes) -> bytes:
    """The state before the seal."""
    return unsigned()


def add_page(pdf: bytes) -> bytes:
    """A page more, by incremental update (EAA, appended pages)."""
    writer = _writer(pdf)
    pages = writer.root["/Pages"]
    page = writer.add_object(
        _dictionary(Type="/Page", MediaBox=[0, 0, 595, 842], Resources={}, Contents=_paint(writer))
    )
    page.get_object()[pdf_name("/Parent")] = writer.root.raw_get("/Pages")
    pages["/Kids"].append(page)
    pages[pdf_name("/Count")] = generic.NumberObject(int(pages["/Count"]) + 1)
    writer.update_container(pages)
    return _written(writer)


def remove_page(pdf: bytes) -> bytes:
    """The last page hidden by incremental update."""
    writer = _writer(pdf)
    pages = writer.root["/Pages"]
    del pages["/Kids"][-1]
    pages[pdf_name("/Count")] = generic.NumberObject(int(pages["/Count"]) - 1)
    writer.update_container(pages)
    return _written(writer)


def add_annotation(pdf: bytes, subtype: str = "/Stamp") -> bytes:
    """An opaque stamp over the text, by incremental update."""
    writer = _writer(pdf)
    page = writer.root["/Pages"]["/Kids"][0]
    note = _dictionary(
        Type="/Annot", Subtype=subtype, Rect=[50, 500, 500, 700], F=4, Contents="合格",
        AP={"N": _paint(writer, form=True)},
    )  # fmt: skip
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page["/Annots"])
    writer.update_container(page)
    return _written(writer)


def overlay(pdf: bytes) -> bytes:
    """The page's content replaced by incremental update (ISA, shadow replace)."""
    writer = _writer(pdf)
    page = writer.root["/Pages"]["/Kids"][0]
    page[pdf_name("/Contents")] = _paint(writer)
    writer.update_container(page)
    return _written(writer)


def replace_font(pdf: bytes) -> bytes:
    """A font program swapped, so that other words appear (shadow replace)."""
    writer = _writer(pdf)
    fonts = writer.root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]
    descriptor = next(iter(fonts.values())).get_object()["/DescendantFonts"][0]["/FontDescriptor"]
    entry = next(key for key in descriptor if key.startswith("/FontFile"))
    descriptor[pdf_name(entry)] = writer.add_object(generic.StreamObject(stream_data=b"other"))
    writer.update_container(descriptor)
    return _written(writer)


def swap_metadata(pdf: bytes) -> bytes:
    """The title in the document information replaced."""
    writer = _writer(pdf)
    info = writer.trailer["/Info"]
    info[pdf_name("/Title")] = generic.pdf_string("另一份")
    writer.update_container(info)
    return _written(writer)


def add_attachment(pdf: bytes) -> bytes:
    """A file attached by incremental update."""
    writer = _writer(pdf)
    stream = generic.StreamObject({pdf_name("/Type"): pdf_name("/EmbeddedFile")}, stream_data=b"MZ")
    spec = _dictionary(Type="/Filespec", F="a.exe", UF="a.exe", EF={})
    spec["/EF"][pdf_name("/F")] = writer.add_object(stream)
    names = generic.ArrayObject([generic.pdf_string("a.exe"), writer.add_object(spec)])
    writer.root[pdf_name("/Names")] = _dictionary(EmbeddedFiles={"Names": names})
    writer.update_root()
    return _written(writer)


def add_script(pdf: bytes) -> bytes:
    """A script that runs on opening, by incremental update."""
    writer = _writer(pdf)
    action = _dictionary(Type="/Action", S="/JavaScript", JS="app.alert(1)")
    writer.root[pdf_name("/OpenAction")] = writer.add_object(action)
    writer.update_root()
    return _written(writer)


def bare_update(pdf: bytes) -> bytes:
    """Replaced objects without cross-reference table or trailer (ISA, variant 2)."""
    return pdf + _redefined_catalog(pdf) + b"\nstartxref\n0\n%%EOF\n"


def objects_only(pdf: bytes) -> bytes:
    """Replaced objects and nothing after them (ISA, variant 3)."""
    return pdf + _redefined_catalog(pdf)


def copied_signature(pdf: bytes) -> bytes:
    """An update that brings the old signature along as its own (ISA, variant 4; SWA)."""
    writer = _writer(overlay(pdf))
    field = writer.root["/AcroForm"]["/Fields"][0]
    value = field["/V"]
    copy = generic.DictionaryObject({key: value.raw_get(key) for key in value})
    field[pdf_name("/V")] = writer.add_object(copy)
    writer.update_container(field)
    return _written(writer)


def signed_again(pdf: bytes) -> bytes:
    """A second signature by a stranger over a certified document (SSA)."""
    writer = _writer(pdf)
    meta = signing.PdfSignatureMetadata(
        field_name="Approval", md_algorithm="sha256", subfilter=signing.SigSeedSubFilter.PADES
    )

    class Careless(writing.QuietSigner):
        def _enforce_certification_constraints(self, reader: object) -> None:
            return

    signer = Careless(meta, signer=writing.CustodianSigner(impostor()))
    output = signer.sign_pdf(writer)
    return bytes(output.getvalue())


def stamped_by(pdf: bytes, authority: object) -> bytes:
    """A timestamp over the whole file, by whoever sells one."""
    stamper = PdfTimeStamper(HTTPTimeStamper(authority.url), field_name="Stamp")
    return bytes(stamper.timestamp_pdf(_writer(pdf), "sha256").getvalue())


def strip(pdf: bytes) -> bytes:
    """The signature value removed, the empty field left."""
    with pikepdf.open(BytesIO(pdf)) as document:
        del document.Root.AcroForm.Fields[0]["/V"]
        del document.Root["/Perms"]
        return _saved(document)


def strip_all(pdf: bytes) -> bytes:
    """Signature, field and widget removed: a plain copy."""
    with pikepdf.open(BytesIO(pdf)) as document:
        del document.Root["/AcroForm"]
        del document.Root["/Perms"]
        for page in document.pages:
            if "/Annots" in page:
                del page["/Annots"]
        return _saved(document)


def rewrite(pdf: bytes) -> bytes:
    """Opened and saved by another program."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return _saved(document)


def foreign_root(_: bytes) -> bytes:
    """The same text, signed by a self-made root with the same names."""
    return seal(unsigned(), impostor())


def zero_signature(pdf: bytes) -> bytes:
    """The signature's bytes all zero."""
    first, second = _gap(pdf)
    return pdf[: first + 1] + b"0" * (second - first - 2) + pdf[second - 1 :]


def garble_signature(pdf: bytes, seed: int = 0) -> bytes:
    """Some of the signature's bytes changed."""
    first, _ = _gap(pdf)
    place = first + 1 + random.Random(seed).randrange(0, 2000)
    digit = b"0" if pdf[place : place + 1] != b"0" else b"1"
    return pdf[:place] + digit + pdf[place + 1 :]


def pad_signature(pdf: bytes) -> bytes:
    """Something hidden in the zeros after the signature."""
    _, second = _gap(pdf)
    return pdf[: second - 21] + b"deadbeef" * 2 + b"0000" + pdf[second - 1 :]


def usf(pdf: bytes, variant: int) -> bytes:
    """The universal signature forgeries: ByteRange or Contents missing, empty or absurd."""
    span = re.search(rb"/ByteRange ?\[[^\]]*\]", pdf)
    first, second = _gap(pdf)
    assert span
    ranges = [
        b"/ByteRange []", b"/ByteRange [0 0 0 0]", b"/ByteRange null", b"/BiteRange [0 1 2 3]",
        b"/ByteRange [0 -1 0 -1]", b"/ByteRange [0 9 99999 9]", b"/ByteRange [(a) /b 0 1]",
        b"/ByteRange [0 1 2 3 4 5]",
    ]  # fmt: skip
    if variant < len(ranges):
        text = ranges[variant].ljust(span.end() - span.start())
        return pdf[: span.start()] + text + pdf[span.end() :]
    contents = [b"null", b"<>", b"<00>", b"()", b"<30>", b"[]"][variant - len(ranges)]
    return pdf[:first] + contents.ljust(second - first) + pdf[second:]


USF_VARIANTS = 14


def _gap(pdf: bytes) -> tuple[int, int]:
    found = re.search(rb"/ByteRange ?\[\s*0 (\d+) (\d+) \d+\s*\]", pdf)
    assert found
    return int(found[1]), int(found[2])


def _writer(pdf: bytes) -> IncrementalPdfFileWriter:
    return IncrementalPdfFileWriter(BytesIO(pdf))


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def _saved(document: pikepdf.Pdf) -> bytes:
    output = BytesIO()
    document.save(output)
    return output.getvalue()


def _paint(writer: IncrementalPdfFileWriter, *, form: bool = False) -> generic.IndirectObject:
    stream = generic.StreamObject(stream_data=b"1 1 0 rg 50 500 450 200 re f")
    if form:
        stream[pdf_name("/Type")] = pdf_name("/XObject")
        stream[pdf_name("/Subtype")] = pdf_name("/Form")
        stream[pdf_name("/BBox")] = _object([50, 500, 500, 700])
    return writer.add_object(stream)


def _redefined_catalog(pdf: bytes) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as document:
        number = document.trailer.Root.objgen[0]
    return b"\n%d 0 obj\n<</Type/Catalog/Pages<</Kids[]/Count 0/Type/Pages>>>>\nendobj\n" % number


def _dictionary(**entries: object) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(f"/{key}"): _object(entries[key]) for key in entries})


def _object(value: object) -> generic.PdfObject:
    if isinstance(value, generic.PdfObject):
        return value
    if isinstance(value, int):
        return generic.NumberObject(value)
    if isinstance(value, list):
        return generic.ArrayObject(_object(each) for each in value)
    if isinstance(value, dict):
        return _dictionary(**value)
    text = str(value)
    return pdf_name(text) if text.startswith("/") else generic.pdf_string(text)
