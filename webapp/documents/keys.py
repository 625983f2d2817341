"""The keys that sign: a small authority of the bureau's own, or a certificate that it brings.

Everything lies in one folder (mode 0700, files 0600)::

    ca/            key.pem  certificate.pem  crl.der      the built-in authority
    identities/    <name>/certificate.pem  chain.pem  key.pem
    people/        <user id>/<fingerprint>/               certificate.pem  key.pem
    roots/         <fingerprint>.pem                      what verification trusts
    current                                               the name of the identity that signs

A replaced identity stays: its certificate is still what older documents were signed with.  An
identity whose key stays in its PKCS#12 file has no ``key.pem`` here.
"""

import os
import secrets
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from webapp.core.errors import N_, Invalid
from webapp.documents import authority, pkcs12
from webapp.documents.authority import SigningKey, fingerprint, pem
from webapp.documents.custody import Custodian, KeptKey
from webapp.documents.token import TokenPlace
from webapp.documents.token import read as read_token

FOLDER_MODE = 0o700
FILE_MODE = 0o600


@dataclass(frozen=True)
class Keys:
    """What one process signs and verifies with, loaded once.

    ``custodian`` keeps the private key; ``chain`` leads from the certificate towards its root;
    ``roots`` and ``crls`` are DER; ``signers`` are the fingerprints of every certificate this
    installation ever sealed with, ``people`` those of the persons who sign (:mod:`personal`).
    """

    certificate: x509.Certificate
    custodian: Custodian
    chain: tuple[x509.Certificate, ...]
    roots: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    signers: frozenset[str]
    people: frozenset[str] = frozenset()

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the signing certificate, lower-case hex."""
        return fingerprint(self.certificate)

    @property
    def name(self) -> str:
        """Who signs, as the certificate says it."""
        return authority.name_of(self.certificate)


def open_keys(
    folder: Path,
    *,
    organisation: str,
    at: datetime,
    p12: Path | None = None,
    passphrase: str = "",
    token: TokenPlace | None = None,
) -> Keys:
    """Load the keys, making the built-in authority on the very first run.

    With ``p12`` or ``token`` that file's, or that hardware's, certificate signs, and its key stays
    where it is; only its certificate is kept here, so that its documents stay verifiable when the
    file or the hardware is gone.

    :raises Invalid: the folder is damaged, or the file or the token cannot sign (see
        :func:`pkcs12.read`, :func:`token.read`).
    """
    if not (folder / "current").exists():
        make(folder, organisation=organisation, at=at)
    if token is not None:
        on_token = read_token(token, at=at)
        _keep_certificate(folder, on_token.certificate, on_token.chain, on_token.root)
        return _assemble(folder, on_token.certificate, on_token.custodian, on_token.chain)
    if p12 is None:
        return load(folder)
    identity = pkcs12.read(p12, passphrase, at=at)
    _keep_certificate(folder, identity.certificate, identity.chain, identity.root)
    return _assemble(folder, identity.certificate, KeptKey(identity.private_key), identity.chain)


def load(folder: Path) -> Keys:
    """Read the keys from their folder.

    :raises Invalid: something is missing or unreadable; nothing is made anew, since a second
        authority in the place of a lost one would disown every document signed so far.
    """
    if not folder.exists():
        raise Invalid(N_("还没有签名密钥：签发第一份文书时自动生成"), code="keys_missing")
    try:
        identity = folder / "identities" / (folder / "current").read_text("utf-8").strip()
        key = serialization.load_pem_private_key((identity / "key.pem").read_bytes(), None)
        certificate = _certificates(identity / "certificate.pem")[0]
        chain = tuple(_certificates(identity / "chain.pem"))
        return _assemble(folder, certificate, KeptKey(pkcs12.usable_key(key)), chain)
    except (OSError, ValueError, IndexError) as error:
        raise unreadable(folder, error) from error


def refreshed(own: Keys, folder: Path) -> Keys:
    """Return keys with what may have changed since they were loaded: people, revocations."""
    return replace(own, people=people(folder), crls=_lists(folder))


def make(folder: Path, *, organisation: str, at: datetime) -> None:
    """Make the built-in authority, its signing certificate and an empty revocation list.

    Two processes may start at once: the folder appears whole, by one rename, and the one that
    comes second throws its own away.

    :raises Invalid: the organisation has no usable name, or a damaged folder is in the way.
    """
    name = organisation.strip()
    if not 1 <= len(name) <= authority.NAME_MAX:
        raise Invalid(
            N_("单位名称应为 1 至 %(most)d 个字"),
            code="organisation_name", most=authority.NAME_MAX,
        )  # fmt: skip
    staging = folder.with_name(f"{folder.name}.{secrets.token_hex(8)}.tmp")
    try:
        _fill(staging, name, at)
        os.rename(staging, folder)
        sync_folder(folder.parent)
    except OSError as error:
        if not (folder / "current").exists():
            raise unreadable(folder, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def import_pkcs12(folder: Path, p12: Path, passphrase: str, *, at: datetime) -> Keys:
    """Take over a PKCS#12 file for good: from now on its certificate signs.

    :raises Invalid: the file cannot sign (see :func:`pkcs12.read`).
    """
    identity = pkcs12.read(p12, passphrase, at=at)
    _keep(folder, identity)
    return load(folder)


def renew_crl(folder: Path, *, at: datetime, revoke: x509.Certificate | None = None) -> bytes:
    """Issue the revocation list anew, with one more certificate if given; return its DER.

    :raises Invalid: the built-in authority did not issue that certificate, or is not here.
    """
    key, root, old = built_in(folder)
    entries = list(old)
    if revoke is not None:
        if not authority.issued(root, revoke):
            raise Invalid(
                N_("这张证书不是内置根证书签发的，请由其发证机构吊销"), code="not_our_issue"
            )
        if old.get_revoked_certificate_by_serial_number(revoke.serial_number) is None:
            entries.append(authority.revocation(revoke.serial_number, at))
    number = old.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number + 1
    crl = authority.revocation_list(root, key, entries, at, number)
    der = crl.public_bytes(serialization.Encoding.DER)
    write_private(folder / "ca" / "crl.der", der)
    return der


def built_in(
    folder: Path,
) -> tuple[SigningKey, x509.Certificate, x509.CertificateRevocationList]:
    """Return the built-in authority's key, its certificate and its newest revocation list.

    :raises Invalid: it is not here, or damaged.
    """
    try:
        key = serialization.load_pem_private_key((folder / "ca" / "key.pem").read_bytes(), None)
        root = _certificates(folder / "ca" / "certificate.pem")[0]
        crl = x509.load_der_x509_crl((folder / "ca" / "crl.der").read_bytes())
        return pkcs12.usable_key(key), root, crl
    except (OSError, ValueError, IndexError) as error:
        raise unreadable(folder, error) from error


def certificates(folder: Path) -> list[x509.Certificate]:
    """Return every certificate that this installation signs or ever signed with."""
    paths = sorted(folder.glob("identities/*/certificate.pem"))
    return [certificate for path in paths for certificate in _certificates(path)[:1]]


def people(folder: Path) -> frozenset[str]:
    """Return the fingerprints of every certificate that a person ever signed with here."""
    return frozenset(path.name for path in folder.glob("people/*/*") if path.is_dir())


def trusted_roots(path: Path | None) -> tuple[bytes, ...]:
    """Return the roots (DER) in a PEM file: those that a time-stamp authority is trusted by.

    :raises Invalid: there is a path, and no certificate to be read there.
    """
    if path is None:
        return ()
    try:
        return tuple(authority.der(root) for root in _certificates(path))
    except (OSError, ValueError) as error:
        raise Invalid(
            N_("时间戳服务的根证书文件 %(path)s 无法读取：%(detail)s"),
            code="tsa_roots", path=str(path), detail=str(error),
        ) from error  # fmt: skip


def _fill(staging: Path, organisation: str, at: datetime) -> None:
    staging.parent.mkdir(parents=True, exist_ok=True)
    for private in (staging, staging / "identities"):
        private.mkdir(mode=FOLDER_MODE)
    root_key, key = authority.new_key(), authority.new_key()
    root = authority.root_certificate(organisation, root_key, at)
    certificate = authority.signer_certificate(organisation, key, root, root_key, at)
    crl = authority.revocation_list(root, root_key, [], at, 1)
    write_private(staging / "ca" / "key.pem", authority.private_pem(root_key))
    write_private(staging / "ca" / "certificate.pem", pem(root))
    write_private(staging / "ca" / "crl.der", crl.public_bytes(serialization.Encoding.DER))
    _keep(staging, pkcs12.Identity(certificate, key, (root,), root))


def _keep(folder: Path, identity: pkcs12.Identity) -> None:
    """Store an identity with its key: it signs from now on."""
    home = _home(folder, identity.certificate)
    write_private(home / "key.pem", authority.private_pem(identity.private_key))
    _keep_certificate(folder, identity.certificate, identity.chain, identity.root)
    write_private(folder / "current", f"{home.name}\n".encode())  # last: until here the old one


def _keep_certificate(
    folder: Path,
    certificate: x509.Certificate,
    chain: tuple[x509.Certificate, ...],
    root: x509.Certificate,
) -> None:
    """Store a certificate and trust its root."""
    home = _home(folder, certificate)
    write_private(home / "chain.pem", b"".join(pem(each) for each in chain))
    write_private(folder / "roots" / f"{fingerprint(root)}.pem", pem(root))
    write_private(home / "certificate.pem", pem(certificate))


def _home(folder: Path, certificate: x509.Certificate) -> Path:
    return folder / "identities" / fingerprint(certificate)[:16]


def _assemble(
    folder: Path,
    certificate: x509.Certificate,
    custodian: Custodian,
    chain: tuple[x509.Certificate, ...],
) -> Keys:
    roots = [each for path in sorted(folder.glob("roots/*.pem")) for each in _certificates(path)]
    return Keys(
        certificate=certificate,
        custodian=custodian,
        chain=chain,
        roots=tuple(authority.der(root) for root in roots),
        crls=_lists(folder),
        signers=frozenset(fingerprint(each) for each in certificates(folder)),
        people=people(folder),
    )


def _lists(folder: Path) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(folder.glob("ca/crl.der")))


def _certificates(path: Path) -> list[x509.Certificate]:
    data = path.read_bytes()
    return x509.load_pem_x509_certificates(data) if data.strip() else []


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all, and on the disk."""
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put a folder's list of names on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unreadable(folder: Path, error: Exception) -> Invalid:
    """Return the refusal of a damaged folder."""
    return Invalid(
        N_("签名密钥文件夹 %(folder)s 不完整或无法读取，请从备份恢复：%(detail)s"),
        code="keys_unreadable", folder=str(folder), detail=str(error),
    )  # fmt: skip
