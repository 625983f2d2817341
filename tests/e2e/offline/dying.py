"""A Chromium with a profile of its own that can be killed at any moment, and started again."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import BrowserContext, BrowserType, Error, Page

from tests.e2e import acts
from tests.e2e.conftest import PHONE, TIMEOUT_MS
from tests.e2e.offline.waiting import keep_form
from tests.e2e.serving import LOCKED_IN, Site, chromium

GONE_S = 60


class DyingBrowser:
    """Runs one browser at a time on a profile."""

    def __init__(self, kind: BrowserType, profile: Path, url: str) -> None:
        self.kind = kind
        self.profile = profile
        self.options: dict[str, Any] = {
            "base_url": url, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", **PHONE,
        }  # fmt: skip
        self.deaths = 0
        self.context: BrowserContext | None = None

    def start(self) -> Page:
        """Start it and return its only page."""
        self.context = self.kind.launch_persistent_context(
            self.profile, executable_path=chromium(), args=LOCKED_IN, **self.options
        )
        self.context.set_default_timeout(TIMEOUT_MS)
        self.group = _group_of(self.profile)
        page = self.context.pages[0]
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        return page

    def kill(self) -> None:
        """End all its processes at once, without a word; wait until they let go of all files.

        A phone does not start before that either, and a browser may take held databases for broken.
        """
        self.deaths += 1
        os.killpg(self.group, signal.SIGKILL)
        until = time.monotonic() + GONE_S
        while _lives(self.group):
            assert time.monotonic() < until, "the browser does not die"
            time.sleep(0.02)

    def log(self) -> str:
        """Return what the browser says of opening its databases."""
        return "\n".join(one.read_text("utf-8") for one in self.profile.glob("*/IndexedDB/*/LOG*"))

    def has_begun_anew(self) -> bool:
        """Say whether it found no database at this start, and made one."""
        said = [one.read_text("utf-8") for one in self.profile.glob("*/IndexedDB/*/LOG")]
        return "since it was missing" in "".join(said)

    def stop(self) -> None:
        """End it as a person does."""
        if self.context:
            self.context.close()


def _forget(_told: str) -> None:
    """Hear a mark and do nothing."""


def kept_form(dying: DyingBrowser, site: Site) -> tuple[UUID, str]:
    """Let lin open an inspection and keep its form; gives its id and the form's path."""
    page = dying.start()
    page.goto(site.link("lin"))
    inspection_id = acts.open_inspection(page.context.new_page(), acts.SHORT)
    path = keep_form(page, inspection_id)
    dying.stop()
    return inspection_id, path


def open_form(dying: DyingBrowser, path: str, hear: Callable[[str], None] = _forget) -> Page:
    """Start the browser on a form; ``hear`` is what the page calls as ``marked``."""
    page = dying.start()
    page.expose_function("marked", hear)
    page.goto(path)
    try:
        acts.ready(page)
    except Error as error:
        words = page.locator("body").inner_text()[:2000]
        told = "\n".join([page.url, words, *dying.said, dying.log()])
        raise AssertionError(f"the form does not keep what is typed:\n{told}") from error
    return page


def _group_of(profile: Path) -> int:
    """Return the process group of the browser on a profile; its first process leads it."""
    for told in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = told.read_bytes()
        except OSError:
            continue
        if f"--user-data-dir={profile}".encode() in words and b"--type=" not in words:
            leader = int(told.parent.name)
            assert os.getpgid(leader) == leader
            return leader
    raise RuntimeError("no browser on this profile")


def _lives(group: int) -> bool:
    """Say whether a process of a group still runs, in any of its threads."""
    for told in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = told.read_text("utf-8").rpartition(")")[2].split()[:3]
            threads = len(list((told.parent / "task").iterdir()))
        except OSError:
            continue
        if int(its_group) == group and (state not in "ZX" or threads > 1):
            return True
    return False
