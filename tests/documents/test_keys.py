"""The bureau's own authority, and certificates that it brings."""

import stat
import subprocess
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from tests.documents.tampering import BUREAU
from webapp.core import certificates
from webapp.core.errors import Invalid
from webapp.documents import authority, keys

NOW = datetime.now(UTC)
PASSPHRASE = "短语 passphrase"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "var" / "keys"


def opened(folder, **options):
    return keys.open_keys(folder, organisation=BUREAU, at=NOW, **options)


def openings(folder: Path) -> str:
    return opened(folder).fingerprint


def p12(path, *, key=None, at=NOW, root=None, root_key=None, with_chain=True, usage=None):
    """A PKCS#12 file from another authority."""
    root_key = root_key or authority.new_key()
    root = root or authority.root_certificate("省级发证机构", root_key, at)
    key = key or authority.new_key()
    certificate = authority.signer_certificate("单位自备证书", key, root, root_key, at)
    if usage is not None:
        builder = certificates.builder(
            authority._name("甲", "乙"), root.subject, key, root_key, at, authority.YEAR
        )
        constraints = x509.BasicConstraints(ca=False, path_length=None)
        certificate = authority._finish(builder, root_key, constraints, *usage)
    chain = [root] if with_chain else None
    protection = BestAvailableEncryption(PASSPHRASE.encode())
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"a", key, certificate, chain, protection)
    )
    return certificate, root


def test_the_first_run_makes_an_authority_and_the_second_finds_it(folder):
    first = opened(folder)
    assert opened(folder).fingerprint == first.fingerprint
    assert first.name == BUREAU
    assert len(first.roots) == len(first.crls) == 1
    assert first.signers == {first.fingerprint}


def test_only_the_owner_reads_the_keys(folder):
    opened(folder)
    for path in [folder, *folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert [path.name for path in folder.parent.iterdir()] == ["keys"]


def test_the_certificates_say_what_they_are_for(folder):
    certificate = opened(folder).certificate
    root = opened(folder).chain[0]
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert certificate.public_key().curve.name == "secp256r1"
    years = [(each.not_valid_after_utc - NOW).days / 365.25 for each in (certificate, root)]
    assert [round(each) for each in years] == [10, 20]


def test_openssl_accepts_the_chain_and_the_revocation_list(folder, tmp_path):
    own = opened(folder)
    ca, crl = folder / "ca" / "certificate.pem", tmp_path / "crl.pem"
    convert = ["openssl", "crl", "-inform", "DER", "-in", folder / "ca/crl.der", "-out", crl]
    subprocess.run(convert, check=True)
    mine = folder / "identities" / own.fingerprint[:16] / "certificate.pem"
    check = [
        "openssl",
        "verify",
        "-x509_strict",
        "-crl_check",
        "-CRLfile",
        crl,
        "-CAfile",
        ca,
        mine,
    ]
    assert subprocess.run(check, check=True, capture_output=True, text=True).stdout.endswith("OK\n")


def test_processes_that_start_together_take_the_same_keys(folder):
    with ProcessPoolExecutor(4, mp_context=get_context("forkserver")) as pool:
        assert len(set(pool.map(openings, [folder] * 8))) == 1


def test_a_damaged_folder_is_never_replaced_by_new_keys(folder):
    opened(folder)
    (folder / "current").unlink()
    with pytest.raises(Invalid) as refusal:
        opened(folder)
    assert refusal.value.code == "keys_unreadable"
    assert not (folder / "current").exists()


def test_before_the_first_run_there_are_none(folder):
    with pytest.raises(Invalid) as refusal:
        keys.load(folder)
    assert refusal.value.code == "keys_missing"


@pytest.mark.parametrize("name", ["", "  ", "局" * 65])
def test_an_authority_needs_a_name(folder, name):
    with pytest.raises(Invalid) as refusal:
        keys.open_keys(folder, organisation=name, at=NOW)
    assert refusal.value.code == "organisation_name"


def test_a_name_may_have_64_characters_and_openssl_reads_them(folder):
    own = keys.open_keys(folder, organisation="局" * 64, at=NOW)
    assert own.name == "局" * 64
    ca, identity = folder / "ca" / "certificate.pem", folder / "identities" / own.fingerprint[:16]
    check = ["openssl", "verify", "-x509_strict", "-CAfile", ca, identity / "certificate.pem"]
    subprocess.run(check, check=True, capture_output=True)


def test_an_imported_certificate_signs_and_the_old_one_stays_known(folder, tmp_path):
    old = opened(folder)
    certificate, root = p12(tmp_path / "a.p12")
    new = keys.import_pkcs12(folder, tmp_path / "a.p12", PASSPHRASE, at=NOW)
    assert new.certificate == certificate
    assert new.chain == (root,)
    assert new.signers == {old.fingerprint, new.fingerprint}
    assert len(new.roots) == 2
    assert opened(folder).fingerprint == new.fingerprint


def test_a_key_may_stay_in_its_file(folder, tmp_path):
    certificate, _ = p12(tmp_path / "a.p12")
    given = opened(folder, p12=tmp_path / "a.p12", passphrase=PASSPHRASE)
    assert given.certificate == certificate
    assert not list(folder.glob(f"identities/{given.fingerprint[:16]}/key.pem"))
    without = opened(folder)
    assert without.fingerprint != given.fingerprint
    assert given.fingerprint in without.signers


def test_without_a_chain_the_certificate_itself_is_trusted_and_not_its_issuer(folder, tmp_path):
    certificate, _ = p12(tmp_path / "a.p12", with_chain=False)
    given = keys.import_pkcs12(folder, tmp_path / "a.p12", PASSPHRASE, at=NOW)
    assert authority.der(certificate) in given.roots


@pytest.mark.parametrize(
    ("make", "passphrase", "code"),
    [
        (p12, "falsch", "p12_passphrase"),
        (p12, "", "p12_passphrase"),
        (lambda path: path.write_bytes(b"not one"), "", "p12_not_one"),
        (lambda path: path.write_bytes(b""), "", "p12_not_one"),
        (lambda path: path.write_bytes(b"0" * 2**21), "", "p12_not_one"),
        (lambda path: None, "", "p12_missing"),
        (lambda path: path.mkdir(), "", "p12_missing"),
        (lambda path: p12(path, at=NOW - 11 * authority.YEAR), PASSPHRASE, "certificate_expired"),
        (lambda path: p12(path, at=NOW + timedelta(days=9)), PASSPHRASE, "certificate_not_yet"),
        (lambda path: p12(path, usage=["key_encipherment"]), PASSPHRASE, "certificate_usage"),
        (lambda path: p12(path, key=rsa.generate_private_key(65537, 1024)), PASSPHRASE, "key_weak"),
        (
            lambda path: p12(path, key=ec.generate_private_key(ec.SECP192R1())),
            PASSPHRASE,
            "key_weak",
        ),
        (
            lambda path: p12(path, key=ed25519.Ed25519PrivateKey.generate()),
            PASSPHRASE,
            "key_kind",
        ),
    ],
)
def test_a_file_that_cannot_sign_is_refused_with_the_reason(
    folder, tmp_path, make, passphrase, code
):
    before = opened(folder).fingerprint
    make(tmp_path / "a.p12")
    with pytest.raises(Invalid) as refusal:
        keys.import_pkcs12(folder, tmp_path / "a.p12", passphrase, at=NOW)
    assert refusal.value.code == code
    assert str(refusal.value)
    assert opened(folder).fingerprint == before


def test_a_file_without_key_is_refused(folder, tmp_path):
    root = authority.root_certificate("省级发证机构", authority.new_key(), NOW)
    protection = BestAvailableEncryption(PASSPHRASE.encode())
    bare = pkcs12.serialize_key_and_certificates(b"a", None, None, [root], protection)
    (tmp_path / "a.p12").write_bytes(bare)
    opened(folder)
    with pytest.raises(Invalid) as refusal:
        keys.import_pkcs12(folder, tmp_path / "a.p12", PASSPHRASE, at=NOW)
    assert refusal.value.code == "p12_no_key"


def test_the_revocation_list_grows_and_keeps_its_entries(folder):
    own = opened(folder)
    keys.renew_crl(folder, at=NOW, revoke=own.certificate)
    crl = x509.load_der_x509_crl(keys.renew_crl(folder, at=NOW))
    assert crl.get_revoked_certificate_by_serial_number(own.certificate.serial_number)
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 3
    assert keys.load(folder).crls == ((folder / "ca" / "crl.der").read_bytes(),)


def test_it_does_not_revoke_what_others_issued(folder, tmp_path):
    opened(folder)
    certificate, _ = p12(tmp_path / "a.p12")
    with pytest.raises(Invalid) as refusal:
        keys.renew_crl(folder, at=NOW, revoke=certificate)
    assert refusal.value.code == "not_our_issue"
