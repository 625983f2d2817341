"""Small pictures of pages: of what strangers send, and of originals for those who may read them."""

import base64
import io
import re

import pypdfium2
import pytest
from PIL import Image, ImageChops
from sqlalchemy import select

from tests.documents.approval import approved
from tests.documents.test_public import upload
from webapp.core import sandbox
from webapp.core.db import db
from webapp.core.storage import Altered
from webapp.documents import picturing, public
from webapp.documents.models import Document
from webapp.documents.workshop import workshop

INLINE = re.compile(r'src="data:image/webp;base64,([A-Za-z0-9+/=]+)"')


@pytest.fixture(autouse=True)
def fresh_limits():
    """Let no test run into the limits of the one before."""
    public.uploads.clear()


@pytest.fixture
def feedback(cast, drain):
    """Approve one inspection and make its documents; returns the feedback statement."""
    approved()
    drain()
    with db.reading() as session:
        return session.scalars(select(Document).where(Document.kind == "feedback")).one()


def blank(pages: int, width: float = 595, height: float = 842) -> bytes:
    """Return a PDF of empty pages."""
    document, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    for _ in range(pages):
        document.new_page(width, height)
    document.save(out)
    document.close()
    return out.getvalue()


def image_of(webp: bytes) -> Image.Image:
    return Image.open(io.BytesIO(webp)).convert("RGB")


def test_the_verdict_shows_the_first_pages_of_the_uploaded_file(as_, feedback):
    data = workshop().storage.get(feedback.sha256)
    found = INLINE.findall(upload(as_(""), data).text)
    assert len(found) == min(feedback.pages, picturing.PAGES_MOST)
    first = image_of(base64.b64decode(found[0]))
    assert first.size == image_of(picturing.page(data, 1).webp).size
    extremes = ImageChops.difference(first, image_of(picturing.page(data, 1).webp)).getextrema()
    assert max(most for _, most in extremes) == 0


def test_a_tampered_file_is_shown_as_it_looks_itself(as_, feedback):
    data = workshop().storage.get(feedback.sha256) + b"\n% more"
    answer = upload(as_(""), data)
    assert "这不是原件" in answer.text
    assert INLINE.findall(answer.text)


def test_what_is_no_pdf_is_judged_without_pictures(as_, cast):
    assert not INLINE.findall(upload(as_(""), b"hello").text)


def test_a_renderer_that_fails_costs_the_pictures_and_not_the_verdict(as_, feedback, monkeypatch):
    whole = sandbox.run

    def failing(module, question, data):
        if module == picturing.MODULE:
            raise sandbox.Failed("crashed")
        return whole(module, question, data)

    monkeypatch.setattr(sandbox, "run", failing)
    text = upload(as_(""), workshop().storage.get(feedback.sha256)).text
    assert "这是原件" in text
    assert not INLINE.findall(text)


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n" + b"\0" * 5000, b"%PDF-" + b"[" * 100_000, b"", b"hello"]
)
def test_a_file_that_cannot_be_drawn_has_no_pictures(data):
    assert picturing.of_strangers(data) == picturing.Pictures()


def test_of_many_pages_the_first_ones_are_drawn_small():
    found = picturing.of_strangers(blank(40))
    assert (found.pages, [one.number for one in found.shown]) == (40, [1, 2, 3])
    assert all(len(one.webp) <= picturing.BYTES_MAX for one in found.shown)


@pytest.mark.parametrize("size", [(14_400, 14_400), (14_400, 3), (3, 14_400), (1, 1)])
def test_a_page_of_any_size_becomes_a_small_picture(size):
    found = picturing.of_strangers(blank(1, *size))
    for one in found.shown:
        assert one.width <= picturing.WIDTH_MAX
        assert one.height <= picturing.HEIGHT_MAX


def test_noise_stays_within_the_bound():
    noise = Image.effect_noise((2480, 3508), 120).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PDF", resolution=300)
    found = picturing.of_strangers(out.getvalue())
    assert found.pages == 1
    assert all(len(one.webp) <= picturing.BYTES_MAX for one in found.shown)


# -- of the original ----------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["lin", "zhou", "he", "qian"])
def test_who_may_read_a_paper_sees_it_beside_its_code(as_, feedback, who):
    client = as_(who)
    page = client.get(f"/verify/{feedback.code}").text
    url = f"/documents/{feedback.id}/pages/1"
    assert url in page
    answer = client.get(url)
    assert answer.mimetype == "image/webp"
    assert "private" in answer.headers["Cache-Control"]
    assert image_of(answer.data).width == picturing.WIDTH_MAX
    assert client.get(f"/documents/{feedback.id}/pages/99").status_code == 404


@pytest.mark.parametrize(("who", "status"), [("", 303), ("sun", 404), ("wu", 403)])
def test_nobody_else_sees_more_than_the_paper_tells(as_, feedback, who, status):
    client = as_(who)
    page = client.get(f"/verify/{feedback.code}").text
    assert feedback.number in page
    assert "/pages/" not in page
    answer = client.get(f"/documents/{feedback.id}/pages/1")
    assert answer.status_code in (status, 302)
    assert answer.mimetype != "image/webp"


def test_an_altered_original_is_not_shown(as_, feedback, monkeypatch):
    def altered(self, sha256):
        raise Altered(sha256, "0" * 64)

    monkeypatch.setattr(type(workshop().storage), "get", altered)
    assert as_("zhou").get(f"/documents/{feedback.id}/pages/1").status_code == 409
