"""Browsers that cannot do everything: each says so, with the remedy, and loses nothing."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e import acts
from tests.e2e.conftest import PHONE
from tests.e2e.offline.test_journal import FIRST_VERSION, kept

FULL_DISK = """
  const add = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = function (...args) {
    if (globalThis.full && this.name === "journal") {
      throw new DOMException("full", "QuotaExceededError");
    }
    return add.apply(this, args);
  };
"""
PRIVATE = """
  IDBFactory.prototype.open = () => { throw new DOMException("private", "SecurityError"); };
"""
LOST_ONCE = """
  const transaction = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...args) {
    if (globalThis.lost) {
      globalThis.lost = false;
      throw new DOMException("lost", "InvalidStateError");
    }
    return transaction.apply(this, args);
  };
"""
NO_COPIES = """
  const { open } = globalThis.caches ?? {}; // not on about:blank
  if (open) CacheStorage.prototype.open = function (name) {
    return name === "copies" ? %s : open.call(this, name);
  };
"""
NO_WORKER = "delete Navigator.prototype.serviceWorker;"


@pytest.fixture
def browser_with(open_, watch):
    """Give lin a phone whose pages run a script first."""
    watch.expects_network_errors = True
    watch.expects_store_errors = True

    def made(script: str) -> tuple[BrowserContext, Page]:
        context = open_("lin", PHONE)
        context.add_init_script(script)
        return context, context.new_page()

    return made


def test_a_full_phone_says_so_and_goes_on_when_there_is_space(browser_with):
    _, page = browser_with(FULL_DISK)
    inspection_id = acts.open_inspection(page, acts.SHORT)
    place = acts.control(page, "visit.place")
    place.fill("会议室")
    acts.expect_sent(page, "visit.place")
    page.evaluate("() => { globalThis.full = true; }")
    place.fill("会议室和大厅")
    expect(page.locator("#saving")).to_have_text("本机空间已满，请腾出空间，或用“保存”按钮")
    expect(page.get_by_role("button", name="保存本部分").first).to_be_visible()
    expect(acts.question(page, "visit.place").locator(".mark")).to_be_hidden()
    page.evaluate("() => { globalThis.full = false; }")
    acts.control(page, "visit.good").fill("台账齐全。")
    acts.control(page, "visit.good").blur()
    acts.expect_stored(page, inspection_id, "visit.good", "台账齐全。")
    acts.expect_stored(page, inspection_id, "visit.place", "会议室和大厅")
    acts.expect_sent(page, "visit.place", "visit.good")


def test_a_private_window_says_so_and_works_as_a_plain_form(browser_with):
    _, page = browser_with(PRIVATE)
    page.goto("/verify")
    inspection_id = acts.open_by_api(page, acts.SHORT)
    page.goto(f"/inspections/{inspection_id}/answers")
    expect(page.locator("#saving")).to_contain_text("本机不能保存（可能是无痕模式）")
    acts.control(page, "visit.place").fill("会议室")
    page.get_by_role("button", name="保存本部分").first.tap()
    page.wait_for_url("**#s-visit")
    assert acts.values_of(page, inspection_id) == {"visit.place": "会议室"}


def test_a_lost_database_is_opened_again(browser_with):
    _, page = browser_with(LOST_ONCE)
    inspection_id = acts.open_inspection(page, acts.SHORT)
    page.evaluate("() => { globalThis.lost = true; }")
    acts.control(page, "visit.place").fill("会议室")
    acts.expect_stored(page, inspection_id, "visit.place", "会议室")


@pytest.mark.parametrize(
    "answer", ["Promise.reject(new Error('full'))", "new Promise(() => {})"], ids=["full", "stuck"]
)
def test_where_no_second_copy_can_be_made_one_is_enough(browser_with, answer):
    _, page = browser_with(NO_COPIES % answer)
    acts.open_inspection(page)
    page.route("**/api/v1/sync", lambda route: route.abort())
    acts.judge(page, "GC-02", "yes")
    acts.expect_mark(page, "GC-02", "本机已存")


def test_an_old_version_in_another_tab_is_told(browser_with):
    context, old = browser_with("")
    old.goto("/verify")
    user = old.locator("body").get_attribute("data-user")
    inspection_id = acts.open_by_api(old, acts.SHORT)
    old.evaluate(FIRST_VERSION.replace("request.result.close();", ""), [user, str(inspection_id)])
    page = context.new_page()
    page.goto(f"/inspections/{inspection_id}/answers")
    expect(page.locator("#saving")).to_contain_text("另一个标签页开着旧版本")
    old.close()  # and the form begins anew by itself
    acts.expect_sent(page, "visit.place", "visit.good")


def test_inside_an_app_without_workers_drafts_stay_and_a_line_leads_out(browser_with):
    context, page = browser_with(NO_WORKER)
    page.goto("/")
    expect(page.get_by_text("请改用手机自带的浏览器打开本页")).to_be_visible()
    inspection_id = acts.open_inspection(page, acts.SHORT)
    page.wait_for_load_state("networkidle")
    context.set_offline(True)
    acts.control(page, "visit.place").fill("会议室")
    acts.expect_mark(page, "visit.place", "本机已存")
    page.get_by_role("button", name="去提交").tap()  # what it needs was loaded before
    expect(page.locator(".hand [data-part=left]")).to_contain_text("未填")
    assert [one["question"] for one in kept(page)] == ["visit.place"]
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto("/checklists")
    acts.expect_stored(page, inspection_id, "visit.place", "会议室")
