"""Every page, for everybody who may see it: no barrier, no sideways scroll, no complaint."""

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.pages import FOR_PROGRAMS, NO_PAGES, PAGES, REFUSALS
from tests.e2e.seeing import (
    OPEN_ALL,
    TOO_SMALL_TO_TAP,
    WIDER_THAN_THE_SCREEN,
    barriers,
    walk_by_tab,
)

FACES = [(who, path, 200) for faces in PAGES.values() for who, path in faces] + REFUSALS
NAMES = [f"{who or 'nobody'}:{path}" for who, path, _ in FACES]
TAB_STOPS = 30

every_face = pytest.mark.parametrize(("who", "path", "status"), FACES, ids=NAMES)


def look_at(page: Page, address: str, status: int) -> None:
    """Open a page that must be there, not somewhere else."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == status
    assert page.url == answer.request.url
    assert answer.request.redirected_from is None
    page.locator("html.js").wait_for(state="attached")


def test_each_route_that_answers_get_is_on_a_list(site):
    pages = {name for name in site.routes if not name.startswith(FOR_PROGRAMS)}
    assert pages - set(PAGES) - NO_PAGES == set(), "put the new page into tests/e2e/pages.py"
    assert set(PAGES) - pages == set(), "these pages are gone"


@every_face
def test_a_page_has_no_barrier_and_fits_a_phone_and_a_desk(
    site, open_, watch, picture, who, path, status
):
    watch.expects_network_errors = status >= 400
    page = open_(who, PHONE).new_page()
    look_at(page, site.at(path), status)
    picture(page, f"{who}{path}.phone")
    page.evaluate(OPEN_ALL)
    assert page.evaluate(WIDER_THAN_THE_SCREEN) == []
    assert page.evaluate(TOO_SMALL_TO_TAP) == []
    assert barriers(page) == []
    page.emulate_media(color_scheme="dark")
    assert barriers(page, "color-contrast") == []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK["viewport"])
    picture(page, f"{who}{path}.desk")
    assert page.evaluate(WIDER_THAN_THE_SCREEN) == []
    assert barriers(page, without="color-contrast") == []  # the slow one; colours are the same


@every_face
def test_a_page_is_walked_by_keyboard_with_the_focus_in_sight(
    site, open_, watch, who, path, status
):
    watch.expects_network_errors = status >= 400
    page = open_(who, DESK).new_page()
    look_at(page, site.at(path), status)
    seen = walk_by_tab(page, TAB_STOPS)
    assert seen[0]["skip"], "the first stop is the link to the text"
    assert [place["name"] for place in seen if not (place["shows"] and place["onScreen"])] == []
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"


@pytest.mark.parametrize("who", sorted({who for who, _, _ in FACES}))
def test_english_words_fit_a_phone(site, open_, watch, who):
    watch.expects_network_errors = True  # the refusals
    context = open_(who, PHONE)
    context.add_cookies([{"name": "language", "value": "en", "url": site.url}])
    page = context.new_page()
    wide = {}
    for path in [path for person, path, _ in FACES if person == who]:
        page.goto(site.at(path))
        assert page.locator("html").get_attribute("lang") == "en"
        page.evaluate(OPEN_ALL)
        wide[path] = page.evaluate(WIDER_THAN_THE_SCREEN)
    assert {path: found for path, found in wide.items() if found} == {}
