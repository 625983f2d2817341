"""What makes the site an application on a phone: the worker, its shell, the page without a network.

``/sw.js`` is ``static/js/offline/worker.js`` with the shell's list before it: another release, or
another language, gives other bytes, and the browser then installs a new worker.
"""

import json
from functools import lru_cache
from hashlib import sha256

from flask import Blueprint, Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import public
from webapp.core.assets import BUNDLE, GLYPHS, content, release, static_url
from webapp.core.config import ROOT
from webapp.core.scripts import STATIC
from webapp.core.web import language, policy

WORKER = "js/offline/worker.js"
DRAWINGS = ("icons/sprite.svg", "icons/icon.svg")
AT_ONCE = ("vendor/idb@*/*.js", "vendor/signature_pad@*/*.js")
LATER = ("vendor/@marcbachmann-cel-js@*/*.js",)
KEPT_TEMPLATES = ("layouts/base.html", "pwa/offline.html", "pwa/_dialogs.html", "pwa/_handing.html")
# An operator's way out: whoever asks for the worker gets one that takes itself away.  What the
# phone has not sent lies in IndexedDB and stays.
KILL = """\
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) {
    if (name.startsWith("mingcha-")) await caches.delete(name);
  }
  await registration.unregister();
})()));
"""

bp = Blueprint("pwa", __name__)


@bp.app_context_processor
def context() -> dict[str, str]:
    """Tell pages where the worker is; nowhere when the operator wants none."""
    wanted = current_app.extensions["settings"].offline_pages
    return {"worker_url": url_for("pwa.worker") if wanted else ""}


@bp.get("/sw.js")
@public
def worker() -> Response:
    """Serve the service worker, or one that removes it."""
    wanted = current_app.extensions["settings"].offline_pages
    code = content(WORKER).decode()
    shell = f"const SHELL = {json.dumps(_shell(), ensure_ascii=False)};\n"
    answer = Response(shell + code if wanted else KILL, mimetype="text/javascript")
    answer.headers["Content-Security-Policy"] = policy()
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Service-Worker-Allowed"] = "/"
    answer.headers["X-Mingcha-Worker"] = "keep" if wanted else "kill"
    return answer


def _shell() -> dict[str, object]:
    return {
        "release": f"{release()}-{_frame()}",
        "language": language(),
        "pages": [url_for("pwa.offline"), url_for("pwa.parts")],
        "files": [static_url(name) for name in shell_files()],
        "later": [static_url(name) for name in (*_found(LATER), GLYPHS)],
    }


@lru_cache(maxsize=1)
def _frame() -> str:
    """Return a digest of the pages that the shell has, whose words are not among static files."""
    parts = [(ROOT / "templates" / name).read_bytes() for name in KEPT_TEMPLATES]
    return sha256(b"".join(parts)).hexdigest()[:8]


@lru_cache(maxsize=1)
def shell_files() -> tuple[str, ...]:
    """Return the static files that every page may need, so that it opens without a network."""
    modules = [name for name in _found(("js/**/*.js",)) if name != WORKER]
    return (BUNDLE, *DRAWINGS, *modules, *_found(AT_ONCE))


def _found(patterns: tuple[str, ...]) -> list[str]:
    paths = {path for pattern in patterns for path in STATIC.glob(pattern)}
    return sorted(path.relative_to(STATIC).as_posix() for path in paths)


@bp.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """Describe the application to a browser that can install it."""
    told = {
        "id": "/",
        "name": _("明察 · 督查清单与现场检查"),
        "short_name": _("明察"),
        "lang": "zh-CN" if language() == "zh" else language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f3f4f6",
        "theme_color": "#173f6f",
        "icons": [
            _icon("icon.svg", "any", "image/svg+xml"),
            _icon("icon-192.png", "192x192", "image/png"),
            _icon("icon-512.png", "512x512", "image/png") | {"purpose": "any maskable"},
        ],
    }
    text = json.dumps(told, ensure_ascii=False)
    answer = Response(text, mimetype="application/manifest+json")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _icon(name: str, sizes: str, kind: str) -> dict[str, str]:
    return {"src": static_url(f"icons/{name}"), "sizes": sizes, "type": kind}


@bp.get("/offline")
@public
def offline() -> str:
    """Show what stands in for a page that this phone has no copy of; the worker keeps it."""
    return render_template("pwa/offline.html")


@bp.get("/parts")
@public
def parts() -> str:
    """Give what a page seldom shows; the worker keeps it."""
    return render_template("pwa/parts.html")


@bp.get("/diag")
@public
def diag() -> str:
    """Say in plain words what this browser can do."""
    return render_template("pwa/diag.html", release=release())
