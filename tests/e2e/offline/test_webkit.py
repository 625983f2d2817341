"""The same in WebKit, of which iPhones are made: WebKitGTK, steered by Debian's WebDriver."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e import acts
from tests.e2e.offline.test_whole_visit import BLANKS, FILL, answers_of_every_kind
from tests.e2e.offline.webkit import WebKitPhone, screen
from tests.factories import CATALOGUE, CATALOGUE_BY_ID
from webapp.checklists.definitions import Checklist

CHOOSE = """(words) => {
  const labels = [...document.querySelectorAll("label")];
  const label = labels.find((one) => one.innerText.trim().startsWith(words));
  label?.click();
  return Boolean(label?.control.checked);
}"""
COUNT = "(css, count) => document.querySelectorAll(css).length === count"
WIDTH = 360  # of webkit_browser's window
FORM = r"/inspections/([0-9a-f-]{36})/answers"
VALUE = "(name) => document.getElementsByName(name)[0].value"
TYPED = {  # the keys, what the box then holds, and the question's answer
    "visit.place": ("三楼会议室", "三楼会议室", "三楼会议室"),
    "GC-01.actual": ("12", "12", 12),
    "GC-04.purchased_on": (f"3{Keys.TAB}10{Keys.TAB}2026", "2026-03-10", "2026-03-10"),
    "GC-04.price": ("123456.5", "123456.5", "123456.50"),
}
TOLD = """async (id) => (await fetch(`/api/v1/inspections/${id}`)).json()"""


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with screen() as name:
        yield name


@pytest.fixture
def phone(site, display, tmp_path) -> Iterator[WebKitPhone]:
    """Lin's phone, which has seen the task list once."""
    phone = WebKitPhone(tmp_path / "data", site.url, display)
    phone.start()
    phone.open(site.link("lin"))
    phone.run(BLANKS)
    yield phone
    phone.stop()


@pytest.fixture
def shot(tmp_path) -> Path:
    file = tmp_path / "a.jpg"
    file.write_bytes(acts.photo(7))
    return file


def begin_anew(phone: WebKitPhone, path: str) -> None:
    """Kill the browser, start it, and go to a page."""
    phone.kill()
    phone.start()
    phone.open(path)


def open_an_inspection(phone: WebKitPhone, checklist: Checklist) -> str:
    """Open one by hand; returns its id."""
    phone.open("/")
    phone.tap('a[href="/inspections/new"]')
    for words in (checklist.title.zh, acts.UNIT, "陈查"):
        phone.wait(partial(phone.run, CHOOSE, words), words)
    phone.tap("main form button[type=submit], .actions button[type=submit]")
    phone.find("form.fill-kept")
    found = re.search(FORM, phone.driver.current_url)
    assert found
    return found[1]


@pytest.mark.parametrize("checklist", CATALOGUE, ids=lambda one: one.id)
def test_everything_is_done_offline_survives_and_arrives_once(checklist, site, phone, wire, shot):
    wire.cut()
    inspection_id = open_an_inspection(phone, checklist)
    path = f"/inspections/{inspection_id}/answers"
    answers = answers_of_every_kind(checklist)
    first = next(item.id for section in checklist.sections for item in section.items)
    phone.tap(f'label[for="{first}"]')
    phone.type('[name="visit.place"]', "会议室")
    phone.tap(f'label[for="{first}-more"]')
    phone.put(f'[data-q="{first}.photos"] input[type=file]', shot)
    phone.find(f'[data-q="{first}.photos"] .shot img')
    for name in (first, "visit.place", f"{first}.photos"):
        phone.see(f'[data-q="{name}"] .mark-saved', "本机已存")

    begin_anew(phone, path)
    phone.find("form.fill-kept")
    for name in (first, "visit.place", f"{first}.photos"):
        phone.see(f'[data-q="{name}"] .mark-saved', "本机已存")
    by_hand = {first, "visit.place", f"{first}.photos"}
    phone.run(FILL, {q: v for q, v in answers.items() if q not in by_hand})
    phone.wait(partial(phone.run, COUNT, ".mark-saved", len(answers) + 1), "all is kept")

    phone.tap('button[name="then"]')
    for place, name in enumerate(("林检", "陈查"), 1):
        phone.see(".hand .signer h3", name)
        phone.scribble(".hand .signer:first-child .pad canvas")
        phone.tap(".hand .signer:first-child button[type=submit]:not([name])")
        phone.wait(partial(phone.run, COUNT, ".hand .signature:not(.signature-void)", place), name)
    phone.type('.hand .signer [name="name"]', "钱所")
    phone.tap(".hand .signer details summary")
    phone.type('.hand .signer [name="reason"]', "对第三项有不同意见")
    phone.type('.hand .signer [name="witness"]', "村监督员甲")
    phone.tap('.hand .signer button[name="refused"]')
    phone.see(".hand [data-part=told]", "内容齐全，签名有效")
    phone.tap('.hand [data-act="submit"]')
    phone.see(".hand [data-part=told]", "已提交，存在本机")

    begin_anew(phone, "/")
    phone.see(".here .card", "3 个签名 · 已提交")
    wire.mend()
    phone.open(site.link("lin"))  # the session went with the browser
    phone.find(f'.cards:not(.here) a[href="/inspections/{inspection_id}"]')
    told = phone.run(TOLD, inspection_id)
    assert told["status"] == "submitted"
    assert [one["digest"] for one in told["submissions"]] == [told["digest"]]
    assert told["unsigned"] == []
    assert set(told["state"]) > set(answers)
    assert [len(one["v"]) for q, one in told["state"].items() if q.endswith(".photos")] == [1]


def test_what_is_typed_without_a_network_survives_a_reload_and_is_sent_by_itself(site, phone, wire):
    inspection_id = open_an_inspection(phone, CATALOGUE_BY_ID["official-vehicles"])
    phone.tap('label[for="GC-02"]')
    phone.see('[data-q="GC-02"] .mark-sent', "已上传")
    wire.cut()
    for item in ("GC-01", "GC-04", "GC-20"):
        phone.tap(f'label[for="{item}-more"]')
    for name, (keys, _, _) in TYPED.items():
        phone.type(f'[name="{name}"]', keys)
    phone.type('[name="GC-20.orders-0-order_no"]', "PC-1")
    phone.tap('label[for="GC-03-no"]')
    for name in (*TYPED, "GC-20.orders", "GC-03"):
        phone.see(f'[data-q="{name}"] .mark-saved', "本机已存")
    phone.driver.refresh()
    phone.find("form.fill-kept")
    for name, (_, shown, _) in TYPED.items():
        phone.see(f'[data-q="{name}"] .mark-saved', "本机已存")
        assert phone.run(VALUE, name) == shown
    assert phone.run("() => document.documentElement.scrollWidth") == WIDTH

    wire.mend()
    for name in (*TYPED, "GC-20.orders", "GC-03"):
        phone.see(f'[data-q="{name}"] .mark-sent', "已上传")
    state = {q: one["v"] for q, one in phone.run(TOLD, inspection_id)["state"].items()}
    assert {name: state[name] for name in TYPED} == {name: v for name, (_, _, v) in TYPED.items()}
    assert (state["GC-02"], state["GC-03"]) == ("yes", "no")
    assert [row["order_no"] for row in state["GC-20.orders"]] == ["PC-1"]
