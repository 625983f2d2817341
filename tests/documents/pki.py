"""A time-stamp authority of the tests' own, with its revocation list, over HTTP on the loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

DAY = timedelta(days=1)


class TimeStampAuthority:
    """Root, stamping certificate and revocation list; ``is_up``, ``has_list`` are switches."""

    def __init__(self, name: str = "示例时间戳", days: int = 3650) -> None:
        self.life = days * DAY
        self.is_up, self.has_list, self.asked = True, True, 0
        self.at = datetime.now(UTC)
        self.root_key = ec.generate_private_key(ec.SECP256R1())
        self.key = rsa.generate_private_key(65537, 2048)
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name}根")])
        self.own_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.revoked: list[int] = []
        self.url = ""

    @property
    def roots(self) -> tuple[bytes, ...]:
        return (self.root.public_bytes(Encoding.DER),)

    def open(self, url: str) -> None:
        """Issue the certificates; the one that stamps names the list's address."""
        self.url = url
        root = self._certificate(self.name, self.root_key.public_key())
        constraint = x509.BasicConstraints(ca=True, path_length=0)
        root = root.add_extension(constraint, critical=True)
        self.root = root.add_extension(usage("key_cert_sign", "crl_sign"), critical=True).sign(
            self.root_key, hashes.SHA256()
        )
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        place = x509.DistributionPoint(
            [x509.UniformResourceIdentifier(f"{url}list.crl")], None, None, None
        )
        own = self._certificate(self.own_name, self.key.public_key())
        own = own.add_extension(purpose, critical=True)
        own = own.add_extension(x509.CRLDistributionPoints([place]), critical=False)
        own = own.add_extension(usage("digital_signature"), critical=True)
        self.own = own.sign(self.root_key, hashes.SHA256())

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey
    ) -> x509.CertificateBuilder:
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root_key.public_key())
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name)
        builder = builder.public_key(key).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(self.at - DAY).not_valid_after(self.at + self.life)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key)
        return builder.add_extension(identifier, False).add_extension(issuer, False)

    def answer(self, request: bytes) -> bytes:
        """Return the timestamp that was asked for."""
        self.asked += 1
        key = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        own = asn1_x509.Certificate.load(self.own.public_bytes(Encoding.DER))
        stamper = DummyTimeStamper(own, PrivateKeyInfo.load(key))
        answer: bytes = stamper.request_tsa_response(tsp.TimeStampReq.load(request)).dump()
        return answer

    def list(self) -> bytes:
        """Return the revocation list."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name)
        builder = builder.last_update(self.at - DAY).next_update(self.at + 30 * DAY)
        for serial in self.revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial)
            entry = entry.revocation_date(self.at - DAY / 2)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.root_key, hashes.SHA256()).public_bytes(Encoding.DER)


def usage(*names: str) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{each: each in names for each in every})


@contextmanager
def serving(authority: TimeStampAuthority) -> Iterator[TimeStampAuthority]:
    """Answer time-stamp requests and hand out the revocation list."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if authority.is_up:
                self.say("application/timestamp-reply", authority.answer(body))
            else:
                self.send_error(503)

        def do_GET(self) -> None:
            if authority.has_list:
                self.say("application/pkix-crl", authority.list())
            else:
                self.send_error(404)

        def say(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = Thread(target=server.serve_forever)
    thread.start()
    authority.open(f"http://127.0.0.1:{server.server_port}/")
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
