"""Answers that are not the server's: they are taken for none, and nothing is forgotten."""

import re

from playwright.sync_api import Page, Route, expect

from tests.e2e import acts
from tests.e2e.conftest import PHONE

API = "**/api/v1/**"
PORTAL = "<!doctype html><title>上网认证</title><form><input name=phone></form>"
COUNT = """() => new Promise((resolve) => {
  indexedDB.open("mingcha").onsuccess = ({ target: { result } }) => {
    const asked = result.transaction("photos").objectStore("photos").count();
    asked.onsuccess = () => { result.close(); resolve(asked.result); };
  };
})"""


def take(page: Page, number: int) -> None:
    photos = acts.question(page, "GC-02.photos")
    photos.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": acts.photo(number)}
    )
    expect(photos.locator(".shot")).to_have_count(1)


def go_on(page: Page) -> None:
    page.evaluate("() => dispatchEvent(new Event('online'))")
    acts.expect_mark(page, "GC-02.photos", "已上传")


def test_a_sign_in_page_of_the_network_is_no_receipt(open_, watch):
    watch.expects_network_errors = True
    context = open_("lin", PHONE)
    page = context.new_page()
    inspection_id = acts.open_inspection(page)
    html = {"status": 200, "content_type": "text/html", "body": PORTAL}
    context.route(API, lambda route: route.fulfill(**html))
    acts.judge(page, "GC-02", "yes")
    for _ in range(2):  # sent, and sent again
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            if not acts.question(page, "GC-02.photos").locator(".shot").count():
                take(page, 11)
    acts.expect_mark(page, "GC-02.photos", "本机已存")
    expect(page.locator("#saving")).to_contain_text("本机已存")
    assert page.evaluate(COUNT) == 1
    context.unroute(API)
    go_on(page)
    values = acts.values_of(page, inspection_id)
    assert values["GC-02"] == "yes"
    assert len(values["GC-02.photos"]) == 1
    assert page.evaluate(COUNT) == 0


def test_a_photo_whose_last_piece_was_never_answered_is_sent_to_its_end(open_, watch):
    """The server had all its bytes, and died before it had looked at them."""
    watch.expects_network_errors = True
    context = open_("lin", PHONE)
    page = context.new_page()
    inspection_id = acts.open_inspection(page)
    sizes: list[int] = []

    def pieces(route: Route) -> None:
        told = route.request.headers.get("content-range", "")
        size = int(re.sub(".*/", "", told) or 0)
        if size and not sizes:
            sizes.append(size)
            digest = route.request.url.rsplit("/", 1)[1]
            route.fulfill(status=202, json={"sha256": digest, "status": "partial", "offset": size})
        else:
            route.continue_()

    context.route("**/api/v1/blobs/**", pieces)
    take(page, 12)
    acts.expect_mark(page, "GC-02.photos", "已上传")
    assert sizes
    (shot,) = acts.values_of(page, inspection_id)["GC-02.photos"]
    answer = page.request.get(f"/evidence/{shot['sha256']}")
    assert answer.ok
