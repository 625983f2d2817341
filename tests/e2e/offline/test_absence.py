"""What a phone goes through while it is away: releases, lost caches, a week, a colleague.

What happens twice in the ordinary run happens twenty times with ``MINGCHA_TEST_LONG=1``.
"""

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e import acts
from tests.e2e.conftest import PHONE
from tests.e2e.offline.waiting import UNTIL, WAITING, keep_form

TIMES = 20 if os.environ.get("MINGCHA_TEST_LONG") == "1" else 2
CLEAR = "async () => { for (const name of await caches.keys()) await caches.delete(name); }"
ONLINE = "() => dispatchEvent(new Event('online'))"
ITEMS = [item.id for section in acts.SHORT.sections for item in section.items]


@pytest.fixture
def phone(open_, watch) -> BrowserContext:
    watch.expects_network_errors = True  # the network is cut on purpose
    return open_("lin", PHONE)


def opened(phone: BrowserContext) -> tuple[Page, UUID, str]:
    """Open an inspection that can be filled in without a network from now on."""
    page = phone.new_page()
    inspection_id = acts.open_inspection(page, acts.SHORT)
    path = keep_form(page, inspection_id)
    page.goto(path)
    acts.ready(page)
    return page, inspection_id, path


def test_a_new_release_in_mid_form_disturbs_nothing(phone):
    page, inspection_id, path = opened(phone)
    place = acts.control(page, "visit.place")
    phone.route("**/api/v1/sync", lambda route: route.abort())
    page.evaluate("() => { globalThis.untouched = true; }")
    other = phone.new_page()
    text = ""
    for turn in range(TIMES):
        place.press_sequentially(f"第{turn}次")
        # Other words are another release.
        other.goto(f"/language/{('en', 'zh')[turn % 2]}?next=/verify")
        other.evaluate(UNTIL % WAITING)
        place.press_sequentially("，")
        acts.expect_mark(page, "visit.place", "本机已存")
        text += f"第{turn}次，"
        assert place.input_value() == text
        assert page.evaluate("() => globalThis.untouched")
        assert page.evaluate(WAITING)
    phone.unroute("**/api/v1/sync")
    page.evaluate(ONLINE)
    acts.expect_stored(page, inspection_id, "visit.place", text)
    other.goto("/language/zh?next=/verify")
    page.goto(path)
    acts.ready(page)
    expect(acts.control(page, "visit.place")).to_have_value(text)


def test_caches_that_are_cleared_hold_no_answer(wire, phone):
    page, inspection_id, path = opened(phone)
    for turn in range(TIMES):
        item = ITEMS[turn % len(ITEMS)]
        wire.cut()
        acts.control(page, "visit.place").fill(f"第{turn}次")
        acts.judge(page, item, "yes")
        acts.control(page, f"{item}-more").check(force=True)
        acts.question(page, f"{item}.photos").locator("input[type=file]").set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": acts.small_photo(turn)}
        )
        acts.expect_mark(page, f"{item}.photos", "本机已存")
        page.evaluate(CLEAR)
        acts.control(page, "visit.good").fill(f"缓存清除之后{turn}")
        acts.expect_mark(page, "visit.good", "本机已存")
        page.close()
        wire.mend()
        page = phone.new_page()
        page.goto(path)
        acts.ready(page)
        expect(acts.control(page, "visit.good")).to_have_value(f"缓存清除之后{turn}")
        acts.expect_sent(page, "visit.place", "visit.good", item, f"{item}.photos")
        values = acts.values_of(page, inspection_id)
        assert (values["visit.place"], values[item]) == (f"第{turn}次", "yes")
        assert len(values[f"{item}.photos"]) == 1


def test_a_week_without_a_network_loses_nothing(wire, phone):
    """The pages' clock is moved; the browser's own, which ends cookies and caches, is not."""
    page, inspection_id, path = opened(phone)
    page.close()
    wire.cut()
    begun = datetime.now(UTC)
    for day in range(8):
        phone.clock.set_fixed_time(begun + timedelta(days=day))
        page = phone.new_page()
        if day:
            page.goto("/")
            told = page.locator('[data-module="risk"]')
            expect(told).to_contain_text(f"只在本机：{day + 2} 处答案、1 张照片")
            expect(told).to_have_attribute("role", "status" if day == 1 else "alert")
        page.goto(path)
        acts.ready(page)
        if day:
            expect(acts.control(page, "visit.place")).to_have_value("第一天的会议室")
            expect(page.locator(f'[id="{ITEMS[day - 1]}"]')).to_be_checked()
        else:
            acts.control(page, "visit.place").fill("第一天的会议室")
            shots = acts.question(page, f"{ITEMS[-1]}.photos").locator("input[type=file]")
            shots.set_input_files(
                {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": acts.small_photo(7)}
            )
            acts.expect_mark(page, f"{ITEMS[-1]}.photos", "本机已存")
        acts.judge(page, ITEMS[day], "yes")
        acts.expect_mark(page, ITEMS[day], "本机已存")
        page.close()
    wire.mend()
    page = phone.new_page()
    page.goto(path)
    acts.expect_stored(page, inspection_id, ITEMS[7], "yes")
    page.goto("/")
    expect(page.locator('[data-module="risk"]')).to_be_hidden()
    values = acts.values_of(page, inspection_id)
    assert values["visit.place"] == "第一天的会议室"
    assert [values[item] for item in ITEMS[:8]] == ["yes"] * 8
    assert len(values[f"{ITEMS[-1]}.photos"]) == 1


def test_two_phones_that_were_both_away_merge_and_show_what_they_differ_in(open_, phone):
    lin, inspection_id, path = opened(phone)
    chens = open_("chen", PHONE)
    chen = chens.new_page()
    chen.goto(path)
    acts.ready(chen)
    phone.set_offline(True)
    chens.set_offline(True)
    fill_in(lin, ITEMS[0], "会议室", 1)
    fill_in(chen, ITEMS[1], "办公楼大厅", 2)
    for one, page in ((phone, lin), (chens, chen)):
        one.set_offline(False)
        page.evaluate(ONLINE)
    for item in ITEMS[:2]:
        acts.expect_stored(lin, inspection_id, item, "yes")
    for _ in range(60):
        state = acts.state_of(lin, inspection_id)
        if state.get("visit.place", {}).get("also"):
            break
        lin.wait_for_timeout(500)
    both = {state["visit.place"]["v"], *(one["v"] for one in state["visit.place"]["also"])}
    assert both == {"会议室", "办公楼大厅"}
    assert len(state[f"{ITEMS[2]}.photos"]["v"]) == 2
    assert [q for q, entry in state.items() if entry.get("also")] == ["visit.place"]

    for page in (lin, chen):
        page.goto(path)
        acts.ready(page)
        shown = {
            acts.control(page, "visit.place").input_value(),
            acts.question(page, "visit.place").locator(".clash li").inner_text().split()[0],
        }
        assert shown == both
        assert acts.question(page, f"{ITEMS[2]}.photos").locator(".shot").count() == 2

    chens.set_offline(True)  # settled without a network, and then said a little more
    acts.question(chen, "visit.place").get_by_text("已商定").tap()
    acts.expect_mark(chen, "visit.place", "本机已存")
    acts.control(chen, "visit.place").fill("一层会议室")
    acts.expect_mark(chen, "visit.place", "本机已存")
    chens.set_offline(False)
    chen.evaluate(ONLINE)
    acts.expect_stored(chen, inspection_id, "visit.place", "一层会议室")
    lin.goto(path)
    expect(acts.control(lin, "visit.place")).to_have_value("一层会议室")
    expect(lin.locator(".clash")).to_have_count(0)


def fill_in(page: Page, item: str, place: str, number: int) -> None:
    """Answer a point of one's own, and two that the colleague answers too."""
    acts.judge(page, item, "yes")
    acts.control(page, "visit.place").fill(place)
    shots = acts.question(page, f"{ITEMS[2]}.photos").locator("input[type=file]")
    shots.set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": acts.small_photo(number)}
    )
    for question in (item, "visit.place", f"{ITEMS[2]}.photos"):
        acts.expect_mark(page, question, "本机已存")
