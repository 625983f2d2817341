"""What a file should bear and what it bears: the words in which a verdict thinks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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


def signature(fact: Mapping[str, Any], known: Collection[str]) -> Signature:
    """Return one signature from the facts about it; ``known`` are our certificates."""
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
        kept=is_harmless(fact),
        stamped_at=datetime.fromisoformat(stamped) if stamped else None,
    )


def is_harmless(fact: Mapping[str, Any]) -> bool:
    """Say whether what came after a signature is what it permits."""
    return bool(fact.get("permitted")) and fact.get("modification") in HARMLESS
