"""Static files, named by content: ``/static/<release>/…`` never changes, so phones keep it.

``release`` is a digest over all files.  Each answer is compressed once and kept in memory.
``css/app.css`` is no file: it is the concatenation of the files named in ``css/bundle.txt``.
"""

import gzip
import mimetypes
from functools import lru_cache
from hashlib import sha256

import brotli
from flask import Blueprint, Response, abort, request, url_for

from webapp.core.access import public
from webapp.core.config import ROOT

STATIC = ROOT / "static"
BUNDLE = "css/app.css"
PACKED = {"text/css", "text/javascript", "image/svg+xml", "application/json", "text/plain",
          "application/manifest+json"}  # fmt: skip
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/manifest+json", ".webmanifest")

bp = Blueprint("assets", __name__)


@lru_cache(maxsize=1)
def release() -> str:
    """Return the name of this set of static files."""
    digest = sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file() and "fonts" not in path.parts:
            digest.update(str(path.relative_to(STATIC)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def static_url(name: str) -> str:
    """Return the address of a static file in this release."""
    return url_for("assets.file", release=release(), name=name)


@lru_cache(maxsize=512)
def content(name: str) -> bytes:
    """Return a static file's bytes.

    :raises FileNotFoundError: there is none, or the name leads elsewhere.
    """
    if name == BUNDLE:
        listed = (STATIC / "css/bundle.txt").read_text("utf-8").split()
        return b"".join((STATIC / "css" / part).read_bytes() for part in listed)
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or not path.is_file():
        raise FileNotFoundError(name)
    return path.read_bytes()


@lru_cache(maxsize=1024)
def packed(name: str, encoding: str) -> bytes:
    """Return a static file compressed as hard as it goes; done once per process."""
    data = content(name)
    return brotli.compress(data, quality=11) if encoding == "br" else gzip.compress(data, 9)


@bp.get("/static/<release>/<path:name>")
@public
def file(release: str, name: str) -> Response:
    """Serve a static file; an old release's address still answers, with what there is now."""
    try:
        data = content(name)
    except FileNotFoundError:
        abort(404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    answer = Response(data, mimetype=kind)
    encoding = request.accept_encodings.best_match(["br", "gzip"])
    if kind in PACKED and encoding:
        answer = Response(packed(name, encoding), mimetype=kind)
        answer.headers["Content-Encoding"] = encoding
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer
