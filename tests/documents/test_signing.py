"""What is signed satisfies other people's programs, and stays PDF/A and PDF/UA."""

import hashlib
import re
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread

import pikepdf
import pytest
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.timestamps import DummyTimeStamper
from weasyprint import HTML

from tests.documents import tampering
from tests.documents.tampering import AT, BOX, BUREAU, bureau, seal, signed, unsigned
from tests.documents.test_keys import PASSPHRASE, p12
from webapp.core.errors import Invalid
from webapp.documents import authority, keys, signing
from webapp.documents.verification import verify

DEAD_PORT = "http://127.0.0.1:9/"


def run(*command: object) -> str:
    done = subprocess.run([str(each) for each in command], check=True, capture_output=True)
    return (done.stdout + done.stderr).decode()


@pytest.fixture(params=[BOX, None], ids=["visible", "invisible"])
def file(request, tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(seal(unsigned(), bureau(), box=request.param))
    return path


@pytest.fixture
def root(tmp_path):
    path = tmp_path / "root.pem"
    path.write_bytes(b"".join(authority.pem(each) for each in bureau().chain))
    return path


def test_pdfsig_finds_one_valid_signature_over_the_whole_file(file):
    told = run("pdfsig", file)
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    assert BUREAU in told
    assert "SHA-256" in told


def test_qpdf_and_mutool_accept_the_file(file):
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", file)
    assert "unchanged since signing" in run("mutool", "sign", "-v", file)


def test_openssl_verifies_the_signature_up_to_our_root(file, root, tmp_path):
    pdf = file.read_bytes()
    first, second = tampering._gap(pdf)
    cms, content = tmp_path / "cms.der", tmp_path / "content"
    cms.write_bytes(bytes.fromhex(pdf[first + 1 : second - 1].decode()))
    content.write_bytes(pdf[:first] + pdf[second:])
    verify = ["openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", cms]
    told = run(*verify, "-content", content, "-CAfile", root, "-out", tmp_path / "out")
    assert "CAdES Verification successful" in told or "Verification successful" in told
    content.write_bytes(b"x" + pdf[1:first] + pdf[second:])
    with pytest.raises(subprocess.CalledProcessError):
        run(*verify, "-content", content, "-CAfile", root, "-out", tmp_path / "out")


def test_the_document_is_certified_and_allows_no_changes(file):
    with pikepdf.open(file) as pdf:
        value = pdf.Root.AcroForm.Fields[0].V
        assert pdf.Root.Perms.DocMDP.objgen == value.objgen
        assert value.Reference[0].TransformParams.P == 1
        assert str(value.M) == "D:20261123093000Z"
        assert str(value.Reason) == "督查文书"
        assert pdf.Root.AcroForm.SigFlags == 3


def test_the_widget_keeps_pdf_a(file):
    with pikepdf.open(file) as pdf:
        widget = pdf.Root.AcroForm.Fields[0]
        assert int(widget.F) & 4, "printed"
        assert not int(widget.F) & 0b100011, "neither hidden nor without view"
        assert isinstance(widget.AP.N, pikepdf.Stream)
        assert "/Font" not in widget.AP.N.Resources
        assert "/NeedAppearances" not in pdf.Root.AcroForm
        assert pdf.pdf_version == "1.7"
        assert "/Version" not in pdf.Root


def test_the_widget_is_a_form_element_in_the_structure_tree(file):
    with pikepdf.open(file) as pdf:
        widget = pdf.Root.AcroForm.Fields[0]
        numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        element = numbers[numbers.index(widget.StructParent) + 1]
        assert element.S == "/Form"
        assert element.K.Type == "/OBJR"
        assert element.K.Obj.objgen == widget.objgen
        assert element.objgen in [kid.objgen for kid in element.P.K]
        assert element.P.S == "/Document"
        assert numbers[::2] == sorted(set(numbers[::2]))
        assert str(widget.TU)
        assert pdf.pages[0].Tabs == "/S"


def test_the_rendered_bytes_and_their_dates_stay(file):
    before, after = unsigned(), file.read_bytes()
    assert after.startswith(before)
    with pikepdf.open(BytesIO(before)) as old, pikepdf.open(file) as new:
        assert old.Root.Metadata.read_bytes() == new.Root.Metadata.read_bytes()
        assert old.trailer.ID[0] == new.trailer.ID[0] != new.trailer.ID[1]


def test_an_untagged_file_is_signed_as_well(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(seal(unsigned(tagged=False), bureau()))
    assert "Signature is Valid" in run("pdfsig", path)


def test_the_same_input_gives_the_same_file():
    again = seal(unsigned(), bureau())
    assert again == signed()


def test_the_result_says_what_was_reached():
    result = signing.sign(unsigned(), bureau(), at=AT, reason="r", location="l")
    assert (result.level, result.timestamp_problem) == ("B-B", None)
    assert result.sha256 == hashlib.sha256(result.pdf).hexdigest()


def test_without_its_timestamp_authority_the_file_is_signed_and_says_so():
    result = signing.sign(unsigned(), bureau(), at=AT, reason="r", location="l", tsa_url=DEAD_PORT)
    assert result.level == "B-B"
    assert "Timestamp" in result.timestamp_problem
    assert result.pdf == signing.sign(unsigned(), bureau(), at=AT, reason="r", location="l").pdf


class Authority(BaseHTTPRequestHandler):
    """A time-stamp authority of the tests' own (RFC 3161 over HTTP)."""

    answers = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        root_key, key = authority.new_key(), rsa.generate_private_key(65537, 2048)
        root = authority.root_certificate("时间戳", root_key, tampering.AT_OF_KEYS)
        own = authority.signer_certificate("时间戳", key, root, root_key, tampering.AT_OF_KEYS)
        private = PrivateKeyInfo.load(
            key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        )
        stamper = DummyTimeStamper(asn1_x509.Certificate.load(authority.der(own)), private)
        answer = stamper.request_tsa_response(tsp.TimeStampReq.load(body)).dump()
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.end_headers()
        self.wfile.write(answer if self.answers else b"not a timestamp")

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def tsa(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Authority)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_timestamp_authority_raises_the_level(tsa, tmp_path):
    result = signing.sign(unsigned(), bureau(), at=AT, reason="r", location="l", tsa_url=tsa)
    assert (result.level, result.timestamp_problem) == ("B-T", None)
    path = tmp_path / "a.pdf"
    path.write_bytes(result.pdf)
    assert "Signature is Valid" in run("pdfsig", path)
    answer = verify(result.pdf, roots=bureau().roots, signers=bureau().signers)
    assert answer.codes == ("not_in_archive", "signed_not_archived")
    assert answer.signatures[0].level == "B-B", "nobody here trusts that authority"


def test_an_authority_that_answers_nonsense_is_like_none(tsa, monkeypatch):
    monkeypatch.setattr(Authority, "answers", False)
    result = signing.sign(unsigned(), bureau(), at=AT, reason="r", location="l", tsa_url=tsa)
    assert result.level == "B-B"
    assert result.timestamp_problem


def test_a_given_appearance_is_shown_with_its_own_fonts(tmp_path):
    style = "@page { size: 150pt 60pt; margin: 4pt } body { font-size: 9pt }"
    drawn = HTML(string=f"<style>{style}</style><p>示例县自然资源局电子签章").write_pdf()
    path = tmp_path / "a.pdf"
    path.write_bytes(seal(unsigned(), bureau(), appearance=drawn))
    with pikepdf.open(path) as pdf:
        shown = pdf.Root.AcroForm.Fields[0].AP.N.Resources.XObject.Page
        for font in shown.Resources.Font.values():
            descriptor = font.DescendantFonts[0].FontDescriptor
            assert {"/FontFile2", "/FontFile3"} & set(descriptor.keys())
    assert "Signature is Valid" in run("pdfsig", path)
    assert "emb" in run("pdffonts", path)


@pytest.mark.parametrize(
    ("pdf", "options"),
    [
        (b"", {}),
        (b"%PDF-1.7 nothing", {}),
        (None, {"box": (9, 0.0, 0.0, 10.0, 10.0)}),
        (signed(), {"field": "Second"}),
    ],
    ids=["empty", "broken", "no such page", "signed already"],
)
def test_what_cannot_be_signed_is_refused(pdf, options):
    with pytest.raises(Invalid) as refusal:
        seal(unsigned() if pdf is None else pdf, bureau(), **options)
    assert refusal.value.code == "cannot_sign"


def test_an_rsa_certificate_of_the_bureau_signs(tmp_path):
    key = rsa.generate_private_key(65537, 2048)
    _, issuer = p12(tmp_path / "a.p12", key=key)
    own = keys.open_keys(
        tmp_path / "keys", organisation=BUREAU, at=tampering.AT_OF_KEYS,
        p12=tmp_path / "a.p12", passphrase=PASSPHRASE,
    )  # fmt: skip
    assert own.chain == (issuer,)
    path = tmp_path / "a.pdf"
    path.write_bytes(seal(unsigned(), own))
    told = run("pdfsig", path)
    assert "Signature is Valid" in told
    assert re.search("单位自备证书", told)
