"""What people do on the pages, as fingers and keyboards do it; and the rest, faster, by the API."""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from PIL import Image, ImageDraw
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.factories import CATALOGUE_BY_ID, full_answers
from webapp.checklists.definitions import Checklist

VEHICLES = CATALOGUE_BY_ID["official-vehicles"]
SHORT = CATALOGUE_BY_ID["wedding-funeral"]
UNIT = "城关自然资源所"


def photo(number: int) -> bytes:
    """Draw a photo as large as a phone takes, every one different."""
    image = Image.new("RGB", (2000, 1500), (90 + number, 140, 180))
    draw = ImageDraw.Draw(image)
    for line in range(0, 2000, 25):
        draw.line((line, 0, 2000 - line, 1500), fill=(line % 255, number, 60), width=3)
    file = BytesIO()
    image.save(file, "JPEG", quality=88)
    return file.getvalue()


def small_photo(number: int) -> bytes:
    """Draw a photo that costs nothing to read, of a colour of its own."""
    file = BytesIO()
    Image.new("RGB", (64, 48), f"#{number:06x}").save(file, "JPEG")
    return file.getvalue()


# -- opening and filling in -------------------------------------------------------------------


def open_inspection(page: Page, checklist: Checklist = VEHICLES, unit: str = UNIT) -> UUID:
    """Open an inspection by lin and chen from the task list; the form is then on the page."""
    page.goto("/inspections/new")
    page.get_by_label(checklist.title.zh).check()
    page.get_by_label(unit, exact=True).check()
    page.get_by_label("陈查").check()
    page.get_by_role("button", name="开始填写").click()
    ready(page)
    return inspection_of(page)


def open_by_api(page: Page, checklist: Checklist = VEHICLES, unit: str = UNIT) -> UUID:
    """Open an inspection by lin and chen as a program does; any page must be open."""
    me = page.request.get("/api/v1/me").json()
    units = {one["name"]: one["id"] for one in me["units"]}
    team = [one["id"] for one in me["inspectors"] if one["name"] in ("林检", "陈查")]
    body = {"checklist": checklist.id, "unit": units[unit], "inspectors": team}
    item = {"id": str(uuid4()), "kind": "inspection", "body": body}
    _sync(page, item)
    return UUID(item["id"])


def inspection_of(page: Page) -> UUID:
    """Return the id in the page's address."""
    page.wait_for_url("**/inspections/*/answers*")
    return UUID(page.url.split("/inspections/")[1].split("/")[0])


def ready(page: Page) -> None:
    """Wait until the form keeps what is typed."""
    page.locator("form.fill-kept").wait_for()


def question(page: Page, question_id: str) -> Locator:
    """Return the root of a question."""
    return page.locator(f'[data-q="{question_id}"]')


def control(page: Page, name: str) -> Locator:
    """Return the control with an id that has dots in it."""
    return page.locator(f'[id="{name}"]')


def judge(page: Page, item_id: str, verdict: str) -> None:
    """Tap a verdict: yes, no or na."""
    which = item_id if verdict == "yes" else f"{item_id}-{verdict}"
    label = page.locator(f'label[for="{which}"]')
    label.scroll_into_view_if_needed()
    page.wait_for_timeout(100)  # as between finding and tapping it; items nearby take their height
    label.tap()


def expect_mark(page: Page, question_id: str, word: str) -> None:
    """See a question's mark: 本机已存, 上传中, 已上传 (with the time), 被退回 or 有冲突.

    One that is hidden says nothing: it is of a key before.
    """
    mark = question(page, question_id).locator(":scope > :is(h3, .label) .mark:not([hidden])")
    expect(mark).to_have_text(re.compile(rf"^\s*{word}( \d\d:\d\d)?\s*$"))


def expect_sent(page: Page, *questions: str) -> None:
    """See that the server has these answers, and that nothing else waits.

    The line below says so of the time before the last tap too; the marks alone are not old.
    """
    for question_id in questions:
        expect_mark(page, question_id, "已上传")
    expect(page.locator("#saving")).to_have_text(re.compile("^已全部上传"))


def expect_stored(page: Page, inspection_id: UUID, question_id: str, value: Any) -> None:
    """Wait until the server has this answer, and no other beside it."""
    entry: dict[str, Any] = {}
    for _ in range(60):
        entry = state_of(page, inspection_id).get(question_id, {})
        if entry.get("v") == value and not entry.get("also"):
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{question_id}: {entry}, not {value!r}")


def state_of(page: Page, inspection_id: UUID) -> dict[str, Any]:
    """Return what the server has: the answers by question, with their ids."""
    answer = page.request.get(f"/api/v1/inspections/{inspection_id}")
    assert answer.ok, answer.text()
    return answer.json()["state"]


def values_of(page: Page, inspection_id: UUID) -> dict[str, Any]:
    """Return the server's answers by question."""
    return {q: entry["v"] for q, entry in state_of(page, inspection_id).items()}


def fill_rest(
    page: Page, inspection_id: UUID, checklist: Checklist = VEHICLES, leave: tuple[str, ...] = ()
) -> None:
    """Send answers to all that is not answered, but ``leave``, and show the form anew."""
    there = state_of(page, inspection_id)
    wanted = full_answers(checklist)
    send(page, inspection_id, {q: v for q, v in wanted.items() if q not in {*there, *leave}})
    page.goto(f"/inspections/{inspection_id}/answers")
    ready(page)


def send(page: Page, inspection_id: UUID, answers: Mapping[str, Any]) -> None:
    """Send changes as a phone does that has seen none of these answers."""
    changes = [{"id": str(uuid4()), "question": q, "value": v} for q, v in answers.items()]
    body = {"inspection": str(inspection_id), "changes": changes}
    _sync(page, {"id": str(uuid4()), "kind": "changes", "body": body})


def _sync(page: Page, item: dict[str, Any]) -> None:
    token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    answer = page.request.post(
        "/api/v1/sync",
        data={"device": str(uuid4()), "cursor": 0, "items": [item]},
        headers={"X-CSRFToken": token},
    )
    assert answer.ok, answer.text()
    assert answer.json()["results"][0]["status"] in {"applied", "conflict"}, answer.text()


# -- signing and handing in -------------------------------------------------------------------


def scribble(page: Page, pad: Locator) -> None:
    """Draw a signature of two strokes."""
    canvas = pad.locator("canvas")
    canvas.hover()  # waits until it stands still
    box: FloatRect | None = canvas.bounding_box()
    assert box is not None
    for place in (0.2, 0.5):
        page.mouse.move(box["x"] + box["width"] * place, box["y"] + box["height"] * 0.3)
        page.mouse.down()
        for step in range(1, 6):
            page.mouse.move(
                box["x"] + box["width"] * (place + step * 0.05),
                box["y"] + box["height"] * (0.3 + (step % 2) * 0.3),
            )
        page.mouse.up()


def sign(page: Page, name: str, role: str = "inspector") -> None:
    """Sign with a finger where ``name`` has not signed yet."""
    heading = "被督查单位签名" if role == "unit" else name
    place = page.locator("section.signer").filter(has=page.get_by_role("heading", name=heading))
    if role == "unit":
        place.get_by_label("姓名").fill(name)
    scribble(page, place.locator(".pad"))
    place.get_by_role("button", name="签名").filter(visible=True).last.tap()
    expect(page.get_by_text(f"{name} 已签名")).to_be_visible()


def sign_all(page: Page, inspection_id: UUID) -> None:
    """Let both inspectors and the head of the unit sign."""
    page.goto(f"/inspections/{inspection_id}/signatures")
    sign(page, "林检")
    sign(page, "陈查")
    sign(page, "钱所", "unit")
    expect(page.get_by_text("签名已齐。")).to_be_visible()


def hand_in(page: Page, inspection_id: UUID) -> None:
    """Hand in what is complete and signed."""
    page.goto(f"/inspections/{inspection_id}/submission")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("已提交，等待审核")).to_be_visible()
