"""What an operator decides, or leaves undone: a PIN for everybody, and no TLS."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e import acts
from tests.e2e.conftest import DESK, PHONE, TIMEOUT_MS
from tests.e2e.offline.test_privacy import PIN, SECRET, box, set_pin, sign_out, stores
from tests.e2e.serving import LOCKED_IN, Site, beside, chromium

NAME = "bureau.test"  # http://127.0.0.1 counts as secure, any other name does not


@pytest.fixture
def strict(site) -> Iterator[Site]:
    """The bureau that wants a PIN on each phone."""
    with beside(site, MINGCHA_PIN_REQUIRED="true") as served:
        yield served


@pytest.fixture
def plain(site, browser, watch) -> Iterator[BrowserContext]:
    """A phone of lin's that reaches the bureau by name, over plain http."""
    args = [*LOCKED_IN, f"--host-resolver-rules=MAP {NAME} 127.0.0.1, MAP * ~NOTFOUND"]
    apart = browser.browser_type.launch(executable_path=chromium(), args=args)
    with beside(site, host=NAME) as served:
        context = apart.new_context(base_url=served.url, locale="zh-CN", **PHONE)
        context.set_default_timeout(TIMEOUT_MS)
        watch.expects_network_errors = watch.expects_plain_http = True
        watch.over(context)
        context.new_page().goto(served.link("lin"))
        yield context
        apart.close()


def held_back(page: Page) -> None:
    """Fill in a form whose answer stays on this phone."""
    acts.open_inspection(page, acts.SHORT)
    page.context.route("**/api/v1/sync", lambda route: route.abort())
    acts.control(page, "visit.place").fill(SECRET)
    acts.expect_mark(page, "visit.place", "本机已存")


def test_where_a_pin_is_required_the_first_thing_kept_asks_for_it(strict, open_, watch):
    watch.expects_network_errors = True
    phone = open_("", PHONE)
    page = phone.new_page()
    page.goto(strict.link("lin"))
    page.goto(strict.url + "/inspections/new")
    page.get_by_label(acts.SHORT.title.zh).check()
    page.get_by_label(acts.UNIT, exact=True).check()
    page.get_by_label("陈查").check()
    page.get_by_role("button", name="开始填写").click()
    acts.ready(page)
    phone.route("**/api/v1/sync", lambda route: route.abort())
    acts.control(page, "visit.place").fill(SECRET)
    asked = box(page, "choose")
    expect(asked).to_be_visible()
    expect(asked.get_by_role("button", name="以后再说")).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")  # browsers let a second one through, unless the page minds
    expect(asked).to_be_visible()
    for field in asked.locator("input").all():
        field.fill("111111")
    asked.get_by_role("button", name="设置").click()
    expect(asked).to_contain_text("不能全是同一个字符")
    set_pin(page)
    acts.expect_mark(page, "visit.place", "本机已存")
    address = page.url
    page.close()
    page = phone.new_page()
    page.goto(address)
    box(page, "unlock").locator("input").fill(PIN)
    box(page, "unlock").get_by_role("button", name="打开", exact=True).click()
    acts.ready(page)
    expect(acts.control(page, "visit.place")).to_have_value(SECRET)


def test_over_plain_http_signing_out_says_that_nothing_can_be_sealed(plain):
    page = plain.pages[0]
    held_back(page)
    assert page.evaluate("() => [isSecureContext, typeof crypto.subtle]") == [False, "undefined"]
    page.goto("/verify")
    sign_out(page)
    expect(box(page, "leave-plain")).to_contain_text("无法加密")
    box(page, "leave-plain").get_by_role("button", name="先不退出").click()
    expect(box(page, "leave-plain")).to_have_count(0)
    page.locator("details.who").evaluate("details => details.open = true")
    page.get_by_role("button", name="退出登录").click()
    box(page, "leave-plain").get_by_role("button", name="留下并退出").click()
    page.wait_for_url("**/sign-in*")
    assert [one["body"] for one in json.loads(stores(page))["journal"]] == [SECRET]


def test_over_plain_http_what_stayed_goes_up_with_the_next_sign_in(plain, site, open_):
    page = plain.pages[0]
    held_back(page)
    inspection_id = acts.inspection_of(page)
    page.goto("/verify")
    sign_out(page)
    box(page, "leave-plain").get_by_role("button", name="留下并退出").click()
    page.wait_for_url("**/sign-in*")
    plain.unroute("**/api/v1/sync")
    page.goto(site.links["lin"])
    desk = open_("lin", DESK).new_page()  # this process does not know the name
    acts.expect_stored(desk, inspection_id, "visit.place", SECRET)


def test_over_plain_http_an_unsent_answer_may_be_thrown_away(plain):
    page = plain.pages[0]
    held_back(page)
    page.goto("/verify")
    sign_out(page)
    box(page, "leave-plain").get_by_role("button", name="删除后退出").click()
    page.wait_for_url("**/sign-in*")
    assert json.loads(stores(page))["journal"] == []
