"""B-T, B-LT and B-LTA: reached, recognised, kept whole, and never claimed without proof."""

import ssl
import subprocess
from io import BytesIO

import pikepdf
import pytest

from tests.documents import tampering
from tests.documents.pki import TimeStampAuthority, serving
from tests.documents.tampering import AT, BOX, bureau, unsigned
from tests.documents.test_attacks import verdict_on
from webapp.core.errors import Invalid
from webapp.documents import keys, signing
from webapp.documents.sentences import State


@pytest.fixture(scope="module")
def tsa():
    with serving(TimeStampAuthority()) as authority:
        yield authority


@pytest.fixture(autouse=True)
def up(tsa):
    yield
    tsa.is_up = tsa.has_list = True
    tsa.revoked.clear()


def sealed(tsa, level, **options):
    settings = {"at": AT, "reason": "督查文书", "location": "示例县", "box": BOX} | options
    return signing.sign(
        unsigned(), bureau(), tsa_url=tsa.url, tsa_roots=tsa.roots, level=level, **settings
    )


@pytest.fixture(scope="module")
def files(tsa):
    return {level: sealed(tsa, level) for level in ("B-T", "B-LT", "B-LTA")}


@pytest.mark.parametrize("level", ["B-T", "B-LT", "B-LTA"])
def test_each_level_is_reached_and_recognised(files, tsa, level):
    result = files[level]
    assert (result.level, result.timestamp_problem) == (level, None)
    verdict = verdict_on(result.pdf, tsa_roots=tsa.roots)
    assert verdict.codes == ("not_in_archive", "signed_not_archived")
    assert verdict.signatures[0].level == level
    assert verdict.signatures[-1].covers_whole_file
    assert [each.timestamp for each in verdict.signatures] == [False, True][: len(level) - 3 or 1]


@pytest.mark.parametrize("level", ["B-T", "B-LT", "B-LTA"])
def test_who_does_not_know_the_authority_sees_no_more_than_b_b(files, level):
    verdict = verdict_on(files[level].pdf)
    assert verdict.signatures[0].level == "B-B"
    stranger = "signature_unexpected" if level == "B-LTA" else "signed_not_archived"
    assert stranger in verdict.codes


def test_another_authority_of_the_same_name_is_a_stranger(files):
    other = TimeStampAuthority()
    other.open("http://127.0.0.1:9/")
    verdict = verdict_on(files["B-LTA"].pdf, tsa_roots=other.roots)
    assert verdict.signatures[0].level == "B-B"
    assert (verdict.state, "signature_unexpected" in verdict.codes) == (State.ALTERED, True)


@pytest.mark.parametrize("level", ["B-T", "B-LT", "B-LTA"])
def test_other_programs_accept_every_level(files, level, tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(files[level].pdf)
    told = subprocess.run(["pdfsig", path], check=True, capture_output=True, text=True).stdout
    assert told.count("Signature is Valid") == 1, "it does not check document timestamps"
    assert "Total document signed" in told
    for command in (["qpdf", "--check"], ["mutool", "sign", "-v"]):
        subprocess.run([*command, path], check=True, capture_output=True)


def test_the_timestamp_comes_last_and_covers_the_evidence(files):
    before, after = unsigned(), files["B-LTA"].pdf
    assert after.startswith(before)
    with pikepdf.open(BytesIO(after)) as pdf:
        last = pdf.Root.AcroForm.Fields[-1].V
        assert last.Type == "/DocTimeStamp"
        assert int(last.ByteRange[2]) + int(last.ByteRange[3]) == len(after)
        assert len(pdf.Root.DSS.CRLs) == 2, "our list and the authority's"
        assert "/VRI" not in pdf.Root.DSS
        assert pdf.Root.Metadata.objgen
        assert pdf.pdf_version == "1.7"
    with pikepdf.open(BytesIO(before)) as old, pikepdf.open(BytesIO(after)) as new:
        assert old.Root.Metadata.read_bytes() == new.Root.Metadata.read_bytes()


def test_the_seal_covers_the_evidence_of_b_lt(files):
    with pikepdf.open(BytesIO(files["B-LT"].pdf)) as pdf:
        assert len(pdf.Root.DSS.CRLs) == 2
        assert len(pdf.Root.AcroForm.Fields) == 1
    assert verdict_on(files["B-LT"].pdf).signatures[0].covers_whole_file


def test_while_the_authority_is_down_files_are_signed_b_b_and_raised_later(tsa):
    tsa.is_up, before = False, tsa.asked
    result = sealed(tsa, "B-LTA")
    assert (result.level, tsa.asked) == ("B-B", before)
    assert "Timestamp" in result.timestamp_problem
    assert result.pdf == tampering.signed(), "the same file as without any authority"
    with pytest.raises(signing.AuthorityDown):
        signing.raise_level(result.pdf, bureau(), tsa_url=tsa.url, tsa_roots=tsa.roots)
    tsa.is_up = True
    raised = signing.raise_level(result.pdf, bureau(), tsa_url=tsa.url, tsa_roots=tsa.roots)
    assert raised.level == "B-LTA"
    assert raised.pdf.startswith(result.pdf)
    assert raised.sha256 != result.sha256
    verdict = verdict_on(raised.pdf, tsa_roots=tsa.roots)
    assert verdict.codes == ("not_in_archive", "signed_not_archived")
    assert verdict.signatures[0].level == "B-LTA"


def test_an_archive_timestamp_is_renewed_by_the_next(files, tsa):
    again = signing.raise_level(files["B-LTA"].pdf, bureau(), tsa_url=tsa.url, tsa_roots=tsa.roots)
    verdict = verdict_on(again.pdf, tsa_roots=tsa.roots)
    assert verdict.codes == ("not_in_archive", "signed_not_archived")
    assert [each.timestamp for each in verdict.signatures] == [False, True, True]
    assert verdict.signatures[0].level == "B-LTA"


def test_without_the_authoritys_list_or_roots_it_stays_b_t_and_says_why(tsa):
    tsa.has_list = False
    for result in (sealed(tsa, "B-LTA"), sealed(tsa, "B-LT")):
        assert result.level == "B-T"
        assert result.timestamp_problem
    tsa.has_list = True
    strange = signing.sign(
        unsigned(), bureau(), at=AT, reason="r", location="l", tsa_url=tsa.url, level="B-LT"
    )
    assert strange.level == "B-T"
    assert "Path" in strange.timestamp_problem


def test_a_revoked_authority_or_seal_is_not_raised(tsa, tmp_path):
    tsa.revoked.append(tsa.own.serial_number)
    assert sealed(tsa, "B-LTA").level == "B-T"
    tsa.revoked.clear()
    folder = tmp_path / "keys"
    own = keys.open_keys(folder, organisation="示例县自然资源局", at=tampering.AT_OF_KEYS)
    pdf = tampering.seal(unsigned(), own)
    keys.renew_crl(folder, at=tampering.AT_OF_KEYS, revoke=own.certificate)
    with pytest.raises(Invalid):
        signing.raise_level(pdf, keys.load(folder), tsa_url=tsa.url, tsa_roots=tsa.roots)


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7", unsigned()], ids=["empty", "broken", "plain"])
def test_what_is_not_signed_is_not_raised(tsa, pdf):
    with pytest.raises(Invalid):
        signing.raise_level(pdf, bureau(), tsa_url=tsa.url, tsa_roots=tsa.roots)


def test_a_stamped_file_that_is_painted_over_is_altered(files, tsa):
    verdict = verdict_on(tampering.overlay(files["B-LTA"].pdf), tsa_roots=tsa.roots)
    assert verdict.state is State.ALTERED
    assert {"changed_pages", "changed_appearance"} <= set(verdict.codes)


def test_a_trusted_timestamp_over_a_changed_file_does_not_mend_it(tsa):
    """An attacker may buy a timestamp: it covers the whole file, and the seal is still broken."""
    changed = tampering.overlay(tampering.signed())
    stamped = tampering.stamped_by(changed, tsa)
    verdict = verdict_on(stamped, tsa_roots=tsa.roots)
    assert verdict.state is State.ALTERED
    assert {"changed_after_signing", "changed_appearance"} <= set(verdict.codes)


def test_the_roots_of_the_authority_are_read_from_a_pem_file(tsa, tmp_path):
    path = tmp_path / "roots.pem"
    path.write_text(ssl.DER_cert_to_PEM_cert(tsa.roots[0]) * 2)
    assert keys.trusted_roots(None) == ()
    assert keys.trusted_roots(path) == tsa.roots * 2
    path.write_text("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
    with pytest.raises(Invalid) as refusal:
        keys.trusted_roots(path)
    assert refusal.value.code == "tsa_roots"
