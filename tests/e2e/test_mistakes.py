"""What a page says when something is wrong: the summary takes the focus and leads to the fields."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DESK, PHONE

# who, where, the button that sends the form as it stands
FORMS = [
    ("", "/sign-in", "登录"),
    ("", "/verify", "核验文件"),
    ("lin", "/inspections/new", "开始填写"),
    ("lin", "/inspections/{unsigned}/signatures", "已阅，签名"),
    ("zhou", "/reviews/{submitted}?only=problems", "通过"),
    ("wu", "/people", "添加"),
]
DEAD_LINKS = """(summary) => [...summary.querySelectorAll("a")]
  .filter((link) => !document.getElementById(decodeURIComponent(link.hash.slice(1))))
  .map((link) => link.hash)"""


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize(("who", "path", "button"), FORMS, ids=[path for _, path, _ in FORMS])
def test_the_summary_of_errors_takes_the_focus_and_leads_to_the_field(
    site, open_, watch, device, who, path, button
):
    watch.expects_network_errors = True  # the answer is 422
    page = open_(who, device).new_page()
    page.goto(site.at(path))
    page.locator("main, aside").get_by_role("button", name=button, exact=True).click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    links = summary.get_by_role("link")
    assert summary.evaluate(DEAD_LINKS) == []
    if links.count() == 0:
        return  # about the form as a whole, as a wrong password is
    page.keyboard.press("Tab")
    expect(links.first).to_be_focused()
    page.keyboard.press("Enter")
    hash_ = (links.first.get_attribute("href") or "").removeprefix("#")
    expect(page.locator(f'[id="{hash_}"]')).to_be_in_viewport()
    page.keyboard.press("Tab")  # goes on from there
    assert page.evaluate("() => !document.activeElement.closest('.error-summary')")
