"""Say whether a file is the document it claims to be.

The hash is taken here; everything that parses the file happens in a capped child process
(:mod:`sandbox`, :mod:`examination`), and :mod:`verdict` weighs what it found.  No file, however
hostile, makes these functions raise.
"""

import base64
import hashlib
import stat
from collections.abc import Callable, Collection
from pathlib import Path

from webapp.core import sandbox
from webapp.documents.keys import Keys
from webapp.documents.seen import Expected
from webapp.documents.sentences import State
from webapp.documents.verdict import Verdict, judge, refused

SIZE_MAX_MIB = 50
SIZE_MAX_BYTES = SIZE_MAX_MIB * 1024 * 1024
EXAMINATION = "webapp.documents.examination"

FindExpected = Callable[[str], Expected | None]


def verify_with_ledger(
    pdf: bytes | Path,
    *,
    keys: Keys,
    find_expected: FindExpected,
    code: str = "",
    tsa_roots: Collection[bytes] = (),
) -> Verdict:
    """Verify a file against the ledger.

    ``find_expected`` looks a document up by its SHA-256 and, when ``code`` is given (from the QR
    code or typed from paper) and no file has those bytes, by that code.
    """
    data = _data(pdf)
    if isinstance(data, Verdict):
        return data
    expected = find_expected(hashlib.sha256(data).hexdigest())
    if expected is None and code:
        expected = find_expected(code)
    return verify(
        data,
        roots=keys.roots,
        expected=expected,
        signers=keys.signers,
        people=keys.people,
        crls=keys.crls,
        tsa_roots=tsa_roots,
    )


def verify(
    pdf: bytes | Path,
    *,
    roots: Collection[bytes],
    expected: Expected | None = None,
    signers: Collection[str] = (),
    people: Collection[str] = (),
    crls: Collection[bytes] = (),
    tsa_roots: Collection[bytes] = (),
) -> Verdict:
    """Return the verdict on a file; never raises, whatever the file.

    ``roots`` (DER) are the only ones trusted; ``signers`` the fingerprints of the certificates that
    seal for us, ``people`` those of the persons who sign; ``expected`` what the ledger says, found
    by the file's hash or by its number; ``tsa_roots`` (DER) are those of the time-stamp authorities
    whose word counts.
    """
    data = _data(pdf)
    if isinstance(data, Verdict):
        return data
    sha256 = hashlib.sha256(data).hexdigest()
    if not data.startswith(b"%PDF-"):
        code = "not_a_pdf" if data else "empty"
        return refused(code, sha256=sha256, size=len(data), expected=expected)
    question = {
        "roots": _texts(roots),
        "crls": _texts(crls),
        "tsa_roots": _texts(tsa_roots),
        "signers": [*signers, *people, *((by for _, by in expected.wanted) if expected else ())],
    }
    try:
        facts = sandbox.run(EXAMINATION, question, data)
    except sandbox.Failed as failure:
        facts = {"error": failure.code}
    return judge(
        facts, sha256=sha256, size=len(data), expected=expected, signers=signers, people=people
    )


def _data(pdf: bytes | Path) -> bytes | Verdict:
    """Return the file's bytes, or the refusal of a file that is too large or none at all."""
    try:
        data = pdf if isinstance(pdf, bytes) else _read(pdf)
    except OSError:
        return refused("not_a_file")
    if len(data) > SIZE_MAX_BYTES:
        return refused("too_large", most=SIZE_MAX_MIB)
    return data


def _read(path: Path) -> bytes:
    """Return a regular file's bytes, at most one more than are taken."""
    if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its other end
        raise OSError(path)
    with path.open("rb") as file:
        return file.read(SIZE_MAX_BYTES + 1)


def _texts(ders: Collection[bytes]) -> list[str]:
    return [base64.b64encode(der).decode("ascii") for der in ders]


__all__ = ["Expected", "State", "Verdict", "verify", "verify_with_ledger"]
