"""A link to a question leads to it: its words in sight, not under the bars that stick."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import acts
from tests.e2e.conftest import DESK, PHONE

PLACES = ["visit.ended_at", "GC-08", "GC-20.checked", "GC-29", "GC-44"]
WORDS = """(id) => {
  const root = document.querySelector(`[data-q="${id}"]`);
  const { top, bottom } = root.querySelector("h3, .label").getBoundingClientRect();
  const strip = document.querySelector(".sections").getBoundingClientRect();
  const bar = document.querySelector(".top").getBoundingClientRect().bottom;
  const below = innerWidth < 1024 ? Math.max(bar, strip.bottom) : bar;
  const above = document.querySelector(".actions").getBoundingClientRect().top;
  return { above: top - below, under: above - bottom };
}"""


def see(page: Page, question_id: str) -> None:
    """See the question's words between the bars, once the page has come to rest."""
    acts.ready(page)
    expect(acts.question(page, question_id)).to_be_in_viewport()
    page.wait_for_timeout(1000)
    place = page.evaluate(WORDS, question_id)
    assert place["above"] >= 0, place
    assert place["under"] >= 0, place


def press(page: Page, button: Locator) -> None:
    """Press a button of the bar where it is; Playwright's own click would scroll the page first."""
    box = button.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_a_link_to_what_is_missing_shows_the_question(site, open_, device, scripted):
    page = open_("lin", device, java_script_enabled=scripted).new_page()
    for question_id in PLACES:
        page.goto(site.at("/inspections/{draft}/submission"))
        page.locator(f'a[href$="/answers#{question_id}"]').click()
        if scripted:
            see(page, question_id)
        else:
            expect(acts.control(page, question_id)).to_be_in_viewport()


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_the_jump_button_goes_from_one_gap_to_the_next(site, open_, device):
    page = open_("lin", device).new_page()
    page.goto(site.at("/inspections/{draft}/answers"))
    acts.ready(page)
    jump = page.locator("#jump")
    page.wait_for_function("() => document.getElementById('jump').dataset.left")
    left = (jump.get_attribute("data-left") or "").split()
    seen = []
    for _ in range(5):
        press(page, jump)
        seen.append(page.evaluate("() => document.activeElement.closest('[data-q]').dataset.q"))
        see(page, seen[-1])
    first = left.index(seen[0])
    assert seen == left[first : first + 5]
