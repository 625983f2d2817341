"""A record that the kill tore in two, and the two starts after it: Chromium deletes the database.

docs/front-end.md ("What a kill can take") says why; the second copies save what was in it.
"""

import struct
import time

from playwright.sync_api import Page, expect

from tests.e2e import acts
from tests.e2e.offline.dying import DyingBrowser
from tests.e2e.offline.test_kill import ITEMS, Hand, open_form
from tests.e2e.offline.test_shell import wait_until_kept

HEAD = struct.pack("<IHB", 0x12345678, 321, 1)  # checksum, length, "a whole record": no body
COPIES = """async () => (await (await caches.open("copies")).keys())
  .filter(({ url }) => !url.includes("/escrow/")).length"""
PLACE, GOOD = "visit.place", "visit.good"


def fill(page: Page, question: str, text: str, copies: int) -> None:
    acts.control(page, question).fill(text)
    acts.expect_mark(page, question, "本机已存")
    until = time.monotonic() + 30
    while page.evaluate(COPIES) != copies:
        assert time.monotonic() < until, page.evaluate(COPIES)


def test_what_was_marked_as_kept_survives_a_torn_record(site, wire, browser, tmp_path):
    dying = DyingBrowser(browser.browser_type, tmp_path / "profile", site.url)
    page = dying.start()
    page.goto(site.link("lin"))
    inspection_id = acts.open_inspection(page.context.new_page(), acts.SHORT)
    path = f"/inspections/{inspection_id}/answers"
    page.goto("/")
    wait_until_kept(page, path)
    dying.stop()
    wire.cut()
    page = open_form(dying, path, Hand(0))
    fill(page, PLACE, "会议室", 1)
    shot = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": acts.small_photo(7)}
    photos = f"{ITEMS[0]}.photos"
    acts.question(page, photos).locator("input[type=file]").set_input_files(shot)
    acts.expect_mark(page, photos, "本机已存")
    dying.kill()
    (log,) = dying.profile.glob("*/IndexedDB/*/*.log")
    with log.open("ab") as file:
        file.write(HEAD)
    page = open_form(dying, path, Hand(0))
    expect(acts.control(page, PLACE)).to_have_value("会议室")
    fill(page, GOOD, "台账齐全。", 4)
    dying.kill()
    page = open_form(dying, path, Hand(0))
    assert dying.has_begun_anew(), dying.log()
    expect(page.locator(".sealed-up")).to_contain_text("有 4 项没有上传")
    wire.mend()
    page.goto(site.link("lin"))
    page.goto(path)
    expect(page.locator(".sealed-up")).to_have_count(0)
    expect(acts.control(page, PLACE)).to_have_value("会议室")
    expect(acts.control(page, GOOD)).to_have_value("台账齐全。")
    values = acts.values_of(page, inspection_id)
    dying.stop()
    assert (values[PLACE], values[GOOD], len(values[photos])) == ("会议室", "台账齐全。", 1)
