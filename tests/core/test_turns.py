"""Requests of one process in turn: who waits, who does not, and that nobody is forgotten."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from webapp.core import turns
from webapp.core.turns import Turns, outside


class Desk:
    """An application that answers when it is told to, and knows who is at work."""

    def __init__(self):
        self.at_work = []
        self.came = threading.Condition()
        self.may_go = {}

    def __call__(self, environ, start_response):
        name = environ["PATH_INFO"]
        body = environ["wsgi.input"].read()
        with self.came:
            self.at_work.append(name)
            self.came.notify_all()
        self.may_go.setdefault(name, threading.Event()).wait(10)
        if name == "/fails":
            raise ValueError(name)
        return [body]

    def let_go(self, name):
        self.may_go.setdefault(name, threading.Event()).set()

    def wait_for(self, *names):
        with self.came:
            assert self.came.wait_for(lambda: set(names) <= set(self.at_work), 10), self.at_work


class SlowBody(io.BytesIO):
    """A body that arrives only when it is let."""

    def __init__(self, data):
        super().__init__(data)
        self.arrives = threading.Event()

    def read(self, size=-1):
        self.arrives.wait(10)
        return super().read(size)


def ask(application, name, body=None):
    body = body or io.BytesIO(b"")
    length = str(len(body.getvalue()))
    return application(
        {"PATH_INFO": name, "wsgi.input": body, "CONTENT_LENGTH": length}, lambda *_: None
    )


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as pool:
        yield pool


def test_who_comes_while_two_are_at_work_waits_in_the_order_of_coming(desk, pool):
    application = Turns(desk, 2)
    asked = [pool.submit(ask, application, name) for name in ("/a", "/b")]
    desk.wait_for("/a", "/b")
    for place, name in enumerate(("/c", "/d", "/e"), 1):
        asked.append(pool.submit(ask, application, name))
        while len(application.waiting) < place:
            pass
    assert desk.at_work == ["/a", "/b"] or desk.at_work == ["/b", "/a"]
    for name, then in (("/a", "/c"), ("/b", "/d"), ("/c", "/e")):
        desk.let_go(name)
        desk.wait_for(then)
    assert desk.at_work[2:] == ["/c", "/d", "/e"]
    for name in ("/d", "/e"):
        desk.let_go(name)
    assert all(one.result(10) == [b""] for one in asked)
    assert application.free == 2


def test_a_phone_that_sends_slowly_holds_nobody_up(desk, pool):
    application = Turns(desk, 1)
    bodies = [SlowBody(b"photo") for _ in range(3)]
    slow = [pool.submit(ask, application, f"/slow{n}", body) for n, body in enumerate(bodies)]
    desk.let_go("/quick")
    assert pool.submit(ask, application, "/quick", io.BytesIO(b"x")).result(10) == [b"x"]
    for n, body in enumerate(bodies):
        body.arrives.set()
        desk.let_go(f"/slow{n}")
    assert [one.result(10) for one in slow] == [[b"photo"]] * 3


def test_a_turn_is_given_back_when_the_application_fails(desk):
    application = Turns(desk, 1)
    for _ in range(2):
        desk.let_go("/fails")
        with pytest.raises(ValueError, match="fails"):
            ask(application, "/fails")
    assert application.free == 1


def test_who_waits_for_something_else_takes_no_turn_and_comes_back_without_waiting(pool):
    checking, done = threading.Event(), threading.Event()

    def application(environ, _start_response):
        if environ["PATH_INFO"] == "/check":
            with outside():
                checking.set()
                done.wait(10)
        return [environ["PATH_INFO"].encode()]

    in_turn = Turns(application, 1)
    check = pool.submit(ask, in_turn, "/check")
    checking.wait(10)
    assert pool.submit(ask, in_turn, "/other").result(10) == [b"/other"]
    in_turn.enter()  # somebody else is at work when it comes back
    done.set()
    assert check.result(10) == [b"/check"]
    in_turn.leave()
    assert in_turn.free == 1


def test_outside_of_a_server_nothing_is_in_turn():
    with outside():
        assert getattr(turns._here, "turns", None) is None


def test_a_very_large_body_is_left_as_it_comes(monkeypatch):
    monkeypatch.setattr(turns, "BODY_MAX_BYTES", 4)
    seen = []

    def application(environ, _start_response):
        seen.append(environ["wsgi.input"])
        return [environ["wsgi.input"].read()]

    large, small = io.BytesIO(b"12345"), io.BytesIO(b"1234")
    assert [ask(Turns(application, 1), "/", body) for body in (large, small)] == [
        [b"12345"], [b"1234"],
    ]  # fmt: skip
    assert [seen[0] is large, seen[1] is small] == [True, False]
