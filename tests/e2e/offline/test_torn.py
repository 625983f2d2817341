"""A record that the kill tore in two, and the two starts after it: what Chromium then loses.

It deletes the database; or, where less was written after it than the torn record was long, it
leaves out all that was, and says nothing.

docs/front-end.md ("What a kill can take") says why; the second copies save what was in it.
"""

import struct
import time
from typing import Any
from uuid import UUID

from playwright.sync_api import Page, expect

from tests.e2e import acts
from tests.e2e.offline.dying import DyingBrowser, kept_form, open_form
from tests.e2e.offline.test_privacy import offered, unlock
from tests.e2e.offline.wire import Wire
from tests.e2e.serving import Site

SHORT, LONG = 321, 30_000  # bytes
COPIES = """async () => (await (await caches.open("copies")).keys())
  .filter(({ url }) => !url.includes("/escrow/")).length"""
SPOIL = """async (file) => {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    const [key] = (await cache.keys()).filter(({ url }) => url.endsWith(file));
    if (key) await cache.put(key, new Response("", { status: 404 }));
  }
}"""
FORGET = """async (file) => {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const key of await cache.keys()) if (key.url.endsWith(file)) await cache.delete(key);
  }
}"""
PLACE, GOOD = "visit.place", "visit.good"
PHOTOS = f"{acts.SHORT.items[0].id}.photos"


def begun(site: Site, wire: Wire, dying: DyingBrowser) -> tuple[UUID, str, Page]:
    """Fill in a first answer without a network; gives its id, path and page."""
    inspection_id, path = kept_form(dying, site)
    wire.cut()
    page = open_form(dying, path)
    fill(page, PLACE, "会议室", 1)
    return inspection_id, path, page


def fill(page: Page, question: str, text: str, copies: int) -> None:
    acts.control(page, question).fill(text)
    acts.expect_mark(page, question, "本机已存")
    wait_for_copies(page, copies)


def wait_for_copies(page: Page, copies: int) -> None:
    until = time.monotonic() + 30
    while page.evaluate(COPIES) != copies:
        assert time.monotonic() < until, page.evaluate(COPIES)


def tear(dying: DyingBrowser, length: int = SHORT) -> None:
    """Kill the browser as it writes: checksum, length, "a whole record", and no body."""
    dying.kill()
    (log,) = dying.profile.glob("*/IndexedDB/*/*.log")
    with log.open("ab") as file:
        file.write(struct.pack("<IHB", 0x12345678, length, 1))


def take(page: Page, copies: int) -> None:
    shot = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": acts.small_photo(7)}
    acts.question(page, PHOTOS).locator("input[type=file]").set_input_files(shot)
    acts.expect_mark(page, PHOTOS, "本机已存")
    wait_for_copies(page, copies)


def arrived(page: Page, inspection_id: UUID) -> dict[str, Any]:
    """Wait until the server has what waited in a rescue file; gives all answers."""
    until = time.monotonic() + 60
    while PLACE not in (values := acts.values_of(page, inspection_id)):
        assert time.monotonic() < until, values
        page.wait_for_timeout(2000)  # it is sent when the page has come to rest
        page.reload()
    return values


def test_what_was_marked_as_kept_survives_a_torn_record(site, wire, dying):
    inspection_id, path, page = begun(site, wire, dying)
    take(page, 3)
    tear(dying)
    page = open_form(dying, path)
    expect(acts.control(page, PLACE)).to_have_value("会议室")
    fill(page, GOOD, "台账齐全。", 4)
    dying.kill()
    page = open_form(dying, path)
    assert dying.has_begun_anew(), dying.log()
    expect(page.locator(".sealed-up")).to_contain_text("有 4 项没有上传")
    wire.mend()
    page.goto(site.link("lin"))
    values = arrived(page, inspection_id)
    assert (values[PLACE], values[GOOD], len(values[PHOTOS])) == ("会议室", "台账齐全。", 1)
    page.goto(path)
    expect(page.locator(".sealed-up")).to_have_count(0)
    expect(acts.control(page, PLACE)).to_have_value("会议室")
    expect(acts.control(page, GOOD)).to_have_value("台账齐全。")


def test_second_copies_that_could_not_be_read_wait_until_they_can(site, wire, dying):
    inspection_id, path, page = begun(site, wire, dying)
    tear(dying)
    page = open_form(dying, path)
    fill(page, PLACE, "会议室" * 60, 1)  # more than was torn
    page.evaluate(SPOIL, "/copies.js")
    dying.kill()
    page = open_form(dying, path)
    assert dying.has_begun_anew(), dying.log()
    acts.control(page, GOOD).fill("台账齐全。")
    acts.expect_mark(page, GOOD, "本机已存")
    expect(page.locator(".sealed-up")).to_have_count(0)
    page.evaluate(FORGET, "/copies.js")
    wire.mend()
    page.goto(site.link("lin"))
    page.goto(path)
    expect(acts.control(page, GOOD)).to_have_value("台账齐全。")
    values = arrived(page, inspection_id)
    assert (values[PLACE], values[GOOD]) == ("会议室" * 60, "台账齐全。")


def test_what_the_browser_leaves_out_without_a_word_comes_back(site, wire, dying):
    inspection_id, path, page = begun(site, wire, dying)
    tear(dying, LONG)
    page = open_form(dying, path)
    fill(page, PLACE, "三楼会议室", 1)
    take(page, 3)
    dying.kill()
    page = open_form(dying, path)
    assert not dying.has_begun_anew(), dying.log()
    expect(acts.control(page, PLACE)).to_have_value("三楼会议室")
    acts.expect_mark(page, PLACE, "本机已存")
    acts.expect_mark(page, PHOTOS, "本机已存")
    wire.mend()
    page.goto(site.link("lin"))
    page.goto(path)
    acts.expect_mark(page, PHOTOS, "已上传")
    values = acts.values_of(page, inspection_id)
    assert (values[PLACE], len(values[PHOTOS])) == ("三楼会议室", 1)


def unlocked(dying: DyingBrowser, path: str) -> Page:
    page = dying.start()
    page.goto(path)
    unlock(page)
    acts.ready(page)
    return page


def test_what_was_left_out_behind_a_pin_comes_back_when_it_is_open(site, wire, dying):
    _, path, page = begun(site, wire, dying)
    offered(page)
    fill(page, GOOD, "台账齐全。", 2)
    tear(dying, LONG)
    page = unlocked(dying, path)
    fill(page, PLACE, "三楼会议室", 2)
    dying.kill()
    page = unlocked(dying, path)
    expect(acts.control(page, PLACE)).to_have_value("三楼会议室")
