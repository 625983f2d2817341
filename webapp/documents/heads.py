"""Signing the roots of the event tree by the organisation's key, and checking those signatures."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.core import tree
from webapp.core.db import db
from webapp.core.tree import Head
from webapp.documents import keys
from webapp.documents.workshop import workshop


def grow(at: datetime) -> int:
    """Add the events that are not in the tree yet and sign each new root; returns how many.

    Another host may do the same at this moment: then its leaves count, not ours.
    """
    count = 0
    while True:
        with db.reading() as session:
            if (grown := tree.growth(session)) is None:
                return count
            ours = workshop().keys(session)
        entry = tree.head_entry(grown.tree.size, grown.root, at)
        signature = ours.custodian.sign(entry).hex()
        try:
            with db.writing() as session:
                tree.add(session, grown, at=at, signature=signature, fingerprint=ours.fingerprint)
        except IntegrityError:
            return count
        count += len(grown.events)


def printed_root(session: Session) -> str:
    """Return the newest signed root as documents print it, after its size; empty: none yet."""
    head = tree.newest(session)
    return f"{head.size}:{head.root}" if head else ""


def agrees(session: Session, printed: str) -> bool:
    """Return whether a root that a document prints is, then as now, one that we signed."""
    size, _, root = printed.partition(":")
    head = session.get(Head, int(size)) if size.isdecimal() else None
    return head is not None and head.root == root and _is_ours(head, _certificates())


def faults(session: Session) -> Iterator[tuple[str, str]]:
    """Yield (what, detail) for all of the tree that does not agree, its signatures included."""
    known = _certificates()
    for head in session.scalars(select(Head).order_by(Head.size)):
        if not _is_ours(head, known):
            yield "signature_invalid", f"root over {head.size} leaves"
    yield from tree.faults(session)


def _certificates() -> dict[str, x509.Certificate]:
    """Return the certificates that seal or sealed for us, by fingerprint."""
    found = keys.certificates(workshop().settings.keys_dir)
    return {one.fingerprint(SHA256()).hex(): one for one in found}


def _is_ours(head: Head, known: Mapping[str, x509.Certificate]) -> bool:
    certificate = known.get(head.fingerprint)
    return certificate is not None and _is_signed(head, certificate)


def _is_signed(head: Head, certificate: x509.Certificate) -> bool:
    entry, signature = tree.head_entry(head.size, head.root, head.at), bytes.fromhex(head.signature)
    key = certificate.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, entry, ec.ECDSA(SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, entry, padding.PKCS1v15(), SHA256())
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True
