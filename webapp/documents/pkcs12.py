"""A certificate that the bureau brings: a PKCS#12 file (.p12, .pfx), read and judged.

Every refusal says what is wrong with the file and what to ask the issuer for.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from webapp.core.errors import N_, Invalid
from webapp.documents.authority import SigningKey, fingerprint, issued

SIZE_MAX_BYTES = 1024 * 1024
RSA_BITS_MIN = 2048
CURVES = ("secp256r1", "secp384r1", "secp521r1")
KIND_REFUSED = N_("密钥种类不能用：请用 P-256 以上的 ECC 或 2048 位以上的 RSA")


@dataclass(frozen=True)
class Identity:
    """A certificate, its key, the certificates towards its root, and what is to be trusted.

    ``root`` is the top of the chain in the file; where the file has no chain it is the
    certificate itself, so that nobody else's certificate of the same issuer is trusted.
    """

    certificate: x509.Certificate
    private_key: SigningKey
    chain: tuple[x509.Certificate, ...]
    root: x509.Certificate


def read(path: Path, passphrase: str, *, at: datetime) -> Identity:
    """Read a PKCS#12 file and make sure that documents can be signed with it.

    :raises Invalid: see the ``code``: ``p12_missing``, ``p12_not_one``, ``p12_passphrase``,
        ``p12_no_key``, ``p12_no_certificate``, ``key_mismatch``, ``key_kind``, ``key_weak``,
        ``certificate_expired``, ``certificate_not_yet``, ``certificate_usage``.
    """
    key, certificate, others = _open(_bytes(path), passphrase)
    if key is None:
        raise Invalid(
            N_("文件里没有私钥：请向发证机构索取带私钥的 .p12 或 .pfx 文件"), code="p12_no_key"
        )
    if certificate is None:
        raise Invalid(N_("文件里没有与私钥对应的证书"), code="p12_no_certificate")
    usable = usable_key(key)
    if certificate.public_key() != usable.public_key():
        raise Invalid(N_("文件里的证书与私钥不是一对"), code="key_mismatch")
    check_dates(certificate, at)
    check_usage(certificate)
    chain = chain_of(certificate, others)
    return Identity(certificate, usable, chain, chain[-1] if chain else certificate)


def usable_key(key: object) -> SigningKey:
    """Return the key if it is strong enough and of a kind that every PDF reader checks.

    :raises Invalid: ``key_kind`` or ``key_weak``.
    """
    if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        check_strength(key.public_key())
        return key
    raise Invalid(KIND_REFUSED, code="key_kind")


def check_strength(key: object) -> None:
    """Make sure that a public key is strong enough and of a kind that PDF readers check.

    :raises Invalid: ``key_kind`` or ``key_weak``.
    """
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < RSA_BITS_MIN:
            raise Invalid(
                N_("密钥太短：RSA %(bits)d 位，至少要 %(least)d 位"),
                code="key_weak", bits=key.key_size, least=RSA_BITS_MIN,
            )  # fmt: skip
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in CURVES:
            raise Invalid(
                N_("密钥曲线 %(curve)s 太弱或不通用，请用 P-256、P-384 或 P-521"),
                code="key_weak", curve=key.curve.name,
            )  # fmt: skip
    else:
        raise Invalid(KIND_REFUSED, code="key_kind")


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > SIZE_MAX_BYTES:
            raise Invalid(N_("%(file)s 不是 PKCS#12 文件"), code="p12_not_one", file=path.name)
        return path.read_bytes()
    except OSError as error:
        raise Invalid(
            N_("打不开文件 %(file)s：%(detail)s"),
            code="p12_missing", file=str(path), detail=error.strerror or "",
        ) from error  # fmt: skip


def _open(
    data: bytes, passphrase: str
) -> tuple[object | None, x509.Certificate | None, list[x509.Certificate]]:
    try:
        return pkcs12.load_key_and_certificates(data, passphrase.encode() if passphrase else None)
    except (ValueError, TypeError) as error:
        if _looks_like_pkcs12(data):
            raise Invalid(N_("口令不对，或文件已损坏"), code="p12_passphrase") from error
        raise Invalid(N_("这不是 PKCS#12 文件（.p12、.pfx）"), code="p12_not_one") from error


def _looks_like_pkcs12(data: bytes) -> bool:
    try:
        return bool(asn1_pkcs12.Pfx.load(data, strict=True)["version"].native == "v3")
    except (ValueError, TypeError):
        return False


def check_dates(certificate: x509.Certificate, at: datetime) -> None:
    """Refuse a certificate that has ended or is not valid yet."""
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at > last:
        raise Invalid(
            N_("证书已于 %(day)s 到期，请换新证书"),
            code="certificate_expired", day=last.date().isoformat(),
        )  # fmt: skip
    if at < first:
        raise Invalid(
            N_("证书从 %(day)s 起才有效，请核对本机时间"),
            code="certificate_not_yet", day=first.date().isoformat(),
        )  # fmt: skip


def check_usage(certificate: x509.Certificate) -> None:
    """Refuse a certificate that is not made for signing."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        raise Invalid(
            N_("证书的密钥用法不含数字签名或抗抵赖（例如只能加密），不能用来签文件"),
            code="certificate_usage",
        )


def chain_of(
    certificate: x509.Certificate, others: list[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """Return the certificates above this one, in order, as far as the file has them."""
    chain: list[x509.Certificate] = []
    seen = {fingerprint(certificate)}
    current = certificate
    while True:
        above = [each for each in others
                 if fingerprint(each) not in seen and issued(each, current)]  # fmt: skip
        if not above:
            return tuple(chain)
        current = above[0]
        chain.append(current)
        seen.add(fingerprint(current))
