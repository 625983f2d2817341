"""Waiting for what a phone does by itself; all of it ends."""

import re
from uuid import UUID

from playwright.sync_api import Page, expect

# Asks an async function in the page again until it is true:  page.evaluate(UNTIL % FUNCTION).
UNTIL = """async () => {
  for (let tries = 0; !(await (%s)()); tries += 1) {
    if (tries === 600) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}"""
KEPT = """async () => {
  if (!(await caches.has("mingcha-pages"))) return [];
  const keys = await (await caches.open("mingcha-pages")).keys();
  return keys.map((one) => new URL(one.url).pathname);
}"""
WAITING = "async () => !!(await navigator.serviceWorker.ready).waiting"


def kept(page: Page) -> list[str]:
    """Return the paths of the pages that the worker has."""
    return page.evaluate(KEPT)


def wait_until_kept(page: Page, path: str) -> None:
    """Wait until the worker has this page."""
    page.evaluate(UNTIL % f"async () => (await ({KEPT})()).includes('{path}')")


def keep_form(page: Page, inspection_id: UUID | str) -> str:
    """Visit the task list until the worker has this inspection's form; gives the form's path."""
    path = f"/inspections/{inspection_id}/answers"
    page.goto("/")
    wait_until_kept(page, path)
    return path


def wait_until_sent(page: Page) -> None:
    """Wait until the bar says that all is sent."""
    expect(page.locator("#saving")).to_have_text(re.compile("^已全部上传"))
