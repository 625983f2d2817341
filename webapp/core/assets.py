"""Static files, named by content: ``/static/<release>/…`` never changes, so phones keep it.

``release`` is a digest over all files.  Each answer is compressed once and kept in memory, our own
style and script without comments and what else no browser reads.
``fonts/glyphs.txt`` is no file: it says what this machine's fonts can print (``glyphs.spans``).
``css/app.css`` is none either: it is the concatenation of the files named in ``css/bundle.txt``.
Those with a star are what the form needs; it carries them in its head (``form_styles``), for on a
phone a style sheet of its own is another half second before the first question can be seen.
"""

import gzip
import mimetypes
import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256

import brotli
from flask import Blueprint, Flask, Request, Response, abort, g, request, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from markupsafe import Markup

from webapp.core import glyphs, scripts
from webapp.core.access import public
from webapp.core.scripts import STATIC

BUNDLE = "css/app.css"
GLYPHS = "fonts/glyphs.txt"
PACKED = {"text/css", "text/javascript", "image/svg+xml", "application/json", "text/plain",
          "application/manifest+json"}  # fmt: skip
# Parts of a page obey its policy and need none of their own; a phone pays for each header.
PARTS = {"text/css", "text/javascript"}
COMMENTS = re.compile(r"/\*.*?\*/", re.S)
INDENTATION = re.compile(r"^\s+", re.M)
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/manifest+json", ".webmanifest")

bp = Blueprint("assets", __name__)


class Sessions(SecureCookieSessionInterface):
    """Sessions in cookies; static files have none, so that they are the same for everybody."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Open what the cookie says, but for static files: with it, caches keep one for each."""
        if request.path.startswith("/static/"):
            return self.make_null_session(app)
        return super().open_session(app, request)


@lru_cache(maxsize=1)
def release() -> str:
    """Return the name of this set of static files."""
    digest = sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file() and "fonts" not in path.parts:
            digest.update(str(path.relative_to(STATIC)).encode() + b"\0" + path.read_bytes())
    digest.update(glyphs.fonts().encode())
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
        return styles().encode()
    if name == GLYPHS:
        return glyphs.spans().encode()
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or not path.is_file():
        raise FileNotFoundError(name)
    if path.suffix == ".js" and "vendor" not in path.parts:
        return scripts.outgoing(name).encode()
    return path.read_bytes()


def styles(*, form_only: bool = False) -> str:
    """Return the style sheet, or what of it the form needs."""
    lines = (STATIC / "css/bundle.txt").read_text("utf-8").splitlines()
    names = [line.lstrip("* ") for line in lines if line.startswith("*") or not form_only]
    text = "".join((STATIC / "css" / name).read_text("utf-8") for name in names)
    return INDENTATION.sub("", COMMENTS.sub("", text))


@lru_cache(maxsize=1)
def _form_styles() -> tuple[Markup, str]:
    text = styles(form_only=True)
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return Markup("<style>{}</style>").format(Markup(text)), f"'sha256-{digest}'"  # noqa: S704  # files of ours


def form_styles() -> Markup:
    """Return the form's style sheet as an element; the page's policy then names its digest."""
    element, g.styles_digest = _form_styles()
    return element


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
    answer.headers["Cache-Control"] = "max-age=31536000, immutable"
    return answer
