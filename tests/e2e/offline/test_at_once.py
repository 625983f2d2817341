"""The form opens from its copy without waiting for the server; what is newer appears on it."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e import acts
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.offline.waiting import keep_form

PLACE = "visit.place"


@pytest.fixture
def phone(open_, watch) -> BrowserContext:
    watch.expects_network_errors = True  # the network is held, and a session ends
    return open_("lin", PHONE)


@pytest.fixture
def colleague(open_, site) -> Page:
    """Chen, at a desk, on any page."""
    page = open_("chen", DESK).new_page()
    page.goto("/")
    return page


def kept_form(phone: BrowserContext) -> tuple[UUID, str]:
    """Open an inspection that the phone then keeps; it has been at rest for a while."""
    page = phone.new_page()
    page.goto("/")
    inspection_id = acts.open_by_api(page, acts.SHORT)
    path = keep_form(page, inspection_id)
    page.close()
    return inspection_id, path


def test_a_network_that_gives_nothing_holds_up_nobody(wire, phone):
    inspection_id, path = kept_form(phone)
    wire.hold()
    page = phone.new_page()
    page.goto(path)
    acts.ready(page)
    acts.control(page, PLACE).fill("车库")
    acts.expect_mark(page, PLACE, "上传中")
    expect(page.locator(".copied")).to_contain_text("存在本机的页面")  # after some patience
    wire.mend()
    acts.expect_sent(page, PLACE)
    acts.expect_stored(page, inspection_id, PLACE, "车库")


def test_what_a_colleague_has_filled_in_appears_on_the_copy(phone, colleague):
    inspection_id, path = kept_form(phone)
    acts.send(colleague, inspection_id, {PLACE: "大会议室", "HS-01": "yes"})
    page = phone.new_page()
    page.goto(path)
    acts.ready(page)
    expect(acts.control(page, PLACE)).to_have_value("大会议室")
    expect(page.locator("#HS-01")).to_be_checked()
    expect(page.locator(".copied")).to_have_count(0)
    acts.control(page, PLACE).fill("小会议室")  # it was seen, and is replaced
    acts.expect_sent(page, PLACE)
    acts.expect_stored(page, inspection_id, PLACE, "小会议室")


def test_what_is_being_typed_is_not_replaced(phone, colleague, wire):
    inspection_id, path = kept_form(phone)
    acts.send(colleague, inspection_id, {PLACE: "大会议室"})
    wire.hold()
    page = phone.new_page()
    page.goto(path)
    acts.ready(page)
    acts.control(page, PLACE).press_sequentially("车库")
    wire.mend()
    acts.expect_mark(page, PLACE, "有冲突")  # both are kept
    expect(acts.control(page, PLACE)).to_have_value("车库")
    page.locator("#saving a").click()
    expect(page.locator(".clash")).to_contain_text("车库")


def test_a_conflict_from_elsewhere_opens_the_newest_page(phone, colleague):
    inspection_id, path = kept_form(phone)
    for place in ("大会议室", "小会议室"):
        acts.send(colleague, inspection_id, {PLACE: place})
    page = phone.new_page()
    page.goto(path)
    expect(page.locator(".clash")).to_contain_text("小会议室")


def test_who_is_at_work_is_told_of_it_by_a_link(phone, colleague, wire):
    inspection_id, path = kept_form(phone)
    for place in ("大会议室", "小会议室"):
        acts.send(colleague, inspection_id, {PLACE: place})
    wire.hold()
    page = phone.new_page()
    page.goto(path)
    acts.ready(page)
    page.keyboard.press("Tab")
    wire.mend()
    expect(page.locator("#saving a")).to_have_text(re.compile("^1 处与同伴不同"))
    page.locator("#saving a").click()
    expect(page.locator(".clash")).to_contain_text("小会议室")


def test_what_was_handed_in_elsewhere_opens_what_became_of_it(phone, open_):
    inspection_id, path = kept_form(phone)
    other = open_("lin", PHONE).new_page()
    other.goto("/")
    acts.fill_rest(other, inspection_id, acts.SHORT)
    acts.sign_all(other, inspection_id)
    acts.hand_in(other, inspection_id)
    page = phone.new_page()
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text(acts.UNIT)


def test_another_language_is_shown_at_once(phone):
    _, path = kept_form(phone)
    page = phone.new_page()
    page.goto(path)
    acts.ready(page)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(acts.SHORT.title.en)


def test_a_session_that_ended_is_told_and_loses_nothing(phone):
    _, path = kept_form(phone)
    phone.clear_cookies()
    page = phone.new_page()
    page.goto(path)
    acts.ready(page)
    expect(page.locator("#saving a")).to_have_text("登录已失效，点此登录")
    acts.control(page, PLACE).fill("车库")
    acts.expect_mark(page, PLACE, "本机已存")
