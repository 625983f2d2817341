"""The whole form with script switched off: plain posts, the server's words, nothing lost."""

from playwright.sync_api import Page, expect

from tests.e2e import acts
from tests.e2e.conftest import PHONE

PLAIN = {**PHONE, "java_script_enabled": False}


def open_plainly(page: Page) -> str:
    """Open an inspection by plain forms; return the form's path."""
    page.goto("/")
    page.get_by_role("link", name="开始督查").tap()
    page.get_by_label(acts.SHORT.title.zh).check()
    page.get_by_label(acts.UNIT, exact=True).check()
    page.get_by_label("陈查").check()
    page.get_by_role("button", name="开始填写").tap()
    return f"/inspections/{acts.inspection_of(page)}"


def test_an_inspection_is_filled_in_signed_and_handed_in_without_script(open_, watch):
    watch.expects_network_errors = True
    page = open_("lin", PLAIN).new_page()
    path = open_plainly(page)
    expect(page.locator(".shoot-row").filter(visible=True)).to_have_count(0)
    item = acts.SHORT.items[0].id

    # a wrong date, a failed item without its words: the summary names them, the rest stays typed
    acts.control(page, "visit.place").fill("会议室")
    acts.control(page, "visit.started_at").fill("2026-11-20T09:00")
    number = next(q for q in acts.SHORT.questions if q.kind == "integer" and not q.shown_if)
    acts.judge(page, item, "no")
    acts.judge(page, number.item_id, "yes")
    acts.control(page, number.id).fill("三个")
    acts.control(page, f"{item}.description").fill("没有报备材料。")
    acts.control(page, f"{item}.photos").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": acts.photo(3)}
    )
    page.get_by_role("button", name="保存本部分").first.tap()
    summary = page.locator(".error-summary")
    expect(summary.get_by_role("link")).to_have_count(1)
    expect(acts.control(page, number.id)).to_have_value("三个")
    expect(acts.control(page, "visit.place")).to_have_value("会议室")
    expect(acts.control(page, f"{item}.description")).to_have_value("没有报备材料。")
    expect(acts.question(page, f"{item}.photos").locator(".shot img")).to_be_visible()
    summary.get_by_role("link").tap()
    expect(acts.control(page, number.id)).to_be_in_viewport()
    expect(acts.control(page, number.id)).to_have_attribute("aria-invalid", "true")

    acts.control(page, number.id).fill("3")
    page.get_by_role("button", name="保存本部分").first.tap()
    expect(page.get_by_text("已保存", exact=True)).to_be_visible()
    values = acts.values_of(page, path.rsplit("/", 1)[1])
    assert values[number.id] == 3
    assert values["visit.place"] == "会议室"
    assert len(values[f"{item}.photos"]) == 1

    # a row more, by the server
    table = next(q for q in acts.SHORT.questions if q.kind == "table" and not q.shown_if)
    rows = acts.question(page, table.id).locator("[data-row]")
    before = rows.count()
    rows.first.locator("input").first.fill("一行")
    acts.judge(page, table.item_id, "yes")
    acts.question(page, table.id).get_by_role("button", name="添加一行").tap()
    expect(rows).to_have_count(before + 1)

    rest_by_api(page, path)
    page.get_by_role("button", name="去提交").tap()
    expect(page.get_by_role("heading", name="未签名")).to_be_visible()
    page.get_by_role("link", name="去签名").tap()
    for name in ("林检", "陈查"):
        place = page.locator("section.signer").filter(has=page.get_by_role("heading", name=name))
        expect(place.locator("canvas")).to_have_count(0)
        place.get_by_role("button", name="以上内容属实，签名").tap()
        expect(page.get_by_text(f"{name} 已签名")).to_be_visible()
    refuse_to_sign(page)
    expect(page.get_by_text("签名已齐。")).to_be_visible()
    page.get_by_role("link", name="去提交").tap()
    page.get_by_role("button", name="提交审核").tap()
    expect(page.get_by_text("已提交，等待审核")).to_be_visible()
    expect(page.locator(".signature").filter(has_text="键入签名")).to_have_count(2)
    expect(page.locator(".signature").filter(has_text="拒签")).to_contain_text("孙见证")


def rest_by_api(page: Page, path: str) -> None:
    """Answer the rest; the page is shown anew by hand, for no script does it."""
    inspection_id = path.rsplit("/", 1)[1]
    there = acts.values_of(page, inspection_id)
    wanted = acts.full_answers(acts.SHORT)
    acts.send(page, inspection_id, {q: v for q, v in wanted.items() if q not in there})
    page.goto(f"{path}/answers")


def refuse_to_sign(page: Page) -> None:
    """The unit will not sign: without a reason it is not recorded, with one it is."""
    place = page.locator("section.signer")
    place.get_by_label("姓名").fill("钱所")
    place.get_by_text("拒绝签名").tap()
    place.get_by_role("button", name="记录拒签").tap()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(place.get_by_label("姓名")).to_have_value("钱所")
    expect(place.get_by_label("拒签原因")).to_have_attribute("aria-invalid", "true")
    place.get_by_label("拒签原因").fill("对认定有异议。")
    place.get_by_label("见证人").fill("孙见证")
    place.get_by_role("button", name="记录拒签").tap()
    expect(page.get_by_text("已记录拒签")).to_be_visible()
