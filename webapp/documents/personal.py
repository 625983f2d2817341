"""The certificates by which persons sign: one key pair each, made by the built-in authority.

It is made at the first signature and kept with the keys, ``people/<user id>/<fingerprint>/``.  What
was revoked or has ended stays, since documents bear it, and the next signature makes a new pair.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from webapp.documents import authority, keys, pkcs12
from webapp.documents.authority import fingerprint, pem
from webapp.documents.custody import KeptKey
from webapp.documents.keys import Keys


def keys_of(folder: Path, user_id: int, *, name: str, organisation: str, at: datetime) -> Keys:
    """Return what a person signs with, making it where there is nothing good.

    :raises Invalid: the built-in authority is not there, or the folder is damaged.
    """
    root_key, root, crl = keys.built_in(folder)
    with _alone(folder / "people" / str(user_id)) as home:
        good = [
            one for one in sorted(home.glob("*/certificate.pem")) if _is_good(one, name, crl, at)
        ]
        if not good:
            key = authority.new_key()
            certificate = authority.person_certificate(
                organisation, name[: authority.NAME_MAX], key, root, root_key, at
            )
            place = home / fingerprint(certificate)
            keys.write_private(place / "key.pem", authority.private_pem(key))
            keys.write_private(place / "certificate.pem", pem(certificate))  # last: now it counts
            good = [place / "certificate.pem"]
    return _load(folder, good[-1].parent, root)


def certificates(folder: Path) -> list[x509.Certificate]:
    """Return every certificate that a person signs or signed with."""
    return [_read(path) for path in sorted(folder.glob("people/*/*/certificate.pem"))]


def _is_good(path: Path, name: str, crl: x509.CertificateRevocationList, at: datetime) -> bool:
    certificate = _read(path)
    revoked = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    is_theirs = authority.name_of(certificate) == name[: authority.NAME_MAX]  # people marry
    return revoked is None and is_theirs and at < certificate.not_valid_after_utc


def _load(folder: Path, place: Path, root: x509.Certificate) -> Keys:
    try:
        key = serialization.load_pem_private_key((place / "key.pem").read_bytes(), None)
        own = keys.load(folder)
        return Keys(
            certificate=_read(place / "certificate.pem"), custodian=KeptKey(pkcs12.usable_key(key)),
            chain=(root,), roots=own.roots, crls=own.crls, signers=own.signers, people=own.people,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        raise keys.unreadable(folder, error) from error


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


@contextmanager
def _alone(home: Path) -> Iterator[Path]:
    """Keep other processes from making a second pair at the same moment."""
    home.mkdir(mode=keys.FOLDER_MODE, parents=True, exist_ok=True)
    handle = os.open(home / ".lock", os.O_WRONLY | os.O_CREAT, keys.FILE_MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield home
    finally:
        os.close(handle)
