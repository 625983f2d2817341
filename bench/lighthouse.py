"""What Lighthouse says of the pages that a phone opens: its scores, and each check that failed.

Needs Node with npm; Lighthouse comes from npm into the throw-away folder (pinned: newer ones want a
newer Node than Debian 12 has).
"""

import json
import os
import subprocess
from collections.abc import Mapping
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

from bench import visits
from bench.figures import Figures, over_rounds
from bench.house import house
from bench.lightness import published
from tests import factories
from webapp.accounts.views import demo_link

LIGHTHOUSE = "lighthouse@12.8.2"
CATEGORIES = ("performance", "accessibility", "best-practices")
GOOD = 0.9
FLAGS = "--headless=new --no-sandbox --disable-gpu"


def run(rounds: int, _seconds: float) -> Figures:
    """Ask it of the sign-in page, the task list, the form of 60 questions and a review."""
    with house() as made, made.server(worker=True) as server:
        phone = made.phones[0]
        form = f"/inspections/{visits.opened(phone, published(made, 60).id)}/answers"
        review = f"/reviews/{factories.submitted()}"
        secret_key = made.app.extensions["settings"].secret_key
        inspector = {"Cookie": _session(phone.link, server.url)}
        supervisor = {"Cookie": _session(demo_link(secret_key, "zhou"), server.url)}
        asked: dict[str, tuple[str, Mapping[str, str]]] = {
            "sign_in": ("/sign-in", {}), "tasks": ("/", inspector), "form": (form, inspector),
            "review": (review, supervisor),
        }  # fmt: skip
        npm = ["npm", "install", "--silent", "--prefix", str(made.folder), LIGHTHOUSE]
        subprocess.run(npm, check=True, stdout=subprocess.DEVNULL)
        return {
            name: _page([_asked(made.folder, server.url + path, headers) for _ in range(rounds)])
            for name, (path, headers) in asked.items()
        }


def _session(link: str, base: str) -> str:
    jar = CookieJar()
    build_opener(HTTPCookieProcessor(jar)).open(base + link)
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def _asked(folder: Path, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
    (folder / "headers.json").write_text(json.dumps(headers), "utf-8")
    words = [
        str(folder / "node_modules/.bin/lighthouse"), url, "--quiet", "--output=json",
        f"--extra-headers={folder / 'headers.json'}", f"--chrome-flags={FLAGS}",
        f"--only-categories={','.join(CATEGORIES)}",
    ]  # fmt: skip
    env = {**os.environ, "CHROME_PATH": "/usr/bin/chromium"}
    told = subprocess.run(words, env=env, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def _page(told: list[dict[str, Any]]) -> Figures:
    scores = [
        {name: round(100 * one["categories"][name]["score"]) for name in CATEGORIES} for one in told
    ]
    return {**over_rounds(scores), "failed": sorted(set().union(*map(_failed, told)))}


def _failed(told: Mapping[str, Any]) -> set[str]:
    refs = [ref for one in told["categories"].values() for ref in one["auditRefs"] if ref["weight"]]
    return {ref["id"] for ref in refs if _score(told, ref) < GOOD}


def _score(told: Mapping[str, Any], ref: Mapping[str, Any]) -> float:
    score = told["audits"][ref["id"]]["score"]
    return 1.0 if score is None else float(score)  # it does not apply
