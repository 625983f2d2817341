"""The page that helps a phone trust this installation's own certificate, and the plain door to it.

A phone cannot open an ``https`` page before it trusts the certificate, so this one page is also
served without TLS; everything else that comes through the plain door is sent to the other.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from webapp.core.access import public
from webapp.core.errors import N_, NotFound
from webapp.core.tls import authority_in, fingerprint_of

OPEN = ("/static/", "/language/", "/trust/")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
Start = Callable[[str, list[tuple[str, str]]], Any]
bp = Blueprint("trust", __name__)


@bp.get("/trust")
@public
def index() -> ResponseReturnValue:
    """Tell how to trust the certificate, for each kind of phone."""
    authority = _authority()
    base_url = current_app.extensions["settings"].base_url
    return render_template(
        "trust/index.html", fingerprint=fingerprint_of(authority), base_url=base_url
    )


@bp.get("/trust/mingcha-ca.crt")
@public
def certificate() -> Response:
    """Hand out the authority's certificate, which is no secret."""
    pem = _authority().read_bytes()
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    return Response(der, mimetype="application/x-x509-ca-cert")


@bp.app_context_processor
def context() -> dict[str, Any]:
    """Tell pages whether they came without TLS from elsewhere, where phones withhold much."""
    settings = current_app.extensions["settings"]
    host = urlsplit(request.host_url).hostname
    is_plain = not request.is_secure and not settings.base_url.startswith("https:")
    return {
        "plain_http": is_plain and host not in LOOPBACK,
        "can_trust": authority_in(settings.data_dir).exists(),
    }


def _authority() -> Path:
    authority = authority_in(current_app.extensions["settings"].data_dir)
    if not authority.exists():
        raise NotFound(N_("没有找到这个页面。"))
    return authority


class PlainDoor:
    """Serves what can be seen without TLS, and sends everybody else to where TLS is."""

    def __init__(self, app: Callable[..., Iterable[bytes]], base_url: str) -> None:
        self.app = app
        self.base_url = base_url.rstrip("/")

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO", "/")
        if path == "/trust" or path.startswith(OPEN):
            return self.app(environ, start)
        quoted = quote(path.encode("latin-1"))  # WSGI's way to carry bytes
        query = environ.get("QUERY_STRING", "")
        target = "/trust" if path == "/" else f"{self.base_url}{quoted}{'?' * bool(query)}{query}"
        start("307 Temporary Redirect", [("Location", target), ("Content-Length", "0")])
        return []
