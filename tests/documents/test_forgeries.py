"""Every family of forgeries is refused with the right reason, and honest files are accepted.

Two seeds of each family and twenty honest files by default; with ``MINGCHA_TEST_LONG=1`` ten
seeds and two hundred files.
"""

import hashlib
import os
import random

import pytest
from weasyprint import HTML

from tests.documents import forgeries, tampering
from tests.documents.tampering import AT, bureau
from tests.documents.test_attacks import verdict_on
from webapp.documents.seen import Expected
from webapp.documents.sentences import State
from webapp.documents.verification import verify

LONG = os.environ.get("MINGCHA_TEST_LONG") == "1"
SEEDS = range(10 if LONG else 2)
HONEST = range(200 if LONG else 20)
BROKEN = {"signature_broken", "signature_invalid", "signature_unreadable", "unreadable"}
REASONS = {
    forgeries.flipped: BROKEN | {"signature_removed"},
    forgeries.universal: BROKEN | {"signature_removed", "signature_misplaced"},
    forgeries.saved_over: {"changed_pages", "changed_content"},
    forgeries.saved_without_table: {"bytes_appended"},
    forgeries.saved_with_signature: {"changed_after_signing", "bytes_appended"},
    forgeries.wrapped: {"signature_misplaced"},
    forgeries.shadow_hide: {"changed_appearance"},
    forgeries.shadow_replace: {"changed_appearance"},
    forgeries.shadow_hide_and_replace: {"changed_appearance"},
    forgeries.evil_annotation: {"changed_annotations"},
    forgeries.sneaky_signature: {"signature_unexpected"},
    forgeries.stripped: {"signature_removed"},
    forgeries.foreign: {"signer_untrusted"},
    forgeries.resigned: {"signer_untrusted"},
    forgeries.weak: {"weak_digest"},
    forgeries.more_pages: {"changed_more_pages"},
    forgeries.truncated: BROKEN | {"signature_removed", "no_signature"},
    forgeries.appended: {"bytes_appended"},
    forgeries.garbled: BROKEN,
    forgeries.active: {"has_javascript", "has_program"},
}
STRANGERS = (forgeries.foreign, forgeries.resigned)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("family", REASONS)
def test_a_forgery_is_refused_with_the_right_reason(family, seed):
    verdict = verdict_on(family(seed))
    assert REASONS[family] & set(verdict.codes), verdict.codes
    assert "signed_not_archived" not in verdict.codes
    if family in STRANGERS:
        assert verdict.state is State.UNKNOWN
    else:
        assert verdict.state in (State.ALTERED, State.REFUSED)


@pytest.mark.parametrize("family", REASONS)
def test_the_capped_child_comes_to_the_same_verdict(family):
    """One of each through the door that strangers use, held against the document's own entry."""
    keys, pdf, original = bureau(), family(0), tampering.signed(1)
    known = Expected(hashlib.sha256(original).hexdigest(), "1", "t", AT, keys.fingerprint,
                     len(original))  # fmt: skip
    verdict = verify(pdf, roots=keys.roots, signers=keys.signers, crls=keys.crls, expected=known)
    assert verdict.state in (State.ALTERED, State.REFUSED), verdict.codes
    assert "differs_from_archive" in verdict.codes
    assert REASONS[family] & set(verdict.codes), verdict.codes


def test_nothing_and_far_too_much_are_refused(tmp_path):
    keys, huge = bureau(), tmp_path / "huge.pdf"
    with huge.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(1 << 30)
    (tmp_path / "empty.pdf").write_bytes(b"")
    for name, code in (("huge", "too_large"), ("empty", "empty"), ("none", "not_a_file")):
        verdict = verify(tmp_path / f"{name}.pdf", roots=keys.roots, signers=keys.signers)
        assert (verdict.state, verdict.codes) == (State.REFUSED, (code,))


def honest(number: int) -> bytes:
    """A document that nobody made before: other words, tables, drawings, pages, places."""
    choice = random.Random(number)

    def words(most: int) -> str:
        letters = (chr(choice.randrange(0x4E00, 0x4F00)) for _ in range(choice.randrange(1, most)))
        return "".join(letters)

    def part(_: int) -> str:
        rows = "".join(
            f"<tr><th scope=row>{row}<td>{words(30)}" for row in range(choice.randrange(1, 9))
        )
        shape = f"<circle cx=9 cy=9 r={choice.randrange(2, 9)} fill='#{choice.randrange(900):03}'/>"
        parts = [
            f"<h2>{words(12)}</h2><p>{words(300)}",
            f"<table><tr><th>项<th>{words(5)}{rows}</table>",
            f"<svg width=40 height=40><title>{words(4)}</title>{shape}</svg>",
            f"<ul><li>{words(20)}<li>{choice.random():.4f} km — “{words(3)}”</ul>",
        ]
        return choice.choice(parts)

    body = "".join(map(part, range(choice.randrange(1, 12))))
    size = choice.choice(["a4", "a4 landscape", "a3"])
    page = f"<html lang=zh-CN><title>{words(20)}</title><style>@page {{ size: {size} }}</style>"
    tagged = choice.random() < 0.8
    variant = "pdf/a-3a" if tagged else None
    pdf = HTML(string=f"{page}<h1>{words(20)}</h1>{body}").write_pdf(
        pdf_variant=variant, pdf_tags=tagged
    )
    x, y = choice.randrange(20, 400), choice.randrange(20, 700)
    box = choice.choice([None, (0, x, y, x + 150, y + 60)])
    return tampering.seal(pdf, bureau(), box=box, reason=words(20))


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # WeasyPrint leaves a profile open
@pytest.mark.parametrize("number", HONEST)
def test_an_honest_file_is_the_original_and_passes_even_without_the_ledger(number):
    pdf = honest(number)
    known = Expected(hashlib.sha256(pdf).hexdigest(), "1", "t", AT, bureau().fingerprint, len(pdf))
    assert verdict_on(pdf, known).codes == ("matches_archive", "time_is_claimed")
    alone = verdict_on(pdf)
    assert alone.codes == ("not_in_archive", "signed_not_archived"), "every strict check holds"
    assert alone.state is State.UNKNOWN
