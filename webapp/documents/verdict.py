"""What the facts about a file amount to: original, altered, unknown or refused.

Plain Python.  Only one thing makes an original: the file's SHA-256 is the one in the ledger.
Everything else says as exactly as it can what is wrong, since a valid signature is not enough:
a file cut back to an earlier state, or one that the archive never saw, may carry one too.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from webapp.documents.objections import objections
from webapp.documents.seen import Expected, Signature, signature
from webapp.documents.sentences import HEADLINES, Sentence, State, sentence


@dataclass(frozen=True)
class Verdict:
    """The answer to a person who holds a file in hand."""

    state: State
    headline: Sentence
    reasons: tuple[Sentence, ...]
    signatures: tuple[Signature, ...] = ()
    sha256: str = ""
    size: int = 0
    expected: Expected | None = None

    @property
    def genuine(self) -> bool:
        """Whether this is the archived document, byte for byte, and still counts."""
        return self.state is State.ORIGINAL

    @property
    def codes(self) -> tuple[str, ...]:
        """The stable codes of the reasons."""
        return tuple(reason.code for reason in self.reasons)

    def as_json(self, translate: Callable[[str], str] = str) -> dict[str, Any]:
        """Return the verdict for a program, with its words in one language."""
        expected = self.expected
        return {
            "state": self.state.value,
            "genuine": self.genuine,
            "headline": self.headline.said(translate),
            "reasons": [{"code": each.code, "text": each.said(translate)} for each in self.reasons],
            "signatures": [
                asdict(each)
                | {"time_claimed": _iso(each.time_claimed), "stamped_at": _iso(each.stamped_at)}
                for each in self.signatures
            ],
            "sha256": self.sha256,
            "size": self.size,
            "document": expected
            and {
                "number": expected.number,
                "title": expected.title,
                "signed_at": _iso(expected.signed_at),
                "sha256": expected.sha256,
                "newest_sha256": expected.newest_sha256 or expected.sha256,
                "revoked_on": expected.revoked_on or None,
                "replaced_by": expected.replaced_by or None,
            },
        }


TAMPERED = frozenset(
    ("signature_removed", "signature_unreadable", "signature_broken", "signature_invalid",
     "signature_misplaced", "bytes_appended")
)  # fmt: skip


def refused(
    code: str,
    *,
    sha256: str = "",
    size: int = 0,
    expected: Expected | None = None,
    **params: object,
) -> Verdict:
    """Return the verdict on a file that cannot be examined."""
    reasons = [sentence(code, **params)]
    if expected and sha256:
        reasons.append(_about(expected, "differs_from_archive"))
    return _verdict(State.REFUSED, reasons, (), sha256, size, expected)


def judge(
    facts: Mapping[str, Any],
    *,
    sha256: str,
    size: int,
    expected: Expected | None,
    signers: Collection[str],
    people: Collection[str] = (),
) -> Verdict:
    """Return the verdict on a file from the facts of its examination.

    ``signers`` are the fingerprints of all certificates that the bureau seals or sealed with,
    ``people`` those of the persons who sign.
    An ``error`` among the facts refuses the file, unless its bytes are the archived ones.
    """
    known = {*signers, *people, *((by for _, by in expected.wanted) if expected else ())}
    signatures = tuple(signature(fact, known) for fact in facts.get("signatures", []))
    if expected and expected.sha256 == sha256:
        reasons = [_about(expected, "matches_archive")]
        if expected.newest_sha256 not in ("", sha256):
            reasons.append(sentence("newer_form"))
        if any(each.level == "B-B" for each in signatures):
            reasons.append(sentence("time_is_claimed"))
        reasons += map(sentence, expected.roots)
        state, void = _standing(expected)
        return _verdict(state, [*void, *reasons], signatures, sha256, size, expected)
    if "error" in facts:
        return refused(str(facts["error"]), sha256=sha256, size=size, expected=expected)
    seals = {*signers, *([expected.fingerprint] if expected else [])}
    problems = objections(facts, signatures, expected, seals, size)
    ours = any(each.ours for each in signatures)
    found = {problem.code for problem in problems}
    altered = bool(problems) and (ours or expected is not None or bool(found & TAMPERED))
    if not problems:
        problems = [sentence("signed_not_archived")]
    return _verdict(
        State.ALTERED if altered else State.UNKNOWN,
        [*_ledger(expected, size), *problems],
        signatures, sha256, size, expected,
    )  # fmt: skip


def _standing(expected: Expected) -> tuple[State, list[Sentence]]:
    """Return whether an archived file still counts, and what is said where it does not."""
    if not expected.revoked_on:
        return State.ORIGINAL, []
    if not expected.replaced_by:
        return State.REVOKED, [sentence("revoked", day=expected.revoked_on)]
    said = sentence("superseded", day=expected.revoked_on, number=expected.replaced_by)
    return State.SUPERSEDED, [said]


def _ledger(expected: Expected | None, size: int) -> list[Sentence]:
    if expected is None:
        return [sentence("not_in_archive")]
    said = [_about(expected, "differs_from_archive")]
    if size < expected.size:
        said.append(sentence("shorter_than_archive", count=expected.size - size))
    return said


def _about(expected: Expected, code: str) -> Sentence:
    return sentence(code, title=expected.title, number=expected.number)


def _verdict(
    state: State,
    reasons: Collection[Sentence],
    signatures: tuple[Signature, ...],
    sha256: str,
    size: int,
    expected: Expected | None,
) -> Verdict:
    unique = {(each.code, each.said()): each for each in reasons}
    headline = Sentence(state.value, HEADLINES[state])
    return Verdict(state, headline, tuple(unique.values()), signatures, sha256, size, expected)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
