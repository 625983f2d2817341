"""What a phone keeps is sealed, locked when nobody is there, and leaves it only as it should."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e import acts
from tests.e2e.conftest import DESK, PHONE, TIMEOUT_MS

PIN = "246810"
SECRET = "只在本机的话"
STORES = """async () => {
  const base = await new Promise((resolve, reject) => {
    const asked = indexedDB.open("mingcha");
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const all = (store, what) => new Promise((resolve) => {
    const asked = base.transaction(store).objectStore(store)[what]();
    asked.onsuccess = () => resolve(asked.result);
  });
  const told = {journal: await all("journal", "getAll"), photos: await all("photos", "getAll"),
    meta: await all("meta", "getAllKeys")};
  base.close();
  return JSON.stringify(told, (_key, one) => {
    if (one instanceof ArrayBuffer) one = new Uint8Array(one);
    return ArrayBuffer.isView(one) ? new TextDecoder().decode(one) : one;
  });
}"""
LONG_AGO = "() => localStorage.setItem('mingcha-contact', String(Date.now() - 15 * 864e5))"
IDLE = "() => localStorage.setItem('mingcha-active', String(Date.now() - 16 * 60_000))"


@pytest.fixture
def phone(open_, watch) -> BrowserContext:
    watch.expects_network_errors = True  # the network is cut on purpose
    return open_("lin", PHONE)


@pytest.fixture
def filled(phone, wire) -> Page:
    """A form with an answer that only this phone has."""
    page = phone.new_page()
    acts.open_inspection(page)
    acts.control(page, "visit.place").fill("已经上传的话")
    acts.expect_sent(page, "visit.place")
    phone.route("**/api/v1/sync", lambda route: route.abort())
    acts.judge(page, "GC-05", "no")
    acts.control(page, "GC-05.description").fill(SECRET)
    acts.expect_mark(page, "GC-05.description", "本机已存")
    return page


def stores(page: Page) -> str:
    return page.evaluate(STORES)


def box(page: Page, name: str):
    return page.locator(f'dialog[data-name="{name}"]')


def set_pin(page: Page, pin: str = PIN) -> None:
    asked = box(page, "choose")
    expect(asked).to_be_visible()
    for field in asked.locator("input").all():
        field.fill(pin)
    asked.get_by_role("button", name="设置").click()
    expect(asked).to_have_count(0)


def offered(page: Page) -> None:
    """Take the offer that comes when something is on this phone alone."""
    page.locator(".offer").get_by_role("button", name="设置 PIN").click()
    set_pin(page)


def unlock(page: Page, pin: str = PIN) -> None:
    asked = box(page, "unlock")
    asked.locator("input").fill(pin)
    asked.get_by_role("button", name="打开", exact=True).click()


def lock(page: Page) -> None:
    """Be away for longer than the policy allows."""
    page.evaluate(IDLE)
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(box(page, "unlock")).to_be_visible()


def sign_out(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.locator("details.who summary").click()
    page.get_by_role("button", name="退出登录").click()


def test_nothing_that_was_written_lies_there_to_be_read(filled):
    kept = stores(filled)
    assert "GC-05.description" in kept
    assert SECRET not in kept
    assert '"body"' not in kept
    filled.reload()
    acts.ready(filled)
    expect(acts.control(filled, "GC-05.description")).to_have_value(SECRET)


def test_a_pin_is_offered_and_asked_for_after_idling_and_the_form_is_as_it_was(filled):
    offered(filled)
    acts.control(filled, "GC-05.evidence_note").fill("锁定前的话")
    lock(filled)
    unlock(filled, "000000")
    expect(box(filled, "unlock")).to_contain_text("PIN 不对")
    unlock(filled)
    expect(box(filled, "unlock")).to_have_count(0)
    expect(acts.control(filled, "GC-05.evidence_note")).to_have_value("锁定前的话")
    acts.control(filled, "GC-05.remark").fill("锁定后的话")
    acts.expect_mark(filled, "GC-05.remark", "本机已存")
    filled.reload()  # open for this tab
    acts.ready(filled)
    expect(acts.control(filled, "GC-05.remark")).to_have_value("锁定后的话")


def test_a_new_start_asks_for_the_pin_but_another_tab_of_an_open_one_does_not(filled, phone):
    offered(filled)
    second = phone.new_page()
    second.goto(filled.url)
    acts.ready(second)
    expect(acts.control(second, "GC-05.description")).to_have_value(SECRET)
    second.close()
    address = filled.url
    filled.close()
    again = phone.new_page()
    again.goto(address)
    expect(box(again, "unlock")).to_be_visible()
    unlock(again)
    acts.ready(again)
    expect(acts.control(again, "GC-05.description")).to_have_value(SECRET)


def test_ten_wrong_pins_wipe_the_phone_and_what_was_unsent_arrives_all_the_same(
    filled, phone, site
):
    inspection_id = acts.inspection_of(filled)
    offered(filled)
    lock(filled)
    for number in range(9):
        unlock(filled, f"00000{number}")
        expect(box(filled, "unlock").locator("input")).to_have_value("")
        expect(box(filled, "unlock").locator("[type=submit]")).to_be_enabled()
    expect(box(filled, "unlock")).to_contain_text("还可以试 1 次")
    unlock(filled, "999999")
    expect(box(filled, "gone")).to_contain_text("没有上传的 2 项")
    kept = json.loads(stores(filled))
    assert (kept["journal"], kept["photos"]) == ([], [])
    assert not any(name.startswith("vault") for name in kept["meta"])
    box(filled, "gone").get_by_role("button").click()
    filled.wait_for_url("**/sign-in*")
    expect(filled.get_by_role("heading", name="本机封存的救援文件")).to_be_visible()
    phone.unroute("**/api/v1/sync")
    filled.goto(site.link("lin"))
    acts.expect_stored(filled, inspection_id, "GC-05.description", SECRET)
    acts.expect_stored(filled, inspection_id, "GC-05", "no")


def test_signing_out_asks_about_what_is_unsent_and_wipes(filled, phone, site):
    inspection_id = acts.inspection_of(filled)
    filled.goto("/verify")
    sign_out(filled)
    expect(box(filled, "leave")).to_contain_text("还有 2 项没有上传")
    box(filled, "leave").get_by_role("button", name="先不退出").click()
    expect(box(filled, "leave")).to_have_count(0)
    filled.locator("details.who").evaluate("details => details.open = true")
    filled.get_by_role("button", name="退出登录").click()
    box(filled, "leave").get_by_role("button", name="封存后退出").click()
    filled.wait_for_url("**/sign-in*")
    kept = json.loads(stores(filled))
    assert (kept["journal"], kept["photos"]) == ([], [])
    phone.unroute("**/api/v1/sync")
    filled.goto(site.link("lin"))
    acts.expect_stored(filled, inspection_id, "GC-05.description", SECRET)


def test_an_unsent_answer_may_be_thrown_away_on_signing_out(filled, site):
    filled.goto("/verify")
    sign_out(filled)
    box(filled, "leave").get_by_role("button", name="删除后退出").click()
    filled.wait_for_url("**/sign-in*")
    kept = json.loads(stores(filled))
    assert kept["journal"] == []
    assert not any(name.startswith("rescue") for name in kept["meta"])


def test_a_rescue_file_made_without_a_network_is_imported_elsewhere_once(
    filled, phone, wire, open_, tmp_path: Path
):
    inspection_id = acts.inspection_of(filled)
    phone.unroute("**/api/v1/sync")
    filled.goto("/devices/mine")
    phone.route("**/api/v1/sync", lambda route: route.abort())
    expect(filled.get_by_text("只在这台设备上")).to_be_visible()
    wire.cut()
    with filled.expect_download() as download:
        filled.get_by_role("button", name="保存救援文件").click()
    file = tmp_path / "lin.rescue"
    download.value.save_as(file)
    assert SECRET.encode() not in file.read_bytes()
    wire.mend()
    desk = open_("zhou", DESK).new_page()
    for word in ("已导入", "先前已有"):
        desk.goto("/rescue")
        desk.get_by_label("救援文件").set_input_files(file)
        desk.get_by_role("button", name="导入", exact=True).click()
        expect(desk.get_by_role("heading", name="林检 的救援文件")).to_be_visible()
        expect(desk.locator("tbody tr").first).to_contain_text(word)
    acts.expect_stored(filled, inspection_id, "GC-05.description", SECRET)


def test_a_revoked_phone_offers_the_rescue_file_and_wipes(open_, watch, wire, tmp_path: Path):
    watch.expects_network_errors = True
    phone = open_("chen", PHONE)
    page = phone.new_page()
    page.goto("/inspections/new")
    page.get_by_label(acts.VEHICLES.title.zh).check()
    page.get_by_label(acts.UNIT, exact=True).check()
    page.get_by_label("林检").check()
    page.get_by_role("button", name="开始填写").click()
    acts.ready(page)
    inspection_id = acts.inspection_of(page)
    acts.control(page, "visit.place").fill("已经上传的话")
    acts.expect_sent(page, "visit.place")
    desk = open_("wu", DESK).new_page()
    desk.goto("/devices")
    phone.route("**/api/v1/sync", lambda route: route.abort())
    acts.control(page, "visit.place").fill(SECRET)
    acts.expect_mark(page, "visit.place", "本机已存")
    card = desk.locator(".card").filter(has_text="陈查").filter(has_text="已全部上传").first
    card.locator("summary").click()
    card.get_by_role("button", name="停用这台设备").click()
    expect(desk.get_by_text("已停用 陈查 的设备")).to_be_visible()
    phone.unroute("**/api/v1/sync")
    page.evaluate("() => { sessionStorage.clear(); dispatchEvent(new Event('online')); }")
    told = box(page, "revoked")
    expect(told).to_contain_text("没有上传的 1 项")
    with page.expect_download() as download:
        told.get_by_role("button", name="保存救援文件").click()
    file = tmp_path / "chen.rescue"
    download.value.save_as(file)
    assert json.loads(stores(page))["journal"] == []
    told.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/sign-in*")
    zhou = open_("zhou", DESK).new_page()
    zhou.goto("/rescue")
    zhou.get_by_label("救援文件").set_input_files(file)
    zhou.get_by_role("button", name="导入", exact=True).click()
    expect(zhou.get_by_role("heading", name="陈查 的救援文件")).to_be_visible()
    lin = open_("lin", DESK).new_page()
    acts.expect_stored(lin, inspection_id, "visit.place", SECRET)


def test_two_weeks_without_the_server_wipe_and_what_was_unsent_arrives(filled, phone):
    inspection_id = acts.inspection_of(filled)
    filled.evaluate(LONG_AGO)
    filled.goto("/diag")
    expect(box(filled, "expired")).to_contain_text("没有上传的 2 项")
    assert json.loads(stores(filled))["journal"] == []
    box(filled, "expired").get_by_role("button").click()
    acts.expect_stored(filled, inspection_id, "GC-05.description", SECRET)


def test_a_finger_opens_in_place_of_the_pin(site, browser, watch):
    address = site.url.replace("127.0.0.1", "localhost")  # passkeys want a name
    context = browser.new_context(base_url=address, locale="zh-CN", **PHONE)
    context.set_default_timeout(TIMEOUT_MS)
    watch.over(context)
    context.request.get(address + site.links["lin"], max_redirects=0)
    page = context.new_page()
    finger = {
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasPrf": True,
        "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": finger})
    page.goto("/devices/mine")
    page.get_by_role("button", name="设置 PIN").click()
    set_pin(page)
    page.get_by_role("button", name="添加指纹或面容").click()
    expect(page.locator("[data-module=privacy] [role=status]")).to_have_text("已添加。")
    page.get_by_role("button", name="马上锁定").click()
    box(page, "unlock").get_by_role("button", name="用指纹或面容").click()
    expect(box(page, "unlock")).to_have_count(0)
    expect(page.get_by_role("button", name="马上锁定")).to_be_visible()
    context.close()
