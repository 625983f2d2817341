"""A certificate for a local address, from an authority that can vouch for nothing else."""

import stat
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from webapp.core import tls
from webapp.core.clock import now
from webapp.core.trust import PlainDoor

HERE = "192.168.3.7"


def is_trusted(authority: Path, certificate: Path, *name: str) -> bool:
    """Ask OpenSSL, as a foreign reader."""
    words = ["openssl", "verify", "-purpose", "sslserver", "-x509_strict", "-CAfile"]
    done = subprocess.run(
        [*words, str(authority), *name, str(certificate)], capture_output=True, check=False
    )
    return done.returncode == 0


def test_a_reader_that_trusts_the_authority_accepts_the_server(tmp_path):
    made = tls.certificate_for(tmp_path, HERE, now())
    assert is_trusted(made.authority, made.certificate, "-verify_ip", HERE)
    assert is_trusted(made.authority, made.certificate, "-verify_ip", "127.0.0.1")
    assert not is_trusted(made.authority, made.certificate, "-verify_ip", "192.168.3.8")


@pytest.mark.parametrize("name", ["bank.example.org", "203.0.113.9"])
def test_the_authority_cannot_vouch_for_the_internet(tmp_path, name):
    made = tls.certificate_for(tmp_path, HERE, now())
    forged = tmp_path / "forged.pem"
    forged.write_bytes(forge(made.authority, name))
    assert not is_trusted(made.authority, forged)


def forge(authority: Path, name: str) -> bytes:
    """Sign for another name, as somebody could who stole the authority's key."""
    root = x509.load_pem_x509_certificate(authority.read_bytes())
    pem = authority.with_name("key.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    try:
        shown = x509.IPAddress(ip_address(name))
    except ValueError:
        shown = x509.DNSName(name)
    now_at = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")]))
        .issuer_name(root.subject)
        .public_key(ec.generate_private_key(ec.SECP256R1()).public_key())
        .serial_number(7)
        .not_valid_before(now_at - timedelta(hours=1))
        .not_valid_after(now_at + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([shown]), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


def test_what_is_good_is_kept_so_that_phones_trust_once(tmp_path):
    first = tls.certificate_for(tmp_path, HERE, now())
    before = [path.read_bytes() for path in (first.authority, first.certificate, first.key)]
    again = tls.certificate_for(tmp_path, HERE, now())
    assert [p.read_bytes() for p in (again.authority, again.certificate, again.key)] == before


def test_another_address_and_a_late_day_renew_the_server_alone(tmp_path):
    first = tls.certificate_for(tmp_path, HERE, now())
    root, shown = first.fingerprint, first.certificate.read_bytes()
    moved = tls.certificate_for(tmp_path, "10.1.2.3", now())
    assert is_trusted(moved.authority, moved.certificate, "-verify_ip", "10.1.2.3")
    later = tls.certificate_for(tmp_path, "10.1.2.3", now() + timedelta(days=380))
    assert later.certificate.read_bytes() not in {shown, b""}
    assert (moved.fingerprint, later.fingerprint) == (root, root)


def test_an_address_that_the_authority_may_not_vouch_for_makes_a_new_one(tmp_path):
    root = tls.certificate_for(tmp_path, HERE, now()).fingerprint
    made = tls.certificate_for(tmp_path, "198.51.100.4", now())
    assert made.fingerprint != root
    assert is_trusted(made.authority, made.certificate, "-verify_ip", "198.51.100.4")


def test_a_crash_between_two_files_is_mended(tmp_path):
    made = tls.certificate_for(tmp_path, HERE, now())
    made.key.unlink()
    again = tls.certificate_for(tmp_path, HERE, now())
    assert again.key.exists()
    made.authority.unlink()
    again = tls.certificate_for(tmp_path, HERE, now())
    assert is_trusted(again.authority, again.certificate, "-verify_ip", HERE)


def test_keys_are_for_their_owner_alone(tmp_path):
    made = tls.certificate_for(tmp_path, HERE, now())
    for key in (made.key, made.authority.with_name("key.pem")):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.key.parent.stat().st_mode) == 0o700


# -- pages ------------------------------------------------------------------------------------


@pytest.fixture
def authority(app):
    """Let this installation have an authority of its own."""
    data_dir = app.extensions["settings"].data_dir
    yield tls.certificate_for(data_dir, HERE, now())
    for path in sorted((data_dir / "tls").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def test_the_page_of_trust_shows_the_fingerprint_and_hands_the_certificate_out(app, authority):
    client = app.test_client()
    assert authority.fingerprint in client.get("/trust").text
    answer = client.get("/trust/mingcha-ca.crt")
    assert answer.mimetype == "application/x-x509-ca-cert"
    shown = x509.load_der_x509_certificate(answer.data)
    assert shown.fingerprint(hashes.SHA256()).hex(":").upper() == authority.fingerprint


def test_there_is_nothing_to_trust_where_there_is_no_authority(app):
    assert app.test_client().get("/trust").status_code == 404
    assert app.test_client().get("/trust/mingcha-ca.crt").status_code == 404


@pytest.mark.parametrize(
    ("url", "is_told"),
    [("http://192.168.3.7:8000", True), ("http://localhost:8000", False),
     ("http://127.0.0.1:8000", False), ("https://192.168.3.7:8000", False)],
)  # fmt: skip
def test_a_page_without_tls_says_what_is_missing(app, url, is_told):
    page = app.test_client().get("/sign-in", base_url=url).text
    assert ("这里不是安全连接" in page) is is_told


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", "/trust"),
        ("/inspections?x=1", "https://192.168.3.7:8000/inspections?x=1"),
        ("/a%0d%0aX-Evil:%20y", "https://192.168.3.7:8000/a%0D%0AX-Evil%3A%20y"),
        ("/%E7%9D%A3", "https://192.168.3.7:8000/%E7%9D%A3"),
    ],
)
def test_the_plain_door_leads_to_the_other(app, monkeypatch, path, target):
    monkeypatch.setattr(app, "wsgi_app", PlainDoor(app.wsgi_app, "https://192.168.3.7:8000/"))
    answer = app.test_client().open(path, base_url="http://192.168.3.7:8001")
    assert (answer.status_code, answer.headers["Location"]) == (307, target)


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/me", "/trustees", "/healthz"])
def test_the_plain_door_shows_nothing_but_the_page_of_trust(app, monkeypatch, authority, path):
    monkeypatch.setattr(app, "wsgi_app", PlainDoor(app.wsgi_app, "https://192.168.3.7:8000"))
    client = app.test_client()
    assert client.post(path).status_code == 307
    assert client.get("/trust").status_code == 200
