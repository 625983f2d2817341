"""A key in hardware (PKCS#11): a software token stands in for it, its library and PIN are real."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pkcs11 import Attribute, ObjectClass

from tests.documents.tampering import BUREAU, seal, unsigned
from tests.documents.test_attacks import verdict_on
from tests.documents.test_keys import p12
from webapp.core.errors import Invalid
from webapp.documents import authority, keys
from webapp.documents.token import TokenPlace

NOW = datetime.now(UTC)
PIN = "123456"
LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
             "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so")  # fmt: skip
MODULE = next((Path(each) for each in LIBRARIES if Path(each).exists()), Path(LIBRARIES[0]))


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """A token with two good pairs, a weak one, and a key without certificate."""
    home = tmp_path_factory.mktemp("token")
    (home / "tokens").mkdir()
    conf = home / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {home / 'tokens'}\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(conf))
        make = ["softhsm2-util", "--init-token", "--free", "--label", "bureau",
                "--pin", PIN, "--so-pin", "12345678"]  # fmt: skip
        subprocess.run(make, check=True, capture_output=True)
        pairs = {
            "ec": ec.generate_private_key(ec.SECP256R1()),
            "rsa": rsa.generate_private_key(65537, 2048),
            "weak": rsa.generate_private_key(65537, 1024),
            "bare": ec.generate_private_key(ec.SECP256R1()),
        }
        for label, key in pairs.items():
            _import(home, label, key)
        certificates = {label: p12(home / "a.p12", key=key) for label, key in pairs.items()
                        if label != "bare"}  # fmt: skip
        _store(certificates)
        yield certificates


def _import(home, label, key):
    path = home / f"{label}.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    number = label.encode().hex()
    subprocess.run(["softhsm2-util", "--import", path, "--token", "bureau", "--label", label,
                    "--id", number, "--pin", PIN], check=True, capture_output=True)  # fmt: skip


def _store(certificates):
    token = pkcs11.lib(str(MODULE)).get_token(token_label="bureau")
    with token.open(user_pin=PIN, rw=True) as session:
        for label, (certificate, root) in certificates.items():
            for name, each in ((label, certificate), (f"{label} root", root)):
                session.create_object({
                    Attribute.CLASS: ObjectClass.CERTIFICATE,
                    Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    Attribute.TOKEN: True,
                    Attribute.LABEL: name,
                    Attribute.SUBJECT: each.subject.public_bytes(),
                    Attribute.VALUE: authority.der(each),
                })  # fmt: skip


OPEN = []


def opened(folder, **changes):
    place = {"module": MODULE, "token": "bureau", "key": "ec", "pin": PIN} | changes
    own = keys.open_keys(folder, organisation=BUREAU, at=NOW, token=TokenPlace(**place))
    OPEN.append(own.custodian)
    return own


@pytest.fixture(autouse=True)
def logged_out():
    yield
    while OPEN:
        OPEN.pop()._forget()


@pytest.mark.parametrize("label", ["ec", "rsa"])
def test_the_token_signs_and_others_accept_it(token, tmp_path, label):
    folder = tmp_path / "keys"
    own = opened(folder, key=label)
    assert own.certificate == token[label][0]
    assert own.chain == (token[label][1],)
    path = tmp_path / "a.pdf"
    path.write_bytes(seal(unsigned(), own))
    told = subprocess.run(["pdfsig", path], check=True, capture_output=True, text=True).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert verdict_on(path.read_bytes(), own=own).codes == ("not_in_archive", "signed_not_archived")
    seal(unsigned(2), own)


def test_no_key_is_written_here_and_the_certificate_stays_known(token, tmp_path):
    folder = tmp_path / "keys"
    own = opened(folder)
    home = folder / "identities" / own.fingerprint[:16]
    assert (home / "certificate.pem").exists()
    assert not (home / "key.pem").exists()
    without = keys.open_keys(folder, organisation=BUREAU, at=NOW)
    assert without.fingerprint != own.fingerprint
    assert own.fingerprint in without.signers
    assert verdict_on(seal(unsigned(), own), own=without).codes[1] == "signed_not_archived"


def test_a_session_that_ended_is_opened_again(token, tmp_path):
    own = opened(tmp_path / "keys")
    seal(unsigned(), own)
    own.custodian._session.close()
    assert seal(unsigned(), own)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"pin": "999999"}, "pkcs11_token"),
        ({"token": "none"}, "pkcs11_token"),
        ({"key": "none"}, "pkcs11_token"),
        ({"key": "bare"}, "pkcs11_no_certificate"),
        ({"key": "weak"}, "key_weak"),
        ({"module": Path("/etc/hostname")}, "pkcs11_token"),
    ],
    ids=["wrong PIN", "no such token", "no such key", "no certificate", "weak", "no library"],
)
def test_a_token_that_cannot_sign_is_refused_with_the_reason(token, tmp_path, changes, code):
    with pytest.raises(Invalid) as refusal:
        opened(tmp_path / "keys", **changes)
    assert refusal.value.code == code
    assert PIN not in str(refusal.value)


def test_the_pin_is_not_shown():
    assert PIN not in repr(TokenPlace(MODULE, "bureau", "ec", PIN))
