"""A whole visit without a network: opened, filled in, signed, handed in, and sent later."""

import re
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e import acts
from tests.e2e.conftest import PHONE
from tests.e2e.offline.waiting import UNTIL, wait_until_kept
from tests.factories import CATALOGUE, CATALOGUE_BY_ID, full_answers, sample
from webapp.checklists.definitions import Checklist, Question

BLANKS = (
    UNTIL
    % """async () => {
  const pages = (await caches.has("mingcha-pages")) ? await caches.open("mingcha-pages") : null;
  const urls = ((await pages?.keys()) ?? []).map((one) => new URL(one.url).pathname);
  return urls.filter((one) => one.startsWith("/inspections/blank/")).length === 4;
}"""
)
FILL = """async (answers) => {
  const main = document.querySelector("script[type=module]").src;
  const { write } = await import(main.replace("main.js", "fill/answers.js"));
  for (const [question, value] of Object.entries(answers)) {
    const root = document.querySelector(`[data-q="${CSS.escape(question)}"]`);
    write(root, value);
    const control = [...root.querySelectorAll("input, select, textarea")].find((one) => one.name);
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
}"""


@pytest.fixture
def phone(open_, watch) -> BrowserContext:
    """Lin's phone, which has seen the task list once."""
    watch.expects_network_errors = True
    context = open_("lin", PHONE)
    page = context.new_page()
    page.goto("/")
    page.evaluate(BLANKS)
    page.close()
    return context


def answers_of_every_kind(checklist: Checklist) -> dict[str, Any]:
    """Return what must be answered, and one answer of each kind beside."""
    answers = full_answers(checklist)
    kinds = {checklist.question(question).kind for question in answers} | {"photo", "note"}
    for question in checklist.questions:
        if question.kind not in kinds:
            kinds.add(question.kind)
            answers[question.id] = example(question)
    return answers


def example(question: Question) -> Any:
    """Return an answer, also to questions with parts."""
    if question.kind == "table":
        cells = {column.id: example(column) for column in question.columns}
        return [{"row": "r1", **{name: cell for name, cell in cells.items() if cell}}]
    return [question.options[0].id] if question.kind == "choices" else sample(question)


def open_without_network(page: Page, checklist: Checklist) -> UUID:
    """Open an inspection from the task list, by hand."""
    page.goto("/")
    page.get_by_role("link", name="开始督查").tap()
    page.wait_for_url("**/inspections/new")
    return acts.open_inspection(page, checklist)


def fill_in(page: Page, checklist: Checklist) -> None:
    """Answer one point and take a photo by hand, the rest faster."""
    answers = answers_of_every_kind(checklist)
    first = next(item.id for section in checklist.sections for item in section.items)
    acts.judge(page, first, "yes")
    acts.control(page, "visit.place").press_sequentially("会议室")
    acts.control(page, f"{first}-more").check(force=True)
    shots = acts.question(page, f"{first}.photos")
    shots.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": acts.photo(7)}
    )
    expect(shots.locator(".shot img")).to_be_visible()
    by_hand = {first, "visit.place", f"{first}.photos"}
    page.evaluate(FILL, {q: v for q, v in answers.items() if q not in by_hand})
    expect(page.locator("#saving")).to_have_text(re.compile(r"^没有网络，本机已存 \d+ 处$"))
    expect(page.locator(".mark-saved")).to_have_count(len(answers) + 1)


def hand_in(page: Page) -> None:
    """Let both inspectors sign and the unit refuse, then hand in."""
    for name in ("林检", "陈查"):
        place = page.locator(".signer").filter(has=page.get_by_role("heading", name=name))
        acts.scribble(page, place.locator(".pad"))
        place.get_by_role("button", name="签名").tap()
        holds = page.locator(".hand .signature:not(.signature-void)").filter(has_text=name)
        expect(holds).to_contain_text("本机已存")
    unit = page.locator(".signer").filter(has=page.get_by_role("heading", name="被督查单位签名"))
    unit.get_by_label("姓名").fill("钱所")
    unit.get_by_text("拒绝签名").tap()
    unit.get_by_role("button", name="记录拒签").tap()
    expect(unit.locator(".error")).to_have_text("请写明拒签原因")
    unit.get_by_label("拒签原因").fill("对第三项有不同意见")
    unit.get_by_label("见证人").fill("村监督员甲")
    unit.get_by_role("button", name="记录拒签").tap()
    expect(page.locator(".hand [data-part=told]")).to_contain_text("内容齐全，签名有效")
    page.get_by_role("button", name="提交审核").tap()
    expect(page.locator(".hand [data-part=told]")).to_contain_text("已提交，存在本机")


@pytest.mark.parametrize("checklist", CATALOGUE, ids=lambda one: one.id)
def test_everything_is_done_offline_and_arrives_once(checklist, phone):
    page = phone.new_page()
    phone.set_offline(True)
    inspection_id = open_without_network(page, checklist)
    fill_in(page, checklist)
    page.get_by_role("button", name="去提交").tap()
    hand_in(page)
    page.close()  # and the browser may be killed now

    page = phone.new_page()
    page.goto("/")
    card = page.locator(".here .card")
    expect(card).to_contain_text("本机新开")
    expect(card).to_contain_text("3 个签名 · 已提交")
    phone.set_offline(False)
    page.goto("/")
    done = page.locator(f'.cards:not(.here) a[href="/inspections/{inspection_id}"]')
    expect(done).to_be_visible()
    expect(page.locator('[data-module="risk"]')).to_be_hidden()

    told = page.request.get(f"/api/v1/inspections/{inspection_id}").json()
    assert told["status"] == "submitted"
    assert [one["digest"] for one in told["submissions"]] == [told["digest"]]
    assert told["unsigned"] == []
    assert set(told["state"]) > set(answers_of_every_kind(checklist))
    photos = [v for q, v in acts.values_of(page, inspection_id).items() if q.endswith(".photos")]
    assert [len(one) for one in photos] == [1]
    page.goto(f"/inspections/{inspection_id}")
    expect(page.get_by_text("对第三项有不同意见")).to_be_visible()


def test_a_change_after_signing_voids_it_and_a_submission_can_be_taken_back(phone):
    checklist = CATALOGUE_BY_ID["wedding-funeral"]
    page = phone.new_page()
    phone.set_offline(True)
    inspection_id = open_without_network(page, checklist)
    fill_in(page, checklist)
    page.get_by_role("button", name="去提交").tap()
    hand_in(page)
    page.reload()  # what was handed in stays so
    page.get_by_role("button", name="撤回，继续填写").tap()
    page.get_by_role("button", name="返回填写").tap()
    acts.control(page, "visit.place").fill("大厅")
    acts.expect_mark(page, "visit.place", "本机已存")
    expect(page.locator("#saving")).to_contain_text("签名已失效，需重签")
    page.get_by_role("button", name="去提交").tap()
    expect(page.locator(".hand .signature-void")).to_have_count(3)
    expect(page.get_by_role("button", name="提交审核")).to_be_hidden()
    hand_in(page)
    phone.set_offline(False)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    page.wait_for_url(f"**/inspections/{inspection_id}")  # the server's page, when all is there
    expect(page.locator("main .status").first).to_contain_text("待审核")
    assert acts.values_of(page, inspection_id)["visit.place"] == "大厅"


def test_what_the_server_refuses_is_shown_with_the_reason(open_, phone):
    """Another inspector goes on while this one signs: what was signed is no longer there."""
    page = phone.new_page()
    inspection_id = acts.open_inspection(page, acts.SHORT)
    acts.fill_rest(page, inspection_id, acts.SHORT)
    wait_until_kept(page, f"/inspections/{inspection_id}/answers")
    phone.set_offline(True)
    page.get_by_role("button", name="去提交").tap()
    hand_in(page)
    chen = open_("chen", PHONE).new_page()
    chen.goto(f"/inspections/{inspection_id}/answers")
    acts.ready(chen)
    acts.control(chen, "visit.good").fill("台账齐全，补充一份。")
    acts.expect_sent(chen, "visit.good")
    phone.set_offline(False)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(page.locator(".hand .signature").first).to_contain_text("被退回")
    expect(page.locator(".hand [data-part=told] .notice-error")).to_contain_text("还不能提交")
    page.goto("/")
    expect(page.locator(".here .card .error")).to_contain_text("请重新核对内容后再签名")
    told = page.request.get(f"/api/v1/inspections/{inspection_id}").json()
    assert (told["status"], told["submissions"]) == ("draft", [])


def test_the_phone_itself_keeps_people_from_their_own_unit(phone):
    page = phone.new_page()
    phone.set_offline(True)
    page.goto("/inspections/new")
    page.get_by_label(acts.SHORT.title.zh).check()
    page.get_by_label("督查室", exact=True).check()
    page.get_by_label("陈查").check()
    page.get_by_role("button", name="开始填写").click()
    expect(page.locator(".error")).to_have_text("督查员不得督查自己所在的单位，应当回避")
    assert page.url.endswith("/inspections/new")
