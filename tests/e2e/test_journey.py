"""The main job, from the phone to the archive, by the people who do it."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import acts
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.serving import Site

PAPERS_MS = 150_000  # printing and signing, on a loaded machine
FACTS = "核定编制 3 辆，实际在用 4 辆，超编 1 辆。"
WORDING = "核定编制 3 辆，实有 4 辆，超编 1 辆，无批准文件。"
COMMENT = "请写明超编车辆的车牌号。"


@pytest.mark.slow
def test_from_a_visit_by_phone_to_signed_papers_in_the_archive(site, open_, watch, tmp_path):
    watch.expects_network_errors = True  # the refusals below are answers of 422
    phone = open_("", PHONE).new_page()
    desk = open_("zhou", DESK, accept_downloads=True).new_page()

    phone.goto(site.link("lin"))
    expect(phone.get_by_role("heading", level=1, name="我的任务")).to_be_visible()
    own_unit_is_refused(phone)
    inspection_id = acts.open_inspection(phone)
    answer_each_kind(phone)
    record_a_failure(phone)
    acts.fill_rest(phone, inspection_id, leave=("GC-08", "GC-44.online_rate"))
    what_is_missing_is_found(phone)
    acts.sign_all(phone, inspection_id)
    acts.hand_in(phone, inspection_id)

    zhou_returns(desk)
    lin_answers(phone, inspection_id)
    zhou_approves(desk)
    papers = zhou_fetches_papers(desk, inspection_id, tmp_path)

    assert len(papers) == 2
    for paper in papers:
        others_accept(paper, site, tmp_path)
    anybody_verifies(open_("", PHONE).new_page(), papers[0], tmp_path)


# -- lin, on the phone ------------------------------------------------------------------------


def own_unit_is_refused(page: Page) -> None:
    page.get_by_role("link", name="开始督查").tap()
    page.get_by_label(acts.VEHICLES.title.zh).check()
    page.get_by_label("督查室", exact=True).check()
    page.get_by_label("陈查").check()
    page.get_by_role("button", name="开始填写").tap()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("回避")
    expect(page.get_by_label("陈查")).to_be_checked()


def answer_each_kind(page: Page) -> None:
    """One of each: text, moment, person, choice, verdict, integer, money, decimal, table, date."""
    acts.control(page, "visit.place").fill("城关镇人民路 1 号")
    acts.control(page, "visit.started_at").fill("2026-11-20T09:00")
    acts.control(page, "visit.received_by-name").fill("钱所")
    acts.control(page, "visit.received_by-position").fill("所长")
    acts.question(page, "visit.credentials_shown").locator("label.choice").first.tap()
    acts.judge(page, "GC-02", "yes")
    acts.judge(page, "GC-05", "na")
    acts.judge(page, "GC-04", "yes")
    acts.control(page, "GC-04.price").fill("120000.00")
    acts.control(page, "GC-04.displacement").fill("1.5")
    acts.control(page, "GC-11.registered_on").fill("2015-03-01")
    acts.judge(page, "GC-20", "yes")
    acts.control(page, "GC-20.checked").fill("12")
    orders = acts.question(page, "GC-20.orders")
    orders.locator('[data-c="order_no"] input').first.fill("P-7")
    orders.get_by_role("button", name="添加一行").tap()
    orders.locator("[data-row]").nth(1).locator('[data-c="plate"] input').fill("赣A12345")
    page.locator("#visit\\.place").focus()
    acts.expect_sent(page, "visit.place", "GC-02", "GC-04.price", "GC-20.orders")


def record_a_failure(page: Page) -> None:
    """不符合 opens what it asks for: a description and a photo."""
    description = acts.control(page, "GC-01.description")
    expect(description).to_be_hidden()
    acts.judge(page, "GC-01", "no")
    acts.control(page, "GC-01.approved").fill("3")
    acts.control(page, "GC-01.actual").fill("4")
    description.fill(FACTS)
    photos = acts.question(page, "GC-01.photos")
    with page.expect_file_chooser() as chosen:
        photos.locator("label.shoot").tap()
    chosen.value.set_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": acts.photo(1)})
    expect(photos.locator(".shot img")).to_be_visible()
    acts.expect_sent(page, "GC-01", "GC-01.actual", "GC-01.photos", "GC-01.description")


def what_is_missing_is_found(page: Page) -> None:
    """To submit: a list of what is missing, each line a link to its place in the form."""
    expect(page.locator("#jump")).to_be_visible()
    page.get_by_role("button", name="去提交").tap()
    missing = page.locator("main .jumps a")
    expect(missing.filter(has_text="GC-44")).to_have_count(1)
    missing.filter(has_text="GC-08").tap()
    acts.ready(page)
    expect(acts.question(page, "GC-08")).to_be_in_viewport()
    acts.judge(page, "GC-08", "yes")
    jump = page.locator("#jump")
    expect(jump).to_have_attribute("data-left", "GC-44.online_rate")
    jump.tap()
    rate = acts.control(page, "GC-44.online_rate")
    expect(rate).to_be_focused()
    rate.fill("98.5")
    page.get_by_role("button", name="去提交").tap()
    expect(page.locator("main .jumps a")).to_have_text(["林检", "陈查", re.compile("被督查单位")])
    page.get_by_role("link", name="去签名").tap()
    page.get_by_role("heading", name="核对并签名").wait_for()


def lin_answers(page: Page, inspection_id: object) -> None:
    """The task list says 已退回; the item says why; a change makes the signatures void."""
    page.goto("/")
    page.locator(f'a[href="/inspections/{inspection_id}/answers"]').tap()
    acts.ready(page)
    item = acts.question(page, "GC-01")
    expect(item.locator(".said")).to_contain_text(COMMENT)
    expect(page.locator(".said")).to_have_count(1)
    description = acts.control(page, "GC-01.description")
    expect(description).to_have_value(FACTS)
    description.fill(f"{FACTS}车牌号赣A12345。")
    page.get_by_role("button", name="去提交").tap()
    page.get_by_role("link", name="去签名").tap()
    expect(page.get_by_role("heading", name="已失效的签名")).to_be_visible()
    expect(page.get_by_text("签名后内容有变动，已失效")).to_have_count(3)
    acts.sign_all(page, inspection_id)
    acts.hand_in(page, inspection_id)


# -- zhou, at the desk ------------------------------------------------------------------------


def open_newest(page: Page) -> None:
    """Open the one that was handed in last."""
    page.goto("/reviews")
    page.locator(".queue tbody th a").last.click()
    page.locator("body.reviewing").wait_for()


def zhou_returns(page: Page) -> None:
    open_newest(page)
    left = page.locator("main").bounding_box()
    right = page.locator("aside.aside").bounding_box()
    assert left is not None
    assert right is not None
    assert left["x"] + left["width"] <= right["x"] + 1, "two panes, side by side"
    item = page.locator('[id="GC-01"]')
    expect(item.locator("img")).to_be_visible()
    item.get_by_text("写意见").click()
    item.get_by_label("对 GC-01 的意见").fill(COMMENT)
    item.get_by_role("button", name="保存意见").click()
    expect(page.get_by_text("意见已保存")).to_be_visible()
    page.get_by_label("审核意见").fill("请补充后再报。")
    page.get_by_role("button", name="退回修改").click()
    expect(page.get_by_text("督查员会看到意见")).to_be_visible()


def zhou_approves(page: Page) -> None:
    """What changed is shown; what inspectors found stands in zhou's words, suspicions do not."""
    open_newest(page)
    change = page.locator(".changes li")
    expect(change).to_have_count(1)
    expect(change.locator("ins")).to_contain_text("车牌号赣A12345")
    facts = page.locator('[name="finding-GC-01-facts"]')
    expect(facts).to_be_visible()
    for card in page.locator("aside .item").all():
        item_id = (card.get_attribute("id") or "").removeprefix("finding-")
        if item_id == "GC-01":
            card.get_by_text("认定为问题", exact=True).click()
        else:
            card.get_by_text("不作问题", exact=True).click()
            card.get_by_label("理由").fill("已核实，填报有误。")
    facts.fill(WORDING)
    page.get_by_role("button", name="通过", exact=True).click()
    expect(page.get_by_text("正在生成文书")).to_be_visible()


def zhou_fetches_papers(page: Page, inspection_id: object, folder: Path) -> list[Path]:
    """The papers come by themselves; two characters find them in the archive."""
    return [
        fetch(page, number, folder / f"{place}.pdf")
        for place, number in enumerate(numbers_when_signed(page, inspection_id))
    ]


def numbers_when_signed(page: Page, inspection_id: object) -> list[str]:
    """Wait before each paper until it is signed; the page moves on by itself."""
    papers = page.locator('main .cards a[href^="/documents/"]')
    show = f"/inspections/{inspection_id}"
    page.goto(show)
    while papers.count() < 2:  # numbers are given in the background too
        page.wait_for_timeout(500)
        page.reload()
    addresses = [paper.get_attribute("href") or "" for paper in papers.all()]
    numbers = []
    for address in addresses:
        page.goto(address)
        state = page.locator(".page-head .row")
        expect(state).to_contain_text("已签名", timeout=PAPERS_MS)
        numbers.append(page.locator(".page-head .row > span").last.inner_text())
    return numbers


def fetch(page: Page, number: str, path: Path) -> Path:
    page.goto("/archive")
    found = page.locator(".cards .card").filter(has_text=number)
    for _ in range(60):  # sealing follows signing
        page.get_by_role("searchbox", name="查找").fill("城关")
        page.get_by_role("button", name="查找").click()
        if found.count():
            break
        page.wait_for_timeout(500)
    found.get_by_role("link").click()
    expect(page.get_by_text("文件完好")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 PDF").click()
    download.value.save_as(path)
    return path


# -- others -----------------------------------------------------------------------------------


def run(*command: object) -> str:
    done = subprocess.run([str(each) for each in command], check=True, capture_output=True)
    return (done.stdout + done.stderr).decode()


def others_accept(paper: Path, site: Site, folder: Path) -> None:
    """Programs that are not ours find it sound: Poppler, qpdf, OpenSSL."""
    told = run("pdfsig", paper)
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", paper)
    pdf = paper.read_bytes()
    start, length, after, rest = map(
        int, re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", pdf)[-1]
    )
    cms, content = folder / "cms.der", folder / "content"
    cms.write_bytes(bytes.fromhex(pdf[length + 1 : after - 1].decode()))
    content.write_bytes(pdf[start : start + length] + pdf[after : after + rest])
    told = run(
        "openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", cms,
        "-content", content, "-CAfile", site.folder / "keys/ca/certificate.pem",
        "-purpose", "any", "-out", folder / "out",
    )  # fmt: skip
    assert "Verification successful" in told


def anybody_verifies(page: Page, paper: Path, folder: Path) -> None:
    """Nobody signs in: the file is the original, its altered copy is not, its code leads here."""
    page.goto("/verify")
    page.locator("input[type=file]").set_input_files(paper)
    page.get_by_role("button", name="核验文件").tap()
    expect(page.locator(".page-head .status")).to_have_text("原件")
    altered = bytearray(paper.read_bytes())
    altered[len(altered) // 3] ^= 1
    copy = folder / "copy.pdf"
    copy.write_bytes(altered)
    page.goto("/verify")
    page.locator("input[type=file]").set_input_files(copy)
    page.get_by_role("button", name="核验文件").tap()
    expect(page.locator(".page-head .status")).to_have_text("已改动")
    text = run("pdftotext", paper, "-").replace("\n", "")
    (address,) = set(re.findall(r"http://127\.0\.0\.1:\d+/verify/[0-9A-Z]{10}", text))
    page.goto(address)
    expect(page.get_by_text("本系统签发过这份文书")).to_be_visible()
