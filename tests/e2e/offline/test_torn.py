"""A record that the kill tore in two, and the two starts after it: Chromium deletes the database.

docs/front-end.md ("What a kill can take") says why; the second copies save what was in it.
"""

import struct
import time

from playwright.sync_api import Page, expect

from tests.e2e import acts
from tests.e2e.offline.dying import kept_form, open_form

HEAD = struct.pack("<IHB", 0x12345678, 321, 1)  # checksum, length, "a whole record": no body
COPIES = """async () => (await (await caches.open("copies")).keys())
  .filter(({ url }) => !url.includes("/escrow/")).length"""
PLACE, GOOD = "visit.place", "visit.good"
ITEM = acts.SHORT.items[0].id


def fill(page: Page, question: str, text: str, copies: int) -> None:
    acts.control(page, question).fill(text)
    acts.expect_mark(page, question, "本机已存")
    until = time.monotonic() + 30
    while page.evaluate(COPIES) != copies:
        assert time.monotonic() < until, page.evaluate(COPIES)


def test_what_was_marked_as_kept_survives_a_torn_record(site, wire, dying):
    inspection_id, path = kept_form(dying, site)
    wire.cut()
    page = open_form(dying, path)
    fill(page, PLACE, "会议室", 1)
    shot = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": acts.small_photo(7)}
    photos = f"{ITEM}.photos"
    acts.question(page, photos).locator("input[type=file]").set_input_files(shot)
    acts.expect_mark(page, photos, "本机已存")
    dying.kill()
    (log,) = dying.profile.glob("*/IndexedDB/*/*.log")
    with log.open("ab") as file:
        file.write(HEAD)
    page = open_form(dying, path)
    expect(acts.control(page, PLACE)).to_have_value("会议室")
    fill(page, GOOD, "台账齐全。", 4)
    dying.kill()
    page = open_form(dying, path)
    assert dying.has_begun_anew(), dying.log()
    expect(page.locator(".sealed-up")).to_contain_text("有 4 项没有上传")
    wire.mend()
    page.goto(site.link("lin"))
    page.goto(path)
    expect(page.locator(".sealed-up")).to_have_count(0)
    expect(acts.control(page, PLACE)).to_have_value("会议室")
    expect(acts.control(page, GOOD)).to_have_value("台账齐全。")
    values = acts.values_of(page, inspection_id)
    assert (values[PLACE], values[GOOD], len(values[photos])) == ("会议室", "台账齐全。", 1)
