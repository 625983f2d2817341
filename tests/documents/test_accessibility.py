"""The documents say that they are PDF/UA-1, and the checker fails files that break its clauses."""

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from tests.documents import papers, tampering
from tests.documents.test_render import text_of
from webapp.documents import conformance, fonts, render


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    unpacked = fonts.unpack(tmp_path_factory.mktemp("fonts"))
    return {
        snapshot.kind: render.print_out(snapshot, fonts=unpacked, blobs=papers.blobs)
        for snapshot in (papers.record(), papers.feedback())
    }


@pytest.fixture(scope="module")
def sealed(printed):
    rendered = printed["site_record"]
    seal = rendered.boxes["seal"]
    box = (seal.page, seal.left, seal.bottom, seal.right, seal.top)
    return tampering.seal(rendered.pdf, tampering.bureau(), box=box)


@pytest.mark.parametrize("kind", ["site_record", "feedback"])
def test_both_conformances_hold_before_and_after_the_seal(printed, kind):
    rendered = printed[kind]
    seal = rendered.boxes["seal"]
    box = (seal.page, seal.left, seal.bottom, seal.right, seal.top)
    assert conformance.examine(rendered.pdf) == []
    assert conformance.examine(tampering.seal(rendered.pdf, tampering.bureau(), box=box)) == []
    assert conformance.examine(tampering.seal(rendered.pdf, tampering.bureau(), box=None)) == []


def test_the_metadata_name_both_standards(printed):
    with pikepdf.open(BytesIO(printed["feedback"].pdf)) as document:
        assert document.Root.Metadata.read_bytes().count(b"<rdf:RDF") == 1
        with document.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
            assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"


def without_artifacts(pdf):
    """Return the file with nothing on its pages but what the structure tree knows."""
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            kept, inside = [], []
            for one in pikepdf.parse_content_stream(page):
                name = str(one.operator)
                if name in ("BMC", "BDC"):
                    inside.append(one.operands[0] == Name.Artifact)
                if not any(inside) or name not in ("Tj", "TJ"):
                    kept.append(one)
                if name == "EMC":
                    inside.pop()
            page.Contents = document.make_stream(pikepdf.unparse_content_stream(kept))
        out = BytesIO()
        document.save(out)
    return out.getvalue()


def test_whoever_hears_a_document_hears_all_of_it_and_no_running_heads(printed):
    record = papers.record()
    shown, heard = (
        text_of(pdf)
        for pdf in (printed["site_record"].pdf, without_artifacts(printed["site_record"].pdf))
    )
    items = [item for section in record.sections for item in section.items]
    for text in (*(i.question for i in items), *(i.description for i in items), "（以下空白）"):
        assert "".join(text.split()) in heard
    for running in ("第2页", "演示数据", "检查人：林检、陈查"):
        assert running in shown
        assert running not in heard


def test_a_table_is_one_element_however_many_pages_it_runs_over(printed):
    with pikepdf.open(BytesIO(printed["site_record"].pdf)) as document:
        headed = [one for one in elements(document, "/THead") if "/K" in one]
        assert len(headed) == 4 + 1 + 5  # items by section, signatures, tables inside items
        cells = [kid for one in elements(document, "/TH") for kid in one.K]
        assert cells  # numbers of content on the element's own page: what is repeated is said once
        assert not any(isinstance(kid, Dictionary) for kid in cells)


def elements(document, kind):
    return [
        item
        for item in document.objects
        if isinstance(item, Dictionary) and item.get("/S") == Name(kind)
    ]


def widget(document):
    return document.Root.AcroForm.Fields[0]


def metadata(old: bytes, new: bytes):
    def change(document):
        data = document.Root.Metadata.read_bytes()
        assert old in data
        document.Root.Metadata = document.make_stream(data.replace(old, new))

    return change


def no_tab_order(document):
    for page in document.pages:
        page.obj.Tabs = Name("/R")


def no_form_element(document):
    for element in elements(document, "/Form"):
        element.S = Name("/Div")


def no_reference(document):
    for element in elements(document, "/Form"):
        element.K = Array()


def not_hung_up(document):
    for element in elements(document, "/Form"):
        element.P.K = Array([kid for kid in element.P.K if kid.objgen != element.objgen])


def bare_header(document):
    cell = elements(document, "/TH")[0]
    del cell.A.Scope
    cell.ID = pikepdf.String("nobody names this")


def skipped_heading(document):
    for element in elements(document, "/H2"):
        element.S = Name("/H4")


def no_alternative(document):
    del elements(document, "/Figure")[0].Alt


def own_type(document):
    elements(document, "/Table")[0].S = Name("/Grid")


def painted_over(document):
    page = document.pages[0]
    page.contents_add(document.make_stream(b"1 0 0 rg 0 0 99 99 re f"))


def lost_content(document):
    page = document.pages[0]
    page.contents_add(document.make_stream(b"/P <</MCID 9999>> BDC 0 0 9 9 re f EMC"))


def paragraph_outside(document):
    lost = elements(document, "/P")[-1]
    lost.P.K = Array([kid for kid in lost.P.K if kid.objgen != lost.objgen])


def mixed_content(document):
    page = document.pages[0]
    page.contents_add(
        document.make_stream(b"/Artifact BMC /P <</MCID 0>> BDC 0 0 9 9 re f EMC EMC")
    )


def no_mapping(document):
    del document.pages[0].obj.StructParents


def loose_link(document):
    link = document.make_indirect(
        Dictionary(Type=Name("/Annot"), Subtype=Name("/Link"), Rect=[0, 0, 9, 9], F=4)
    )
    document.pages[0].obj.Annots = Array([link])


def half_named_attachment(document):
    for item in document.objects:
        if isinstance(item, Dictionary) and item.get("/Type") == Name("/Filespec"):
            del item.F


BREACHES = {
    "not identified": (metadata(b'pdfuaid:part="1"', b'pdfuaid:part="2"'), "pdfua"),
    "not described": (metadata(b"namespaceURI>http://www.aiim", b"namespaceURI>x"),
                      "extension-schema"),
    "two in one, half": (metadata(b'pdfaid:conformance="A"', b'pdfaid:conformance="B"'), "xmp"),
    "tab order": (no_tab_order, "tab-order"),
    "no form element": (no_form_element, "annotation"),
    "no reference": (no_reference, "annotation"),
    "not in the tree": (not_hung_up, "annotation"),
    "no parent number": (lambda d: widget(d).__delitem__("/StructParent"), "annotation"),
    "loose link": (loose_link, "annotation"),
    "nameless field": (lambda d: widget(d).__delitem__("/TU"), "field-name"),
    "title not shown": (lambda d: d.Root.ViewerPreferences.__delitem__("/DisplayDocTitle"),
                        "title"),
    "suspect tags": (lambda d: d.Root.MarkInfo.__setitem__("/Suspects", True), "tags"),
    "no alternative": (no_alternative, "alternative"),
    "bare header": (bare_header, "table-header"),
    "skipped heading": (skipped_heading, "headings"),
    "own type": (own_type, "role"),
    "painted over": (painted_over, "untagged"),
    "lost content": (lost_content, "untagged"),
    "outside the tree": (paragraph_outside, "untagged"),
    "mixed content": (mixed_content, "untagged"),
    "no mapping": (no_mapping, "untagged"),
    "half-named attachment": (half_named_attachment, "attachment"),
}  # fmt: skip


@pytest.mark.parametrize("breach", BREACHES)
def test_the_checker_fails_a_file_that_breaks_one_clause(sealed, breach):
    change, rule = BREACHES[breach]
    with pikepdf.open(BytesIO(sealed)) as document:
        change(document)
        out = BytesIO()
        document.save(out)
    assert {found.rule for found in conformance.examine(out.getvalue())} == {rule}
