"""Hears what pages complain of: errors of script, refusals by the content security policy."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

# Chromium reports each answer of 400 or more, and each broken connection; tests that cause them
# on purpose say so.
NETWORK = ("Failed to load resource", "An unknown error occurred when fetching the script")
PLAIN = "The Cross-Origin-Opener-Policy header has been ignored"
STORE = ("store ", "outbox ", "risk ", "guard ", "lock ")


class Watch:
    """Collects complaints of all pages of a test."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.expects_network_errors = False
        self.expects_store_errors = False
        self.expects_plain_http = False

    def over(self, context: BrowserContext) -> None:
        """Listen to every page of a browser."""
        context.on("page", self._listen)

    def _listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        if self.expects_network_errors and message.text.startswith(NETWORK):
            return
        if self.expects_store_errors and message.text.startswith(STORE):
            return
        if self.expects_plain_http and message.text.startswith(PLAIN):
            return
        self.complaints.append(f"{message.type} {message.location.get('url')}: {message.text}")

    def check(self) -> None:
        """Fail when there was a complaint."""
        assert not self.complaints, "\n".join(self.complaints)
