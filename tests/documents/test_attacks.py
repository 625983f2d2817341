"""Whatever is done to a signed file, it never passes for the original, and the reason is named."""

import hashlib
from base64 import b64encode

import pytest

from tests.documents import tampering
from tests.documents.tampering import bureau, signed
from webapp.documents import examination
from webapp.documents.keys import Keys
from webapp.documents.seen import Expected
from webapp.documents.verdict import State, Verdict, judge


def expected(number: int = 1) -> Expected:
    pdf = signed(number)
    return Expected(
        sha256=hashlib.sha256(pdf).hexdigest(),
        number="示自然资党督〔2026〕1号",
        title="督查反馈意见书",
        signed_at=tampering.AT,
        fingerprint=bureau().fingerprint,
        size=len(pdf),
    )


def verdict_on(
    pdf: bytes,
    known: Expected | None = None,
    tsa_roots: tuple[bytes, ...] = (),
    own: Keys | None = None,
) -> Verdict:
    """The same two steps as ``verification.verify``, without the child process: quick."""
    keys = own or bureau()
    question = {
        "roots": [b64encode(root).decode() for root in keys.roots],
        "crls": [b64encode(crl).decode() for crl in keys.crls],
        "tsa_roots": [b64encode(root).decode() for root in tsa_roots],
        "signers": sorted({*keys.signers, *keys.people}),
    }
    return judge(
        examination.examine(question, pdf),
        sha256=hashlib.sha256(pdf).hexdigest(),
        size=len(pdf),
        expected=known,
        signers=keys.signers,
        people=keys.people,
    )


ATTACKS = [
    (tampering.add_page, State.ALTERED, "changed_more_pages"),
    (tampering.remove_page, State.ALTERED, "changed_fewer_pages"),
    (tampering.add_annotation, State.ALTERED, "changed_annotations"),
    (lambda pdf: tampering.add_annotation(pdf, "/FreeText"), State.ALTERED, "changed_annotations"),
    (tampering.overlay, State.ALTERED, "changed_pages"),
    (tampering.replace_font, State.ALTERED, "changed_fonts"),
    (tampering.swap_metadata, State.ALTERED, "bytes_appended"),
    (tampering.add_attachment, State.ALTERED, "has_program"),
    (tampering.add_script, State.ALTERED, "has_javascript"),
    (tampering.bare_update, State.ALTERED, "bytes_appended"),
    (tampering.objects_only, State.ALTERED, "bytes_appended"),
    (tampering.copied_signature, State.ALTERED, "bytes_appended"),
    (tampering.signed_again, State.ALTERED, "signature_unexpected"),
    (tampering.strip, State.ALTERED, "signature_removed"),
    (tampering.strip_all, State.ALTERED, "signature_removed"),
    (tampering.rewrite, State.ALTERED, "signature_broken"),
    (tampering.cut_back, State.UNKNOWN, "no_signature"),
    (tampering.foreign_root, State.UNKNOWN, "signer_untrusted"),
    (tampering.zero_signature, State.ALTERED, "signature_unreadable"),
    (tampering.pad_signature, State.ALTERED, "signature_misplaced"),
]


@pytest.mark.parametrize(("attack", "state", "code"), ATTACKS)
def test_a_changed_file_is_named_for_what_it_is(attack, state, code):
    verdict = verdict_on(attack(signed()))
    assert verdict.state is state, verdict.codes
    assert code in verdict.codes
    assert "not_in_archive" in verdict.codes


@pytest.mark.parametrize("attack", [attack for attack, _, _ in ATTACKS])
def test_held_against_the_ledger_every_changed_file_is_altered(attack):
    verdict = verdict_on(attack(signed()), expected())
    assert verdict.state is State.ALTERED, verdict.codes
    assert "differs_from_archive" in verdict.codes


@pytest.mark.parametrize("seed", range(20))
def test_one_flipped_bit_is_never_overlooked(seed):
    verdict = verdict_on(tampering.flip(signed(), seed))
    assert verdict.state in (State.ALTERED, State.REFUSED), verdict.codes
    assert {"signature_broken", "signature_unreadable", "unreadable", "signature_removed"} & set(
        verdict.codes
    )


@pytest.mark.parametrize("seed", range(10))
def test_a_garbled_signature_is_never_accepted(seed):
    verdict = verdict_on(tampering.garble_signature(signed(), seed))
    assert not verdict.genuine
    assert "signed_not_archived" not in verdict.codes
    assert verdict.state in (State.ALTERED, State.UNKNOWN)


@pytest.mark.parametrize("seed", range(10))
def test_bytes_after_the_end_are_counted(seed):
    pdf = tampering.append_bytes(signed(), seed)
    verdict = verdict_on(pdf)
    assert verdict.state in (State.ALTERED, State.REFUSED)
    assert {"bytes_appended", "unreadable"} & set(verdict.codes), verdict.codes


@pytest.mark.parametrize("seed", range(10))
def test_a_truncated_file_is_refused_or_altered(seed):
    verdict = verdict_on(tampering.truncate(signed(), seed), expected())
    assert verdict.state in (State.ALTERED, State.REFUSED)
    assert "differs_from_archive" in verdict.codes


@pytest.mark.parametrize("variant", range(tampering.USF_VARIANTS))
def test_a_universal_forgery_is_never_accepted(variant):
    verdict = verdict_on(tampering.usf(signed(), variant))
    assert verdict.state in (State.ALTERED, State.REFUSED), verdict.codes
    assert "signed_not_archived" not in verdict.codes


@pytest.mark.parametrize("number", range(2, 8))
def test_an_honest_file_is_accepted(number):
    verdict = verdict_on(signed(number), expected(number))
    assert verdict.state is State.ORIGINAL
    assert verdict.codes == ("matches_archive", "time_is_claimed")


def test_another_document_of_ours_is_not_the_one_in_the_ledger():
    verdict = verdict_on(signed(2), expected(1))
    assert verdict.state is State.UNKNOWN
    which = [code for code in verdict.codes if code != "shorter_than_archive"]  # of two, one is
    assert which == ["differs_from_archive", "signed_not_archived"]


def test_our_signature_under_a_file_that_the_archive_never_saw_is_said_as_such():
    verdict = verdict_on(signed(2))
    assert verdict.state is State.UNKNOWN
    assert verdict.codes == ("not_in_archive", "signed_not_archived")
    assert not verdict.genuine


def test_a_script_under_our_own_signature_still_counts_against_it():
    verdict = verdict_on(tampering.seal(tampering.add_script(tampering.unsigned()), bureau()))
    assert verdict.state is State.ALTERED
    assert verdict.codes == ("not_in_archive", "has_javascript")
