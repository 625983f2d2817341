"""The documents say that they are PDF/UA-1, and the checker fails files that break its clauses."""

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from tests.documents import papers, tampering
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
