"""The floor that our form is held against: the same questions in plain HTML, no style, no script.

``page`` writes them; ``serve`` gives them out as a fast server would, compressed ahead, and beside
them the smallest service worker that opens the page without a network.
"""

import html
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli

from webapp.checklists.definitions import Checklist, Item, Question

WORKER = """\
addEventListener("install", (event) => {
  const kept = caches.open("plain").then((cache) => cache.add("/form"));
  event.waitUntil(kept.then(() => skipWaiting()));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") event.respondWith(caches.match("/form"));
});
"""
TYPES = {"integer": "number", "decimal": "number", "money": "number", "date": "date",
         "datetime": "datetime-local"}  # fmt: skip
VERDICTS = (("yes", "符合"), ("no", "不符合"), ("na", "不适用"))


def page(checklist: Checklist) -> str:
    """Return the whole checklist as one plain form: every question, its words and its control."""
    parts = [
        f"<h2>{_text(section.title.zh)}</h2>"
        + "".join(map(_question, section.questions))
        + "".join(map(_item, section.items))
        for section in checklist.sections
    ]
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_text(checklist.title.zh)}</title></head><body><h1>{_text(checklist.title.zh)}</h1>"
        f'<form method="post">{"".join(parts)}<button>提交</button></form></body></html>'
    )


def _item(item: Item) -> str:
    asked = "".join(_question(question) for question in item.questions[1:])
    verdict = _choices(item.id, "radio", VERDICTS)
    return (
        f"<fieldset><legend>{item.id} {_text(item.question.zh)}</legend>"
        f"<p>查看：{_text(item.evidence.zh)}</p>{verdict}{asked}</fieldset>"
    )


def _question(question: Question) -> str:
    name, label = question.id, _text(question.label.zh)
    if question.kind in ("choice", "choices", "conforms"):
        options = [(one.id, one.label.zh) for one in question.options] or VERDICTS
        kind = "checkbox" if question.kind == "choices" else "radio"
        return f"<fieldset><legend>{label}</legend>{_choices(name, kind, options)}</fieldset>"
    if question.kind == "table":
        cells = "".join(map(_question, question.columns))
        return f"<fieldset><legend>{label}</legend>{cells}</fieldset>"
    return f'<p><label for="{name}">{label}</label> {_control(question)}</p>'


def _control(question: Question) -> str:
    name = question.id
    if question.kind == "long_text":
        return f'<textarea id="{name}" name="{name}"></textarea>'
    if question.kind == "photo":
        return f'<input id="{name}" name="{name}" type="file" accept="image/*" multiple>'
    return f'<input id="{name}" name="{name}" type="{TYPES.get(question.kind, "text")}">'


def _choices(name: str, kind: str, options: Iterable[tuple[str, str]]) -> str:
    return "".join(
        f'<label><input type="{kind}" name="{name}" value="{value}"> {_text(words)}</label> '
        for value, words in options
    )


def _text(words: str) -> str:
    return html.escape(words)


@contextmanager
def serve(checklist: Checklist) -> Iterator[str]:
    """Give out ``/form``, and ``/warm``, the same page that also registers the worker."""
    plain = page(checklist)
    register = '<script>navigator.serviceWorker.register("/sw.js")</script></body>'
    files = {
        "/form": ("text/html; charset=utf-8", plain),
        "/warm": ("text/html; charset=utf-8", plain.replace("</body>", register)),
        "/sw.js": ("text/javascript", WORKER),
    }
    ready = {
        path: (kind, brotli.compress(text.encode(), quality=5))
        for path, (kind, text) in files.items()
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kind, body = ready.get(self.path, ("text/plain", b""))
            self.send_response(200 if self.path in ready else 404)
            self.send_header("Content-Type", kind)
            if body:
                self.send_header("Content-Encoding", "br")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
