"""In English, no page speaks Chinese, except where it shows what somebody wrote."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from tests import factories
from tests.documents.approval import approved
from webapp.core.db import Base, db

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SHOWN = {"alt", "aria-label", "content", "placeholder", "title"}  # and every data-* of words
STAYS = {"中文", "赣A12345", "赣AD12345"}  # the link back, examples of licence plates
STARTS = ("/", "/verify", "/sign-in", "/no-such-page")
SEEN = {
    "inspections.home", "inspections.fill", "inspections.show", "reviews.show", "findings.index",
    "documents.show", "documents.troubles", "archive.show", "checklists.show", "accounts.people",
    "documents.public.paper", "security.login",
}  # fmt: skip  # at the least
MOST = 3  # pages of one kind, for each reader
LAW = {"checklists", "checklist_versions"}  # their Chinese has English beside it


class Words(HTMLParser):
    """What a page says, and where it leads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in SHOWN or name.startswith("data-"):
                self.said.append(value or "")
            if tag == "a" and name == "href":
                self.links.append((value or "").split("#")[0])

    def handle_data(self, data):
        self.said.append(data)


def texts(value: object) -> Iterator[str]:
    """Return every text inside a value of a row."""
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


def written_by_people() -> list[str]:
    """Return the Chinese of all rows but the checklists', the longest first."""
    found = set(STAYS)
    with db.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in LAW:
                for row in session.execute(select(table)):
                    found.update(text for value in row for text in texts(value))
    return sorted((text for text in found if CHINESE.search(text)), key=len, reverse=True)


def left_over(page: str, data: list[str]) -> set[str]:
    """Return the Chinese of a page that is nobody's data."""
    found = set()
    for said in Words(page).said:
        rest = said
        for text in data:
            if not CHINESE.search(rest):
                break
            rest = rest.replace(text, "")
        if CHINESE.search(rest):
            found.add(rest.strip())
    return found


def pages(app, client) -> Iterator[tuple[str, str, str]]:
    """Follow the links of the site, a few pages of each kind."""
    todo, seen, count = list(STARTS), set(), {}
    routes = app.url_map.bind("localhost")
    while todo:
        url = todo.pop(0)
        if url in seen or not url.startswith("/") or url.startswith("/language/"):
            continue
        seen.add(url)
        path = url.split("?")[0]
        kind = routes.match(path)[0] if routes.test(path) else "none"
        count[kind] = count.get(kind, 0) + 1
        if count[kind] > MOST:
            continue
        answer = client.get(url, follow_redirects=True)
        if answer.mimetype == "text/html":
            yield kind, url, answer.text
            todo += Words(answer.text).links


@pytest.fixture
def some_work(cast, drain):
    with db.writing() as session:
        draft = factories.open_inspection(session)
        factories.fill(session, draft, ("GC-01",))
        factories.open_inspection(session, "official-receptions")
    factories.submitted()
    approved()
    drain()


def test_the_words_of_a_page_are_found():
    page = '<p title="甲">乙 <b>Lin 林检</b></p><input value="丙" placeholder="丁">'
    assert left_over(page, ["林检"]) == {"甲", "乙", "丁"}


def test_no_page_speaks_chinese_in_english(app, as_, some_work):
    data, seen = written_by_people(), set()
    for who in ("", *factories.CAST):
        client = as_(who)
        client.set_cookie("language", "en")
        for kind, url, page in pages(app, client):
            seen.add(kind)
            assert left_over(page, data) == set(), f"{who or 'nobody'} at {url}"
    assert seen >= SEEN


def test_refusals_speak_the_readers_language(as_):
    for language, words in (("en", "not correct"), ("zh", "用户名或密码不对")):
        client = as_("")
        client.set_cookie("language", language)
        token = re.search(r'csrf_token"[^>]*value="([^"]+)', client.get("/sign-in").text)[1]
        answer = client.post(
            "/sign-in", data={"username": "lin", "password": "no", "csrf_token": token}
        )
        assert words in answer.text


def test_a_page_for_those_signed_in_asks_to_sign_in_first(as_):
    for language, words in (("en", "Sign in first"), ("zh", "请先登录")):
        client = as_("")
        client.set_cookie("language", language)
        assert words in client.get("/sign-in/again", follow_redirects=True).text
