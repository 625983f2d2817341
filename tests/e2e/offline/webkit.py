"""A phone with WebKit in it, that can be killed at any moment and started again."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from selenium import webdriver
from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.file_detector import UselessFileDetector
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

BROWSER = Path(__file__).with_name("webkit_browser")
DRIVER = "/usr/bin/WebKitWebDriver"
PATIENCE_S = 90  # a loaded machine writes slowly; a test that passes never waits this long
AWAITED = """
const [...values] = arguments, done = values.pop();
Promise.resolve((%s)(...values)).then(
  (value) => done({ value }), (error) => done({ error: String(error) }));
"""
SAYS = """(css, words) =>
  [...document.querySelectorAll(css)].some((one) => one.textContent.includes(words))"""
T = TypeVar("T")


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """Run a screen that nobody sees; gives its name."""
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", "400x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        name = f":{told.readline().strip()}"
    try:
        yield name
    finally:
        server.terminate()
        server.wait()


class WebKitPhone:
    """One WebKit at a time on a folder that outlives it."""

    def __init__(self, folder: Path, url: str, display: str) -> None:
        self.url = url
        self.env = {**os.environ, "DISPLAY": display, "DATA": str(folder)}

    def start(self) -> None:
        """Start it; no page is open."""
        options = Options()
        options.binary_location = str(BROWSER)
        self.service = Service(DRIVER, env=self.env, popen_kw={"start_new_session": True})
        self.service.start()
        where = ClientConfig(remote_server_addr=self.service.service_url)
        self.driver = webdriver.Remote(
            RemoteConnection(client_config=where), options=options,
            file_detector=UselessFileDetector(),
        )  # fmt: skip
        self.driver.set_script_timeout(PATIENCE_S)

    def kill(self) -> None:
        """End all its processes at once, without a word."""
        os.killpg(self.service.process.pid, signal.SIGKILL)
        self.service.process.wait()

    def stop(self) -> None:
        """End whatever still runs."""
        with contextlib.suppress(ProcessLookupError):
            self.kill()

    # -- hands and eyes --------------------------------------------------------------------------

    def open(self, path: str) -> None:
        """Go to a path of the site, or to a whole address."""
        self.driver.get(path if path.startswith("http") else self.url + path)

    def find(self, css: str) -> WebElement:
        """Bring an element into view; what is far away is not laid out."""
        return self.wait(lambda: next(filter(self._shows, self._all(css)), None), css)

    def tap(self, css: str) -> None:
        """Tap an element."""
        self.find(css).click()

    def type(self, css: str, words: str) -> None:
        """Type into a box."""
        self.find(css).send_keys(words)

    def see(self, css: str, words: str) -> None:
        """Wait until an element says this."""
        self.wait(lambda: self.run(SAYS, css, words), f"{css}: {words}")

    def put(self, css: str, file: Path) -> None:
        """Choose a file, as the camera gives one."""
        self._all(css)[0].send_keys(str(file))

    def scribble(self, css: str) -> None:
        """Draw a stroke with a finger."""
        pad = self.find(css)
        hand = ActionChains(self.driver, duration=20).move_to_element_with_offset(pad, -60, 0)
        hand.click_and_hold()
        for step in range(6):
            hand.move_by_offset(20, 25 if step % 2 else -25)
        hand.release().perform()

    def run(self, code: str, *values: Any) -> Any:
        """Run a function in the page; resolves what it promises."""
        told = self.driver.execute_async_script(AWAITED % code, *values)
        assert "error" not in told, told["error"]
        return told.get("value")

    def wait(self, until: Callable[[], T], what: str) -> T:
        """Ask again until the answer is true."""
        patience = WebDriverWait(self.driver, PATIENCE_S, 0.1, [WebDriverException])
        try:
            return patience.until(lambda _: until())
        except TimeoutException:
            pytest.fail(f"{what} not seen at {self.driver.current_url}:\n{self._words()}")

    def _words(self) -> str:
        return str(self.run("() => document.body.innerText"))

    def _all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def _shows(self, element: WebElement) -> bool:
        self.run("(e) => e.scrollIntoView({ block: 'center', behavior: 'instant' })", element)
        return element.is_displayed()
