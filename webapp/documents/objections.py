"""Everything that keeps a file from being exactly what we signed."""

from collections.abc import Collection, Mapping
from typing import Any

from webapp.documents.seen import SEAL, Expected, Signature, is_harmless
from webapp.documents.sentences import TEXTS, Sentence, sentence

DIGESTS = ("sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512")
BITS_MIN = {"ec": 256, "rsa": 2048, "rsassa_pss": 2048}


def objections(
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
    if any(not is_harmless(fact) for fact, _ in ours):
        said.append(sentence("changed_after_signing"))
    fact, newest = ours[-1]
    if newest.covers_whole_file:
        return said
    said += [_change(each) for each in newest.changed_after]
    beyond = size - int(fact.get("end", size))
    if not newest.changed_after and beyond > 0:
        said.append(sentence("bytes_appended", count=beyond))
    return said or [sentence("signature_misplaced")]


def _change(kind: str) -> Sentence:
    code = f"changed_{kind}"
    return sentence(code if code in TEXTS else "changed_after_signing")
