"""The browser is killed at random moments, without a network: what was marked as kept is there.

Two hundred times, with ``MINGCHA_TEST_LONG=1``; ``MINGCHA_TEST_DEATHS`` sets another number
(with ``.venv/bin/pytest``, for ``./mingcha test`` passes no settings on).  When it meets what
``test_torn.py`` does on purpose, what was lost comes back from the second copies, a second later.
"""

import json
import os
import random
import re
import threading
import time
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from tests.e2e import acts
from tests.e2e.offline.dying import kept_form, open_form
from tests.e2e.offline.waiting import wait_until_kept

DEATHS = int(os.environ.get("MINGCHA_TEST_DEATHS", "200"))
pytestmark = pytest.mark.skipif(
    os.environ.get("MINGCHA_TEST_LONG") != "1", reason="takes about 20 minutes"
)
SEED = 20260310
COPIES_S = 20
TEXTS = ("visit.place", "visit.good")
ITEMS = [item.id for section in acts.SHORT.sections for item in section.items]
VALUE = """(question) => {
  const root = document.querySelector(`[data-q="${CSS.escape(question)}"]`);
  const controls = [...root.querySelectorAll("[name]")].filter((one) => one.name === question);
  const isGiven = ({ type, checked }) =>
    /radio|checkbox/.test(type) ? checked : !/file|hidden/.test(type);
  return controls.filter(isGiven).map((one) => one.value);
}"""
# Tells each mark that says "kept" the moment it stands there, with the value that it stands by.
TELL = f"""() => {{
  const valueOf = {VALUE};
  new MutationObserver((all) => {{
    for (const {{ target }} of all) {{
      const mark = target.matches(".mark") ? target : target.querySelector(":scope > .mark");
      if (!mark || mark.hidden || mark.dataset.kind !== "saved") continue;
      const {{ q }} = mark.closest("[data-q]").dataset;
      globalThis.marked(JSON.stringify([q, valueOf(q)]));
    }}
  }}).observe(document.querySelector("form.fill"), {{
    subtree: true, childList: true, attributes: true, attributeFilter: ["hidden", "data-kind"],
  }});
}}"""


class Hand:
    """Somebody who fills in a form until the phone dies, and knows what it said it had kept."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.kept: dict[str, list[str]] = {}
        self.marked: set[str] = set()  # in this life
        self.begun: dict[str, Any] = {}  # in this life
        self.life = 0
        self.marks = 0
        self.late: set[int] = set()  # lives after which something came from the copies

    def hear(self, told: str) -> None:
        question, value = json.loads(told)
        self.kept[question] = value
        self.marked.add(question)
        self.marks += 1

    def check(self, page: Page, log: str) -> None:
        """See that what was marked is there, or what came after it."""
        until = time.monotonic() + COPIES_S
        for question, value in self.kept.items():
            there = page.evaluate(VALUE, question)
            while not self._holds(question, value, there):
                assert time.monotonic() < until, f"{question}: {there}, not {value}\n{log}"
                self.late.add(self.life)
                there = page.evaluate(VALUE, question)
            self.kept[question] = there

    def _holds(self, question: str, kept: list[str], there: list[str]) -> bool:
        if question.endswith(".photos"):
            return set(kept) <= set(there)
        begun = self.begun.get(question)
        if question in TEXTS:
            in_time = question in self.marked and kept[0].startswith(f"{self.life}:")
            newer = begun is not None and not in_time and there[0].startswith(f"{self.life}:")
            return there[0].startswith(kept[0]) or newer
        return there == kept or (question not in self.marked and there == [begun])

    def work(self, page: Page) -> None:
        """Type, tap and take photos, without end."""
        self.life += 1
        self.marked.clear()
        self.begun.clear()
        while True:
            self.random.choice([self._type, self._type, self._tap, self._shoot])(page)

    def _type(self, page: Page) -> None:
        question = self.random.choice(TEXTS)
        control = acts.control(page, question)
        if question not in self.begun:
            self.begun[question] = True
            control.fill(f"{self.life}:")
        control.press("Control+End")
        control.press_sequentially("记录一二三四", delay=self.random.choice([0, 5, 40]))

    def _tap(self, page: Page) -> None:
        item = self.random.choice(ITEMS)
        if item in self.begun:
            return
        shown = page.evaluate(VALUE, item)
        verdict = self.random.choice([v for v in ("yes", "no", "na") if [v] != shown])
        self.begun[item] = verdict
        page.locator(f'label[for="{item if verdict == "yes" else f"{item}-{verdict}"}"]').click()

    def _shoot(self, page: Page) -> None:
        question = f"{self.random.choice(ITEMS)}.photos"
        if question in self.begun or len(page.evaluate(VALUE, question)) > 15:
            return
        self.begun[question] = True
        files = acts.question(page, question).locator("input[type=file]")
        shot = acts.small_photo(self.random.randrange(2**24))
        files.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": shot})


def saved_from_copies(site, wire, page: Page, path: str) -> None:
    """Let what the browser has thrown away come back over the network; cut it again."""
    wire.mend()
    page.goto(site.link("lin"))
    page.goto(path)
    expect(page.locator(".sealed-up")).to_have_count(0, timeout=120_000)
    wait_until_kept(page, path)
    wire.cut()
    page.goto(path)
    acts.ready(page)


def test_what_was_marked_as_kept_survives_the_killed_browser(site, wire, dying):
    hand = Hand(SEED)
    inspection_id, path = kept_form(dying, site)
    wire.cut()
    page = open_form(dying, path, hand.hear)
    anew = []
    while dying.deaths < DEATHS:
        page.evaluate(TELL)
        end = threading.Timer(hand.random.uniform(0.1, 2.5), dying.kill)
        end.start()
        with pytest.raises(Error, match="closed"):
            hand.work(page)
        end.join()
        page = open_form(dying, path, hand.hear)
        if dying.has_begun_anew():
            anew.append(hand.life)
            saved_from_copies(site, wire, page, path)
        hand.check(page, dying.log())
    told = f"{dying.deaths} deaths, {hand.marks} marks, {len(hand.kept)} questions"
    print(told, f"came from the copies: {sorted(hand.late)}; anew: {anew}")  # noqa: T201
    assert hand.kept, "nothing was ever marked"
    wire.mend()
    page.goto(site.link("lin"))
    page.goto(path)
    sent = re.compile("^已全部上传")  # two hundred photos take their time
    expect(page.locator("#saving")).to_have_text(sent, timeout=300_000)
    values = acts.values_of(page, inspection_id)
    for question, value in hand.kept.items():
        told = values[question]
        if question.endswith(".photos"):
            assert [one["sha256"] for one in told] == [one.split(" ")[0] for one in value]
        else:
            assert [told] == value
