"""A certificate for an address of the local network, from a small authority of this installation.

Apart from the authority that signs documents: whoever trusts this one lets it vouch for addresses
of local networks only.  Its certificate says so (name constraints), and browsers hold it to that;
were its key stolen, it could still pose as nobody else on the internet.

    ca/      certificate.pem  key.pem    what phones are asked to trust
    server/  certificate.pem  key.pem    what they are shown
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from webapp.core.certificates import builder, usage

CA_LIFE = timedelta(days=3650)
SERVER_LIFE = timedelta(days=390)  # phones refuse more than 825 days
RENEW_BEFORE = timedelta(days=30)
LOCAL = tuple(
    IPv4Network(net)
    for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
)


@dataclass(frozen=True)
class Tls:
    """What a server shows, and the authority behind it."""

    certificate: Path
    key: Path
    authority: Path

    @property
    def fingerprint(self) -> str:
        """The authority's SHA-256 as phones show it: pairs of capital letters and digits."""
        return fingerprint_of(self.authority)


def fingerprint_of(authority: Path) -> str:
    """Return the SHA-256 of a certificate as phones show it."""
    certificate = x509.load_pem_x509_certificate(authority.read_bytes())
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def authority_in(data_dir: Path) -> Path:
    """Return where the authority's certificate lies, if there is one."""
    return data_dir / "tls/ca/certificate.pem"


def certificate_for(data_dir: Path, address: str, at: datetime) -> Tls:
    """Return a certificate for ``address``; what is there and still good is kept."""
    folder = data_dir / "tls"
    tls = Tls(folder / "server/certificate.pem", folder / "server/key.pem", authority_in(data_dir))
    wanted = IPv4Address(address)
    if not _is_good(tls.authority, at) or not _permits(tls.authority, wanted):
        _make_authority(folder / "ca", wanted, at)
        tls.certificate.unlink(missing_ok=True)
    if not _is_good(tls.certificate, at) or not _names(tls.certificate, wanted):
        _make_server(folder, wanted, at)
    return tls


def _is_good(path: Path, at: datetime) -> bool:
    if not path.exists() or not path.with_name("key.pem").exists():
        return False
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc > at + RENEW_BEFORE


def _permits(path: Path, address: IPv4Address) -> bool:
    authority = x509.load_pem_x509_certificate(path.read_bytes())
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    nets = (one.value for one in constraints.permitted_subtrees or ()
            if isinstance(one, x509.IPAddress))  # fmt: skip
    return any(isinstance(net, IPv4Network) and address in net for net in nets)


def _names(path: Path, address: IPv4Address) -> bool:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return address in names.get_values_for_type(x509.IPAddress)


def _make_authority(folder: Path, address: IPv4Address, at: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Mingcha 明察 局域网 LAN")
    nets = [*LOCAL] if any(address in net for net in LOCAL) else [*LOCAL, ip_network(address)]
    permitted = [*map(x509.IPAddress, nets), x509.DNSName("localhost")]
    begun = (
        builder(name, name, key, key, at, CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
    )
    _write(folder, begun.sign(key, hashes.SHA256()), key)


def _make_server(folder: Path, address: IPv4Address, at: datetime) -> None:
    authority = x509.load_pem_x509_certificate((folder / "ca/certificate.pem").read_bytes())
    ca_key = serialization.load_pem_private_key((folder / "ca/key.pem").read_bytes(), None)
    if not isinstance(ca_key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{folder / 'ca/key.pem'} is not a key that this made")
    key = ec.generate_private_key(ec.SECP256R1())
    addresses = dict.fromkeys((address, ip_address("127.0.0.1")))
    names = [*map(x509.IPAddress, addresses), x509.DNSName("localhost")]
    begun = (
        builder(_name(str(address)), authority.subject, key, ca_key, at, SERVER_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )
    _write(folder / "server", begun.sign(ca_key, hashes.SHA256()), key)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _write(folder: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    """Write a key and then its certificate: one that is there has its key beside it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "certificate.pem").unlink(missing_ok=True)
    with open(folder / "key.pem", "wb", opener=_private) as file:
        file.write(pem)
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
