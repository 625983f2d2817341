"""Files from outside, in the capped child: a clear answer to each, never an exception."""

import hashlib
import io
import os
import threading
import time
import zipfile
import zlib
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from tests.documents import tampering
from tests.documents.tampering import AT_OF_KEYS, BUREAU, bureau, seal, signed, unsigned
from tests.documents.test_attacks import expected
from webapp.cli import verify as cli
from webapp.core import sandbox
from webapp.core.errors import N_
from webapp.documents import authority, keys, seen, verification
from webapp.documents.sentences import TEXTS, State
from webapp.documents.verification import verify, verify_with_ledger

ZONE = ZoneInfo("Asia/Shanghai")


def check(pdf, **options):
    own = bureau()
    return verify(pdf, roots=own.roots, signers=own.signers, crls=own.crls, **options)


def nested(depth: int) -> bytes:
    return b"%PDF-1.7\n1 0 obj\n" + b"[" * depth + b"]" * depth + b"\nendobj\n"


def catalog(body: bytes) -> bytes:
    """A small PDF with a correct cross-reference table around the given objects."""
    head, parts, places = b"%PDF-1.7\n", body.split(b"\f"), []
    for number, part in enumerate(parts, 1):
        places.append(len(head))
        head += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(parts) + 1, table)
    trailer = b"trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(parts) + 1,
        len(head),
    )
    return head + table + trailer


def bomb(size_mib: int) -> bytes:
    """An object stream that unpacks to ``size_mib``, twice packed."""
    packed = zlib.compress(zlib.compress(b"0 " * (size_mib << 19), 9), 9)
    stream = b"<</Type/ObjStm/N 99/First 9/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n"
    return catalog(
        b"<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>\f<</Type/Pages/Kids[]/Count 0>>\f"
        + stream % len(packed)
        + packed
        + b"\nendstream"
    )


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.pdf", b"%PDF-1.7")
    return file.getvalue()


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "PNG")
    return file.getvalue()


LOOP = (
    b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>\f<</Type/Pages/Kids[2 0 R]/Count 1>>"
)
FIELD_LOOP = LOOP + b"\f<</FT/Sig/T(a)/Kids[3 0 R]/Parent 3 0 R/V 3 0 R>>"
HOSTILE = {
    "empty": (b"", "empty"),
    "random": (os.urandom(5000), "not_a_pdf"),
    "zip": (zipped(), "not_a_pdf"),
    "html": (b"<!doctype html><p>%PDF-1.7", "not_a_pdf"),
    "png": (picture(), "not_a_pdf"),
    "polyglot": (b"PK\x03\x04" + signed(), "not_a_pdf"),
    "header only": (b"%PDF-1.7", "unreadable"),
    "header and noise": (b"%PDF-1.7\n" + os.urandom(20_000), "unreadable"),
    "nul bytes": (b"%PDF-1.7\n" + bytes(100_000), "unreadable"),
    "deep nesting": (nested(200_000), "unreadable"),
    "deep and well formed": (catalog(b"<</Type/Catalog/A %s%s>>" % (b"[" * 90_000, b"]" * 90_000)),
                             ("unreadable", "too_costly", "crashed")),
    "page tree loop": (catalog(LOOP), ("no_signature", "unreadable", "too_costly")),
    "field loop": (catalog(FIELD_LOOP), ("signature_unreadable", "unreadable", "too_costly")),
    "bomb": (bomb(600), ("no_signature", "unreadable", "too_costly")),
    "absurd size": (b"%PDF-1.7\nxref\n0 99999999\ntrailer<</Size 9999999999>>\nstartxref\n9\n%%EOF",
                    ("unreadable", "too_costly")),
    "xref loop": (b"%PDF-1.7\nxref\n0 0\ntrailer<</Size 1/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF",
                  ("unreadable", "too_costly")),
    "encrypted": (None, "encrypted"),
}  # fmt: skip


def encrypted() -> bytes:
    import pikepdf

    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(unsigned())) as pdf:
        pdf.save(file, encryption=pikepdf.Encryption(owner="a", user="b"))
    return file.getvalue()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_a_clear_answer(name):
    pdf, codes = HOSTILE[name]
    started = time.monotonic()
    answer = check(encrypted() if pdf is None else pdf)
    assert answer.state in (State.REFUSED, State.UNKNOWN, State.ALTERED)
    assert set(answer.codes) & set([codes] if isinstance(codes, str) else codes), answer.codes
    assert answer.headline.said()
    assert time.monotonic() - started < sandbox.WALL_S + 15


def test_a_genuine_file_is_the_original_and_its_signature_is_told():
    answer = check(signed(), expected=expected())
    assert answer.genuine
    assert answer.codes == ("matches_archive", "time_is_claimed")
    (seen,) = answer.signatures
    assert (seen.signer, seen.issuer) == (BUREAU, f"{BUREAU} 根证书")
    assert (seen.intact, seen.valid, seen.trusted, seen.ours) == (True, True, True, True)
    assert (seen.covers_whole_file, seen.changed_after, seen.level) == (True, (), "B-B")
    assert seen.time_claimed == tampering.AT


def test_a_tampered_file_is_refused_through_the_child_as_well():
    answer = check(tampering.add_page(signed()), expected=expected())
    assert answer.state is State.ALTERED
    assert "changed_more_pages" in answer.codes


def test_files_on_disk_are_read_and_others_refused(tmp_path):
    good = tmp_path / "a.pdf"
    good.write_bytes(signed())
    assert check(good, expected=expected()).genuine
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "missing", tmp_path / "pipe", "/dev/zero"):
        answer = check(tmp_path / path)
        assert (answer.state, answer.codes) == (State.REFUSED, ("not_a_file",))


def test_a_sparse_gigabyte_is_refused_unread(tmp_path):
    path = tmp_path / "big.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(1 << 30)
    started = time.monotonic()
    answer = check(path)
    assert answer.codes == ("too_large",)
    assert answer.reasons[0].said() == "文件超过 50 MB，不予检验"
    assert time.monotonic() - started < 1
    assert check(bytes(verification.SIZE_MAX_BYTES + 1)).codes == ("too_large",)


def test_the_ledger_is_asked_by_hash_first_and_by_code_second():
    asked = []

    def find(name):
        asked.append(name)
        return expected() if name == "QR7" else None

    answer = verify_with_ledger(signed(2), keys=bureau(), find_expected=find, code="QR7")
    assert asked == [hashlib.sha256(signed(2)).hexdigest(), "QR7"]
    which = [code for code in answer.codes if code != "shorter_than_archive"]  # of two, one is
    assert which == ["differs_from_archive", "signed_not_archived"]


def test_a_file_cut_short_is_told_by_how_much():
    answer = check(unsigned(), expected=expected())
    assert answer.state is State.ALTERED
    assert answer.codes == ("differs_from_archive", "shorter_than_archive", "no_signature")


def test_a_revoked_certificate_is_named(tmp_path):
    folder = tmp_path / "keys"
    own = keys.open_keys(folder, organisation=BUREAU, at=AT_OF_KEYS)
    pdf = seal(unsigned(), own)
    keys.renew_crl(folder, at=AT_OF_KEYS - timedelta(minutes=5), revoke=own.certificate)
    own = keys.load(folder)
    answer = verify(pdf, roots=own.roots, signers=own.signers, crls=own.crls)
    assert "certificate_revoked" in answer.codes


def test_an_expired_certificate_is_named(tmp_path):
    long_ago = AT_OF_KEYS - 11 * authority.YEAR
    own = keys.open_keys(tmp_path / "keys", organisation=BUREAU, at=long_ago)
    pdf = seal(unsigned(), own)
    answer = verify(pdf, roots=own.roots, signers=own.signers, crls=own.crls)
    assert "certificate_expired" in answer.codes
    digest = hashlib.sha256(pdf).hexdigest()
    known = seen.Expected(digest, "1", "t", long_ago, own.fingerprint, len(pdf))
    assert verify(pdf, roots=own.roots, expected=known).genuine, "the ledger outlives certificates"


def test_another_certificate_of_our_authority_does_not_sign_for_the_bureau(tmp_path):
    folder = tmp_path / "keys"
    own = keys.open_keys(folder, organisation=BUREAU, at=AT_OF_KEYS)
    answer = verify(seal(unsigned(), own), roots=own.roots, signers={bureau().fingerprint})
    assert (answer.state, answer.codes[1]) == (State.UNKNOWN, "signer_untrusted")


def test_a_child_that_dies_or_idles_is_a_refusal(monkeypatch):
    for code in ("crashed", "too_costly", "busy"):

        def fail(*_, code=code):
            raise sandbox.Failed(code)

        monkeypatch.setattr(sandbox, "run", fail)
        answer = check(signed(2))
        assert (answer.state, answer.codes) == (State.REFUSED, (code,))
        assert check(signed(), expected=expected()).genuine, "the hash alone settles it"


MISCHIEF = {
    "memory": "crashed",
    "endless": "too_costly",
    "exit": "crashed",
    "segfault": "crashed",
    "loud": "crashed",
    "network": "crashed",
    "write": "crashed",
    "program": "crashed",
    "nonsense": "crashed",
}


@pytest.mark.parametrize("deed", MISCHIEF)
def test_the_child_is_held_to_its_limits(deed, monkeypatch, tmp_path):
    monkeypatch.setattr(sandbox, "WALL_S", 2)
    package = tmp_path / "webapp"
    (package / "core").mkdir(parents=True)
    here = sandbox.PACKAGE / "core" / "sandbox.py"
    (package / "core" / "sandbox.py").write_bytes(here.read_bytes())
    (package / "core" / "mischief.py").write_text(
        f"""
def examine(question, data):
    deed = {deed!r}
    if deed == "memory": return {{"n": len(bytearray(2 << 30))}}
    if deed == "endless":
        while True: pass
    if deed == "exit": raise SystemExit(3)
    if deed == "segfault":
        import ctypes; ctypes.string_at(0)
    if deed == "loud": return {{"a": "x" * (3 << 20)}}
    if deed == "network":
        import socket; socket.create_connection(("127.0.0.1", 9))
    if deed == "write": open({str(tmp_path / "made")!r}, "w")
    if deed == "program":
        import os; os.system("true")
    if deed == "nonsense": return [1]
    return {{}}
"""
    )
    monkeypatch.setattr(sandbox, "PACKAGE", package)
    with pytest.raises(sandbox.Failed) as failure:
        sandbox.run("webapp.core.mischief", {}, b"")
    assert failure.value.code == MISCHIEF[deed]
    assert not (tmp_path / "made").exists()


def test_no_more_than_two_children_run_at_once(monkeypatch):
    monkeypatch.setattr(sandbox, "PATIENCE_S", 0.05)
    entered, leave = threading.Semaphore(0), threading.Event()

    def wait(*_):
        entered.release()
        leave.wait(5)

    monkeypatch.setattr(sandbox, "_wait", wait)
    monkeypatch.setattr(sandbox, "_parsed", lambda answer: {})
    threads = [threading.Thread(target=sandbox.run, args=("m", {}, b"")) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert entered.acquire(timeout=5)
    with pytest.raises(sandbox.Failed) as failure:
        sandbox.run("m", {}, b"")
    leave.set()
    for thread in threads:
        thread.join()
    assert failure.value.code == "busy"


def test_every_code_has_its_words():
    for code, text in TEXTS.items():
        assert N_(text)
        assert code.replace("_", "").isalpha()


@pytest.mark.parametrize("language", ["zh_CN.UTF-8", "en_GB.UTF-8", ""])
def test_the_command_speaks_plainly_and_exits_0_only_for_the_original(
    language, monkeypatch, capsys, tmp_path
):
    monkeypatch.setenv("LC_ALL", language)
    path = tmp_path / "a.pdf"
    for pdf, status in ((signed(), 0), (tampering.add_page(signed()), 1), (b"no", 1)):
        path.write_bytes(pdf)
        find = {hashlib.sha256(signed()).hexdigest(): expected()}.get
        assert cli.report(path, keys=bureau(), find_expected=find, zone=ZONE) == status
    told = capsys.readouterr().out
    assert hashlib.sha256(signed()).hexdigest() in told
    if not language.startswith("en"):
        assert "这是原件" in told
        assert "2026-11-23 17:30" in told
        assert "增加了页" in told
        assert "不是 PDF" in told


def test_the_command_prints_json_for_programs(capsys, tmp_path):
    import json

    path = tmp_path / "a.pdf"
    path.write_bytes(signed())
    find = {hashlib.sha256(signed()).hexdigest(): expected()}.get
    cli.report(path, keys=bureau(), find_expected=find, zone=ZONE, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["genuine"]) == ("original", True)
    assert told["document"]["number"] == expected().number
    assert told["signatures"][0]["time_claimed"] == "2026-11-23T09:30:00+00:00"
    assert [each["code"] for each in told["reasons"]] == ["matches_archive", "time_is_claimed"]
