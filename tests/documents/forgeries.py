"""Whole families of forgeries, each made anew from our own signed files by a seed.

The names are those of the literature on PDF signatures: universal signature forgery (USF),
incremental saving (ISA), signature wrapping (SWA), shadow attacks, evil annotation (EAA) and
sneaky signature (SSA) attacks on certified files.
"""

import random
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp

import pikepdf
from asn1crypto.algos import SignedDigestAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA1
from pikepdf import Array, Dictionary, Name
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from tests.documents import tampering
from tests.documents.tampering import bureau, impostor, seal, signed, unsigned
from webapp.documents import keys, signing, writing

NUMBERS = 5  # different documents that the seeds choose from


def base(seed: int) -> bytes:
    return signed(seed % NUMBERS + 1)


def flipped(seed: int) -> bytes:
    return tampering.flip(base(seed), seed)


def universal(seed: int) -> bytes:
    return tampering.usf(base(seed), seed % tampering.USF_VARIANTS)


def saved_over(seed: int) -> bytes:
    """ISA, variant 1: a proper update that paints something new on a page."""
    choice = random.Random(seed)
    writer = tampering._writer(base(seed))
    page = writer.root["/Pages"]["/Kids"][choice.randrange(2)]
    page[pdf_name("/Contents")] = paint(writer, choice)
    writer.update_container(page)
    return tampering._written(writer)


def saved_without_table(seed: int) -> bytes:
    """ISA, variants 2 and 3: replaced objects, with half an ending or none."""
    attack = (tampering.bare_update, tampering.objects_only)[seed % 2]
    return attack(base(seed)) + b"\n" * seed


def saved_with_signature(seed: int) -> bytes:
    """ISA, variant 4: the old signature brought along as the update's own."""
    return tampering.copied_signature(saved_over(seed)) + b"\n" * seed


def wrapped(seed: int) -> bytes:
    """SWA: the second signed part moved back, and our own objects in the gap.

    The signed bytes are the same, so a reader that believes the byte range finds them intact.
    """
    pdf = base(seed)
    first, second = tampering._gap(pdf)
    table = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    with pikepdf.open(BytesIO(pdf)) as document:
        value = document.Root.AcroForm.Fields[0].V.objgen[0]
        content = document.pages[seed % 2].obj.Contents
        if isinstance(content, Array):
            content = content[0]
        number, size = content.objgen[0], int(document.trailer.Size)
        root = document.trailer.Root.objgen[0]
    new = b"1 %d 0 rg 50 500 400 200 re f" % (seed % 2)
    stream = b"%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (number, len(new), new)
    start = second + 2 * table  # beyond everything the old table points to
    moved = b"/ByteRange [0 %d %d %d]" % (first, start, len(pdf) - second)
    seal_ = b"%d 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached" % value
    seal_ += moved + b"/Contents " + pdf[first:second] + b">>\nendobj\n"
    objects_at = table + 2000
    places = {
        int(found[1]): int(found.start()) + start - second
        for found in re.compile(rb"(?<=\n)(\d+) 0 obj\b").finditer(pdf, second)
    }  # what came after the signature has moved along
    places |= {number: objects_at, value: objects_at + len(stream)}
    xref = b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % pair for pair in places.items())
    moved_table = start + table - second
    xref += b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (size, root, moved_table)
    gap = b"\n" * (table - second) + xref
    gap += b"\n" * (objects_at - second - len(gap)) + stream + seal_
    gap += b"\n" * (start - second - len(gap))
    return pdf[:second] + gap + pdf[second:]


def shadow(prepare: Callable[[pikepdf.Pdf, random.Random], None], seed: int) -> bytes:
    """A file prepared by the author, then sealed by us in good faith."""
    with pikepdf.open(BytesIO(unsigned(seed % NUMBERS + 1))) as document:
        prepare(document, random.Random(seed))
        return seal(tampering._saved(document), bureau())


def shadow_hide(seed: int) -> bytes:
    """The signers saw a cover; it is taken away."""

    def cover(document: pikepdf.Pdf, choice: random.Random) -> None:
        look = document.make_stream(b"0.9 g 0 0 500 200 re f")
        look.Type, look.Subtype = Name.XObject, Name.Form
        look.BBox = Array([0, 0, 500, 200])
        bottom = choice.randrange(300, 600)
        note = Dictionary(
            Type=Name.Annot, Subtype=Name.Stamp, F=4, Rect=[40, bottom, 540, bottom + 200],
            AP=Dictionary(N=look), Contents="封面",
        )  # fmt: skip
        document.pages[0].obj.Annots = Array([document.make_indirect(note)])

    writer = tampering._writer(shadow(cover, seed))
    page = writer.root["/Pages"]["/Kids"][0]
    del page["/Annots"][0]
    writer.update_container(page["/Annots"])
    writer.update_container(page)
    return tampering._written(writer)


def shadow_replace(seed: int) -> bytes:
    """The words stay, what draws them is replaced: a picture form, or a font."""
    if seed % 2:
        return tampering.replace_font(base(seed))

    def dress(document: pikepdf.Pdf, choice: random.Random) -> None:
        form = document.make_stream(b"0.2 g 0 0 %d 20 re f" % choice.randrange(50, 300))
        form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 400, 40])
        document.pages[0].obj.Resources.XObject = Dictionary(Sum=form)
        document.pages[0].contents_add(document.make_stream(b"q 1 0 0 1 60 700 cm /Sum Do Q"))

    writer = tampering._writer(shadow(dress, seed))
    resources = writer.root["/Pages"]["/Kids"][0]["/Resources"]
    resources["/XObject"][pdf_name("/Sum")] = paint(writer, random.Random(seed), form=True)
    writer.update_container(resources["/XObject"])
    return tampering._written(writer)


def shadow_hide_and_replace(seed: int) -> bytes:
    """A second document hides inside; an update turns the catalogue towards it."""

    def hide(document: pikepdf.Pdf, choice: random.Random) -> None:
        content = document.make_stream(b"1 0 0 rg 50 %d 400 99 re f" % choice.randrange(100, 700))
        page = Dictionary(Type=Name.Page, MediaBox=[0, 0, 595, 842], Resources=Dictionary(),
                          Contents=content)  # fmt: skip
        page = document.make_indirect(page)
        pages = document.make_indirect(Dictionary(Type=Name.Pages, Kids=[page], Count=1))
        page.Parent = pages
        document.Root.PieceInfo = Dictionary(Other=Dictionary(Private=pages))

    writer = tampering._writer(shadow(hide, seed))
    hidden = writer.root["/PieceInfo"]["/Other"].raw_get("/Private")
    writer.root[pdf_name("/Pages")] = hidden
    writer.update_root()
    return tampering._written(writer)


def evil_annotation(seed: int) -> bytes:
    """EAA: annotations that a certified file might be thought to allow."""
    kinds = ("/Stamp", "/FreeText", "/Ink", "/Square", "/Redact", "/Highlight", "/Line")
    return tampering.add_annotation(base(seed), kinds[seed % len(kinds)]) + b"\n" * seed


def sneaky_signature(seed: int) -> bytes:
    """SSA: a stranger's approval over a certified file."""
    return tampering.signed_again(base(seed))


def stripped(seed: int) -> bytes:
    return (tampering.strip, tampering.strip_all)[seed % 2](base(seed))


def foreign(seed: int) -> bytes:
    """Signed by an authority that somebody made for himself."""
    return seal(unsigned(seed % NUMBERS + 1), stranger(seed % 3), reason=f"督查 {seed}")


def resigned(seed: int) -> bytes:
    """Changed, and signed again by a root, and a seal, with our very names."""
    with pikepdf.open(BytesIO(unsigned(seed % NUMBERS + 1))) as document:
        document.pages[0].contents_add(document.make_stream(b"1 g 50 %d 400 9 re f" % (600 + seed)))
        return seal(tampering._saved(document), impostor())


def weak(seed: int) -> bytes:
    """Our own key over SHA-1."""
    return with_sha1(unsigned(seed % NUMBERS + 1))


def more_pages(seed: int) -> bytes:
    pdf = base(seed)
    for _ in range(seed % 3 + 1):
        pdf = tampering.add_page(pdf)
    return pdf


def truncated(seed: int) -> bytes:
    return tampering.truncate(base(seed), seed)


def appended(seed: int) -> bytes:
    return tampering.append_bytes(base(seed), seed)


def garbled(seed: int) -> bytes:
    return tampering.garble_signature(base(seed), seed)


def active(seed: int) -> bytes:
    """A script or a program added after the seal."""
    return (tampering.add_script, tampering.add_attachment)[seed % 2](base(seed)) + b"\n" * seed


def empty(_: int) -> bytes:
    return b""


_strangers: dict[int, keys.Keys] = {}


def stranger(number: int) -> keys.Keys:
    if number not in _strangers:
        folder = Path(mkdtemp()) / "keys"
        name = f"邻县第{number + 1}局"
        _strangers[number] = keys.open_keys(folder, organisation=name, at=tampering.AT_OF_KEYS)
    return _strangers[number]


def with_sha1(pdf: bytes) -> bytes:
    """Sign with the bureau's key and SHA-1, which no current signer would do."""

    class Careless(writing.CustodianSigner):
        async def async_sign_raw(
            self, data: bytes, digest_algorithm: str, dry_run: bool = False
        ) -> bytes:
            assert digest_algorithm == "sha1"
            return bytes(72) if dry_run else bureau().custodian.key.sign(data, ec.ECDSA(SHA1()))

    signer = Careless(bureau())
    signer._signature_mechanism = SignedDigestAlgorithm({"algorithm": "sha1_ecdsa"})
    meta = signing.PdfSignatureMetadata(
        field_name=signing.FIELD, md_algorithm="sha1", certify=True,
        docmdp_permissions=signing.MDPPerm.NO_CHANGES,
        subfilter=signing.SigSeedSubFilter.PADES,
    )  # fmt: skip
    place = signing.Place(signing.FIELD, "印", None)
    job = signing._Job(pdf, bureau(), meta, tampering.AT, lambda w: signing._add(w, place), signer)
    return job.run(None, "B-B")


def paint(writer: object, choice: random.Random, *, form: bool = False) -> object:
    x, y = choice.randrange(20, 300), choice.randrange(50, 700)
    stream = generic.StreamObject(stream_data=b"1 %d 0 rg %d %d 150 60 re f" % (x % 2, x, y))
    if form:
        stream[pdf_name("/Type")] = pdf_name("/XObject")
        stream[pdf_name("/Subtype")] = pdf_name("/Form")
        stream[pdf_name("/BBox")] = tampering._object([0, 0, 600, 850])
    return writer.add_object(stream)
