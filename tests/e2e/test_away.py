"""What a phone meets on the way: no connection, a session that ended, a second phone."""

import re

from playwright.sync_api import Page, expect

from tests.e2e import acts
from tests.e2e.conftest import PHONE


def form(page: Page, inspection_id: object) -> None:
    """Open the form and wait until it keeps what is typed."""
    page.goto(f"/inspections/{inspection_id}/answers")
    acts.ready(page)


def test_answers_given_without_a_connection_go_up_later_and_once(open_, watch):
    watch.expects_network_errors = True
    context = open_("lin", PHONE)
    page = context.new_page()
    inspection_id = acts.open_inspection(page)
    acts.judge(page, "GC-02", "yes")
    acts.expect_sent(page, "GC-02")

    context.set_offline(True)
    acts.judge(page, "GC-05", "no")
    acts.control(page, "GC-05.description").fill("越野车没有专门审批。")
    photos = acts.question(page, "GC-05.photos")
    photos.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": acts.photo(2)}
    )
    expect(photos.locator(".shot img")).to_be_visible()
    orders = acts.question(page, "GC-20.orders")
    orders.locator('[data-c="order_no"] input').fill("P-9")
    acts.control(page, "visit.place").fill("人民路")
    acts.control(page, "visit.place").blur()
    for question in ("GC-05", "GC-05.description", "GC-05.photos", "GC-20.orders", "visit.place"):
        acts.expect_mark(page, question, "本机已存")
    expect(page.locator("#saving")).to_have_text("没有网络，本机已存 5 处")
    page.close()
    watcher = open_("chen", PHONE).new_page()
    watcher.goto("/")
    assert set(acts.values_of(watcher, inspection_id)) == {"GC-02"}

    context.set_offline(False)
    page = context.new_page()
    form(page, inspection_id)
    expect(acts.control(page, "visit.place")).to_have_value("人民路")
    expect(page.locator('[id="GC-05-no"]')).to_be_checked()
    expect(acts.question(page, "GC-05.photos").locator(".shot")).to_have_count(1)
    acts.expect_sent(page, "visit.place", "GC-05", "GC-05.photos", "GC-20.orders")
    values = acts.values_of(page, inspection_id)
    assert values["GC-05"] == "no"
    assert values["GC-05.description"] == "越野车没有专门审批。"
    assert len(values["GC-05.photos"]) == 1
    assert [row["order_no"] for row in values["GC-20.orders"]] == ["P-9"]
    assert values["visit.place"] == "人民路"
    assert not [entry for entry in acts.state_of(page, inspection_id).values() if entry.get("also")]

    form(page, inspection_id)  # and once more, from the server alone
    expect(orders_of(page)).to_have_count(1)
    expect(acts.question(page, "GC-05.photos").locator(".shot img")).to_be_visible()
    assert page.locator(".mark-saved").count() == 0


def orders_of(page: Page):
    return acts.question(page, "GC-20.orders").locator("[data-row]")


def test_what_was_left_unsent_is_sent_from_any_page(open_, watch):
    watch.expects_network_errors = True
    context = open_("lin", PHONE)
    page = context.new_page()
    inspection_id = acts.open_inspection(page, acts.SHORT)
    context.set_offline(True)
    acts.control(page, "visit.place").fill("会议室")
    acts.control(page, "visit.place").blur()
    acts.expect_mark(page, "visit.place", "本机已存")
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto("/checklists")
    page.wait_for_function("() => localStorage.getItem('mingcha-waiting') === null")
    assert acts.values_of(page, inspection_id) == {"visit.place": "会议室"}


def test_a_session_that_ends_while_filling_in_loses_nothing(site, open_, watch):
    watch.expects_network_errors = True
    context = open_("lin", PHONE)
    page = context.new_page()
    inspection_id = acts.open_inspection(page, acts.SHORT)
    acts.control(page, "visit.place").fill("会议室")
    acts.control(page, "visit.place").blur()
    acts.expect_sent(page, "visit.place")

    context.clear_cookies(name="mingcha")
    overall = acts.control(page, "visit.overall")
    overall.fill("总体规范，个别事项报备不及时。")
    overall.blur()
    saving = page.locator("#saving")
    expect(saving).to_have_text("登录已失效，点此登录")
    acts.expect_mark(page, "visit.overall", "本机已存")
    with context.expect_page() as opened:
        saving.get_by_role("link").tap()
    sign_in = opened.value
    expect(sign_in.get_by_role("heading", level=1, name="登录")).to_be_visible()
    sign_in.goto(site.link("lin"))
    sign_in.close()

    page.bring_to_front()
    expect(overall).to_have_value("总体规范，个别事项报备不及时。")
    overall.press_sequentially("已提醒。")
    overall.blur()
    whole = "总体规范，个别事项报备不及时。已提醒。"
    acts.expect_stored(page, inspection_id, "visit.overall", whole)
    acts.expect_stored(page, inspection_id, "visit.place", "会议室")
    acts.expect_sent(page, "visit.overall")


def test_two_phones_that_do_not_agree_settle_it(open_, watch):
    watch.expects_network_errors = True
    lins, chens = open_("lin", PHONE), open_("chen", PHONE)
    lin, chen = lins.new_page(), chens.new_page()
    inspection_id = acts.open_inspection(lin, acts.SHORT)
    form(chen, inspection_id)
    chens.set_offline(True)
    acts.control(lin, "visit.place").fill("会议室")
    acts.control(lin, "visit.place").blur()
    acts.expect_sent(lin, "visit.place")
    acts.control(chen, "visit.place").fill("办公楼大厅")
    acts.control(chen, "visit.place").blur()
    acts.control(chen, "visit.good").fill("台账齐全。")
    acts.control(chen, "visit.good").blur()
    acts.expect_mark(chen, "visit.place", "本机已存")

    chens.set_offline(False)
    acts.expect_mark(chen, "visit.good", "已上传")  # what only one has touched just merges
    acts.expect_mark(chen, "visit.place", "有冲突")
    link = chen.locator("#saving").get_by_role("link")
    expect(link).to_have_text(re.compile("与同伴不同"))
    link.tap()
    acts.ready(chen)
    place = acts.question(chen, "visit.place")
    both = {
        acts.control(chen, "visit.place").input_value(),
        place.locator(".clash li").inner_text(),
    }
    assert {text.split()[0] for text in both} == {"会议室", "办公楼大厅"}

    lin.goto(f"/inspections/{inspection_id}/submission")  # not handed in before it is settled
    clash = lin.locator("section.left").filter(has_text="两部手机填得不一样")
    expect(clash.get_by_role("link")).to_have_count(1)

    acts.control(chen, "visit.place").fill("办公楼一层会议室")
    place.get_by_text("已商定").tap()
    acts.expect_stored(chen, inspection_id, "visit.place", "办公楼一层会议室")
    acts.expect_sent(chen, "visit.place")
    form(lin, inspection_id)
    expect(acts.control(lin, "visit.place")).to_have_value("办公楼一层会议室")
    expect(lin.locator(".clash")).to_have_count(0)
