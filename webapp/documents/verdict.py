"""What the facts about a file amount to: original, altered, unknown or refused.

Plain Python.  Only one thing makes an original: the file's SHA-256 is the one in the ledger.
Everything else says as exactly as it can what is wrong, since a valid signature is not enough:
a file cut back to an earlier state, or one that the archive never saw, may carry one too.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from webapp.documents.sentences import HEADLINES, TEXTS, Sentence, State, sentence

DIGESTS = ("sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512")
BITS_MIN = {"ec": 256, "rsa": 2048, "rsassa_pss": 2048}
HARMLESS = ("NONE", "LTA_UPDATES", "FORM_FILLING")
SEAL = "OrganisationSeal"


@dataclass(frozen=True)
class Expected:
    """What the ledger knows of a document.

    ``fingerprint`` is the SHA-256 of the certificate it was sealed with; ``before`` are the
    signatures of persons that it must bear before the seal, in order, as (field, fingerprint);
    ``size`` its bytes.  ``newest_sha256`` is that of the newest
    form of the document, where a timestamp was added later.  ``revoked_on`` is the day since when
    it counts no longer, ``replaced_by`` the number of the one that does; ``roots`` say, as codes of
    sentences, whether the hash trees' roots on the paper agree with what is kept.
    """

    sha256: str
    number: str
    title: str
    signed_at: datetime
    fingerprint: str
    size: int
    before: tuple[tuple[str, str], ...] = ()
    newest_sha256: str = ""
    revoked_on: str = ""
    replaced_by: str = ""
    roots: tuple[str, ...] = ()

    @property
    def wanted(self) -> tuple[tuple[str, str], ...]:
        """All signatures that the file must bear, in order: (field, fingerprint)."""
        return (*self.before, (SEAL, self.fingerprint))


@dataclass(frozen=True)
class Signature:
    """One signature as found.  ``time_claimed`` is the signer's own word, not a proof.

    ``valid``: the signature value is right; ``intact``: the signed bytes are unchanged;
    ``trusted``: the certificate leads to a root of ours; ``ours``: it is a signing certificate
    of ours; ``level``: ``B-B``, ``B-T``, ``B-LT``, ``B-LTA``, or ``CMS`` for one that is not
    PAdES.  A ``timestamp`` over the document stands here too: by an authority, with no level.
    ``kept``: what came after it in the file is what it permits, such as the next signature.
    ``stamped_at``: the earliest time for which a trusted authority vouches.
    """

    field: str
    signer: str = ""
    issuer: str = ""
    fingerprint: str = ""
    time_claimed: datetime | None = None
    level: str = ""
    digest: str = ""
    key: str = ""
    key_bits: int = 0
    intact: bool = False
    valid: bool = False
    trusted: bool = False
    ours: bool = False
    covers_whole_file: bool = False
    changed_after: tuple[str, ...] = ()
    readable: bool = True
    timestamp: bool = False
    kept: bool = False
    stamped_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether it is a seal of ours, or a timestamp by an authority that we trust."""
        return self.trusted if self.timestamp else self.ours


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
    signatures = tuple(_signature(fact, known) for fact in facts.get("signatures", []))
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
    problems = _problems(facts, signatures, expected, seals, size)
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


def _signature(fact: Mapping[str, Any], known: Collection[str]) -> Signature:
    claimed, stamped = fact.get("time_claimed"), fact.get("stamped_at")
    return Signature(
        field=fact["field"],
        signer=fact.get("signer", ""),
        issuer=fact.get("issuer", ""),
        fingerprint=fact.get("fingerprint", ""),
        time_claimed=datetime.fromisoformat(claimed) if claimed else None,
        level=fact.get("level", ""),
        digest=fact.get("digest", ""),
        key=fact.get("key", ""),
        key_bits=int(fact.get("key_bits") or 0),
        intact=bool(fact.get("intact")),
        valid=bool(fact.get("valid")),
        trusted=bool(fact.get("trusted")),
        ours=fact.get("fingerprint") in known,
        covers_whole_file=bool(fact.get("whole_file")),
        changed_after=tuple(fact.get("changed_after", ())),
        readable="error" not in fact,
        timestamp=bool(fact.get("timestamp")),
        kept=_harmless(fact),
        stamped_at=datetime.fromisoformat(stamped) if stamped else None,
    )


def _problems(
    facts: Mapping[str, Any],
    signatures: tuple[Signature, ...],
    expected: Expected | None,
    seals: Collection[str],
    size: int,
) -> list[Sentence]:
    """Return everything that keeps the file from being exactly what we signed."""
    said: list[Sentence] = []
    for fact, signature in zip(facts.get("signatures", []), signatures, strict=True):
        said += _of_one(fact, signature)
    given = [each for each in signatures if not each.timestamp]
    said += _of_fields(facts, [each.field for each in given], _fields(facts, expected))
    said += _of_persons(given, dict(expected.wanted) if expected else {}, seals)
    said += _of_newest(facts, signatures, size)
    if differing := facts.get("differing"):
        said.append(sentence("changed_appearance", pages=", ".join(map(str, differing))))
    said += [sentence(f"has_{each}") for each in facts.get("activity", [])]
    if facts.get("malformed"):
        said.append(sentence("malformed"))
    return said


def _of_one(fact: Mapping[str, Any], signature: Signature) -> list[Sentence]:
    if not signature.readable:
        return [sentence("signature_unreadable")]
    if not signature.intact:
        return [sentence("signature_broken")]
    if not signature.valid:
        return [sentence("signature_invalid")]
    said = [] if fact.get("exact") else [sentence("signature_misplaced")]
    weak = _weaknesses(signature)
    if signature.timestamp and not signature.trusted:
        said.append(sentence("signature_unexpected"))
    elif not signature.timestamp and not (signature.ours and (signature.trusted or weak)):
        said.append(_distrust(fact, signature))  # a weak one is not trusted for that alone
    return said + weak


def _weaknesses(signature: Signature) -> list[Sentence]:
    said = []
    if signature.digest not in DIGESTS:
        said.append(sentence("weak_digest", digest=signature.digest))
    if signature.key_bits < BITS_MIN.get(signature.key, 1 << 30):
        said.append(sentence("weak_key"))
    return said


def _distrust(fact: Mapping[str, Any], signature: Signature) -> Sentence:
    problem = str(fact.get("problem"))
    if signature.ours and "REVOKED" in problem:
        return sentence("certificate_revoked")
    if signature.ours and ("EXPIRED" in problem or "OUT_OF_BOUNDS" in problem):
        return sentence("certificate_expired")
    return sentence("signer_untrusted", signer=signature.signer)


def _fields(facts: Mapping[str, Any], expected: Expected | None) -> list[str]:
    """Return the signature fields that there must be, in order.

    The ledger knows them; in a file that it does not know, those that were there when it was first
    signed.
    """
    if expected:
        return [field for field, _ in expected.wanted]
    return [each["field"] for each in facts.get("announced", ())] or [SEAL]


def _of_fields(facts: Mapping[str, Any], present: list[str], wanted: list[str]) -> list[Sentence]:
    if not present:
        removed = facts.get("empty_fields") or facts.get("traces")
        return [sentence("signature_removed" if removed else "no_signature")]
    said = [sentence("signature_removed")] if facts.get("empty_fields") else []
    if set(wanted) - set(present) or SEAL not in present:
        said.append(sentence("signature_missing"))
    if set(present) - set(wanted) or len(present) > len(set(present)):
        said.append(sentence("signature_unexpected"))
    if not said and present != wanted:
        said.append(sentence("signature_order"))
    return said


def _of_persons(
    given: list[Signature], wanted: Mapping[str, str], seals: Collection[str]
) -> list[Sentence]:
    """Return what is wrong about who signed where: a person's key seals nothing, for one."""
    for each in given:
        if not (each.ours and each.readable):
            continue
        by = wanted.get(each.field, each.fingerprint)
        if each.fingerprint != by or (each.field == SEAL) != (each.fingerprint in seals):
            return [sentence("signature_other_person", signer=each.signer)]
    return []


def _of_newest(
    facts: Mapping[str, Any], signatures: tuple[Signature, ...], size: int
) -> list[Sentence]:
    """Return what was done to the file after the last signature, and to each between them."""
    pairs = zip(facts.get("signatures", []), signatures, strict=True)
    ours = [(fact, each) for fact, each in pairs if each.counts and each.readable and each.intact]
    if not ours:
        return []
    said = []
    if any(not _harmless(fact) for fact, _ in ours):
        said.append(sentence("changed_after_signing"))
    fact, newest = ours[-1]
    if newest.covers_whole_file:
        return said
    said += [_change(each) for each in newest.changed_after]
    beyond = size - int(fact.get("end", size))
    if not newest.changed_after and beyond > 0:
        said.append(sentence("bytes_appended", count=beyond))
    return said or [sentence("signature_misplaced")]


def _harmless(fact: Mapping[str, Any]) -> bool:
    return bool(fact.get("permitted")) and fact.get("modification") in HARMLESS


def _change(kind: str) -> Sentence:
    code = f"changed_{kind}"
    return sentence(code if code in TEXTS else "changed_after_signing")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
