"""Several people sign in order, the seal last: accepted as a whole, and never in any other way."""

import hashlib
import re
import subprocess
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from tests.documents import countersigned, tampering
from tests.documents.countersigned import PEOPLE, PLACES, complete, known, office, own, put, steps
from tests.documents.pki import TimeStampAuthority, serving
from tests.documents.tampering import AT, AT_OF_KEYS, BUREAU, unsigned
from tests.documents.test_attacks import verdict_on
from webapp.core.errors import Invalid
from webapp.documents import authority, conformance, keys, personal, signing
from webapp.documents.levels import Witness
from webapp.documents.sentences import State
from webapp.documents.signing import FIELD
from webapp.documents.verification import verify

ORDER = [place.field for place in PLACES]


def check(pdf, **options):
    return verdict_on(pdf, options.pop("expected", None), own=office(), **options)


def run(*command):
    done = subprocess.run([str(each) for each in command], check=True, capture_output=True)
    return (done.stdout + done.stderr).decode()


def test_all_signatures_are_seen_in_order_with_their_people():
    verdict = check(complete())
    assert verdict.codes == ("not_in_archive", "signed_not_archived")
    assert [(each.field, each.signer) for each in verdict.signatures] == [
        *((field, name) for field, (_, name) in PEOPLE.items()), (FIELD, BUREAU),
    ]  # fmt: skip
    assert all(each.intact and each.valid and each.trusted and each.ours and each.kept
               for each in verdict.signatures)  # fmt: skip
    assert verdict.signatures[-1].covers_whole_file
    assert check(complete(), expected=known()).state is State.ORIGINAL


def test_the_capped_child_sees_the_same():
    keys_ = office()
    told = {"roots": keys_.roots, "signers": keys_.signers, "people": keys_.people}
    assert verify(complete(), **told, crls=keys_.crls).codes == (
        "not_in_archive", "signed_not_archived",
    )  # fmt: skip
    assert verify(complete(), **told, expected=known()).genuine


def test_the_first_certifies_each_locks_and_the_seal_ends_it():
    with pikepdf.open(BytesIO(complete())) as pdf:
        fields = {str(field.T): field for field in pdf.Root.AcroForm.Fields}
        values = [fields[name].V for name in ORDER]
        assert pdf.Root.Perms.DocMDP.objgen == values[0].objgen
        first = {str(each.TransformMethod): each.TransformParams for each in values[0].Reference}
        assert first["/DocMDP"].P == 2
        for count, (name, value) in enumerate(zip(ORDER[:-1], values, strict=False), start=1):
            locks = [each.TransformParams for each in value.Reference
                     if each.TransformMethod == "/FieldMDP"]  # fmt: skip
            assert locks[0].Action == "/Include"
            assert [str(each) for each in locks[0].Fields] == ORDER[:count], name
        last = values[-1].Reference[0]
        assert (last.TransformMethod, last.TransformParams.Action) == ("/FieldMDP", "/All")
        assert fields[FIELD].Lock.P == 1


def test_the_strokes_are_vectors_and_need_no_font():
    with pikepdf.open(BytesIO(complete())) as pdf:
        widget = pdf.Root.AcroForm.Fields[0]
        page = widget.AP.N.Resources.XObject.Page
        drawn = page.read_bytes()
        assert b" c" in drawn
        assert b" S" in drawn
        assert "/Font" not in widget.AP.N.Resources
        assert "/Image" not in str(page.get("/Resources", ""))


@pytest.mark.parametrize("count", range(5))
def test_the_file_stays_pdf_a_and_pdf_ua_after_every_signature(count):
    pdf = (countersigned.prepared(), *steps())[count]
    with pikepdf.open(BytesIO(pdf)) as document:
        numbers = list(document.Root.StructTreeRoot.ParentTree.Nums)
        for widget in document.Root.AcroForm.Fields:
            element = numbers[numbers.index(widget.StructParent) + 1]
            assert (element.S, element.K.Obj.objgen) == ("/Form", widget.objgen)
            assert isinstance(widget.AP.N, pikepdf.Stream)
        assert document.pdf_version == "1.7"
    assert set(conformance.examine(pdf)) <= set(conformance.examine(unsigned()))
    assert pdf.startswith(unsigned())


def test_other_programs_accept_every_signature(tmp_path):
    path, root = tmp_path / "a.pdf", tmp_path / "root.pem"
    path.write_bytes(complete())
    root.write_bytes(b"".join(keys.pem(each) for each in office().chain))
    told = run("pdfsig", path)
    assert told.count("Signature is Valid") == len(ORDER)
    assert "Total document signed" in told
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", path)
    assert "unchanged since signing" in run("mutool", "sign", "-v", path)
    for found in re.finditer(rb"/ByteRange ?\[0 (\d+) (\d+) (\d+) *\]", complete()):
        first, second, rest = map(int, found.groups())
        cms, content = tmp_path / "cms.der", tmp_path / "content"
        cms.write_bytes(bytes.fromhex(complete()[first + 1 : second - 1].decode()))
        content.write_bytes(complete()[:first] + complete()[second : second + rest])
        run("openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", cms,
            "-content", content, "-CAfile", root, "-out", tmp_path / "out")  # fmt: skip


# -- what is refused ---------------------------------------------------------------------------


def replaced_ink(pdf):
    """Other strokes in a field that is signed already."""
    writer = tampering._writer(pdf)
    widget = writer.root["/AcroForm"]["/Fields"][0]
    widget["/AP"][pdf_name("/N")] = tampering._paint(writer, form=True)
    writer.update_container(widget["/AP"])
    writer.update_container(widget)
    return tampering._written(writer)


def moved_box(pdf):
    """The field that is signed next lies over the text now."""
    writer = tampering._writer(pdf)
    widget = writer.root["/AcroForm"]["/Fields"][2]
    widget[pdf_name("/Rect")] = generic.ArrayObject(map(generic.FloatObject, (50, 500, 500, 800)))
    writer.update_container(widget)
    return tampering._written(writer)


def between(attack, place=2):
    """Do something after the second signature; the others sign in good faith."""

    def attacked():
        pdf = attack(steps()[place - 1])
        for field in ORDER[place:]:
            pdf = put(pdf, field)
        return pdf

    return attacked


def reordered():
    """The same people, in another order."""
    pdf = countersigned.prepared()
    for field in (ORDER[1], ORDER[0], *ORDER[2:]):
        pdf = put(pdf, field)
    return pdf


def by_other(field, by):
    def signed():
        pdf = countersigned.prepared()
        for each in ORDER:
            pdf = put(pdf, each, own(by) if each == field else None)
        return pdf

    return signed


def cut_back(place):
    return lambda: steps()[place]


def emptied(place):
    """One signature's value removed from the complete file."""

    def taken():
        with pikepdf.open(BytesIO(complete())) as document:
            del document.Root.AcroForm.Fields[place]["/V"]
            return tampering._saved(document)

    return taken


def after(attack):
    return lambda: attack(complete())


ATTACKS = {
    "painted over between two signers": (between(tampering.overlay), "changed_after_signing"),
    "a cover between two signers": (between(tampering.add_annotation), "changed_after_signing"),
    "a page between two signers": (between(tampering.add_page), "changed_after_signing"),
    "another font between two signers": (between(tampering.replace_font), "changed_after_signing"),
    "other ink between two signers": (between(replaced_ink), "changed_after_signing"),
    "a moved field between two signers": (between(moved_box), "changed_after_signing"),
    "an extra signer in between": (between(tampering.signed_again), "signature_unexpected"),
    "a script between two signers": (between(tampering.add_script), "has_javascript"),
    "an attachment between two signers": (between(tampering.add_attachment), "has_program"),
    "another order": (reordered, "signature_order"),
    "another person": (by_other("Signer3", "Signer1"), "signature_other_person"),
    "a person as the seal": (by_other(FIELD, "Signer1"), "signature_other_person"),
    "the seal as a person": (by_other("Signer1", FIELD), "signature_other_person"),
    "cut back to one": (cut_back(0), "signature_removed"),
    "cut back before the seal": (cut_back(2), "signature_removed"),
    "first signature removed": (emptied(0), "signature_removed"),
    "last signature removed": (emptied(3), "signature_removed"),
    "evil annotation": (after(tampering.add_annotation), "changed_annotations"),
    "free text": (after(lambda pdf: tampering.add_annotation(pdf, "/FreeText")),
                  "changed_annotations"),
    "sneaky signature": (after(tampering.signed_again), "signature_unexpected"),
    "painted over": (after(tampering.overlay), "changed_appearance"),
    "other ink": (after(replaced_ink), "changed_appearance"),
    "stripped": (after(tampering.strip_all), "signature_removed"),
    "bytes appended": (after(tampering.append_bytes), "bytes_appended"),
    "a copied signature": (after(tampering.copied_signature), "changed_after_signing"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_a_forgery_of_a_countersigned_file_is_named(name):
    make, code = ATTACKS[name]
    pdf = make()
    held = check(pdf, expected=known())
    assert held.state in (State.ALTERED, State.REFUSED), held.codes
    assert code in held.codes, held.codes
    assert "differs_from_archive" in held.codes
    if name != "another person":  # both are inspectors of ours: the ledger alone knows which
        alone = check(pdf)
        assert alone.state in (State.ALTERED, State.REFUSED), alone.codes
        assert "signed_not_archived" not in alone.codes


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_bit_is_never_overlooked(seed):
    verdict = check(tampering.flip(complete(), seed))
    assert verdict.state in (State.ALTERED, State.REFUSED), verdict.codes
    assert "signed_not_archived" not in verdict.codes


@pytest.mark.parametrize("number", range(2, 5))
def test_honest_files_pass_every_strict_check(number):
    assert check(complete(number)).codes == ("not_in_archive", "signed_not_archived")
    assert check(complete(number), expected=known(number)).state is State.ORIGINAL


def test_a_stranger_among_the_signers_is_named():
    pdf = countersigned.prepared()
    for field in ORDER:
        pdf = put(pdf, field, tampering.impostor() if field == "Signer2" else None)
    assert "signer_untrusted" in check(pdf).codes


def test_a_field_is_signed_once_and_only_where_it_is():
    for pdf, field in ((steps()[0], "Signer1"), (steps()[0], "Signer9"), (unsigned(), "Signer1"),
                       (b"", "Signer1")):  # fmt: skip
        with pytest.raises(Invalid) as refusal:
            put(pdf, field, own("Signer1"))
        assert refusal.value.code == "cannot_sign"
    with pytest.raises(Invalid):
        signing.prepare(complete(), PLACES)


def test_the_seal_brings_evidence_for_everybody():
    with serving(TimeStampAuthority()) as tsa:
        for level in ("B-T", "B-LT", "B-LTA"):
            witness = Witness(tsa.url, tsa.roots, level)
            pdf = put(steps()[2], FIELD, witness=witness)
            verdict = check(pdf, tsa_roots=tsa.roots)
            assert verdict.codes == ("not_in_archive", "signed_not_archived"), level
            assert verdict.signatures[3].level == level
            others = {each.level for each in verdict.signatures[:3]}
            assert others == {"B-LTA" if level == "B-LTA" else "B-B"}


# -- the keys of persons -----------------------------------------------------------------------


def test_a_person_has_one_pair_and_its_certificate_leads_to_our_root(tmp_path):
    folder = tmp_path / "keys"
    keys.open_keys(folder, organisation=BUREAU, at=AT_OF_KEYS)
    told = {"name": "林检", "organisation": BUREAU, "at": AT_OF_KEYS}
    first = personal.keys_of(folder, 7, **told)
    assert personal.keys_of(folder, 7, **told).fingerprint == first.fingerprint
    assert personal.keys_of(folder, 8, **told).fingerprint != first.fingerprint
    assert first.name == "林检"
    assert authority.issued(first.chain[0], first.certificate)
    assert len(keys.load(folder).people) == 2
    assert not keys.load(folder).people & keys.load(folder).signers


def test_a_revoked_or_ended_or_renamed_pair_is_replaced_and_stays_known(tmp_path):
    folder = tmp_path / "keys"
    keys.open_keys(folder, organisation=BUREAU, at=AT_OF_KEYS)
    told = {"name": "林检", "organisation": BUREAU}
    first = personal.keys_of(folder, 7, **told, at=AT_OF_KEYS)
    keys.renew_crl(folder, at=AT_OF_KEYS, revoke=first.certificate)
    second = personal.keys_of(folder, 7, **told, at=AT_OF_KEYS)
    third = personal.keys_of(folder, 7, **told, at=AT_OF_KEYS + 11 * authority.YEAR)
    fourth = personal.keys_of(folder, 7, name="林检验", organisation=BUREAU, at=AT_OF_KEYS)
    prints = {each.fingerprint for each in (first, second, third, fourth)}
    assert len(prints) == 4
    assert keys.load(folder).people == prints


def test_a_revoked_persons_signature_no_longer_counts_but_the_ledger_does(tmp_path):
    folder = tmp_path / "keys"
    keys.open_keys(folder, organisation=BUREAU, at=AT_OF_KEYS)
    lin = personal.keys_of(folder, 1, name="林检", organisation=BUREAU, at=AT_OF_KEYS)
    pdf = put(signing.prepare(unsigned(), (PLACES[0], PLACES[3])), "Signer1", lin)
    pdf = put(pdf, FIELD, keys.load(folder))
    keys.renew_crl(folder, at=AT_OF_KEYS, revoke=lin.certificate)
    verdict = verdict_on(pdf, own=keys.load(folder))
    assert "certificate_revoked" in verdict.codes
    assert hashlib.sha256(pdf).hexdigest() == verdict.sha256
    assert verdict.signatures[0].time_claimed == AT
