# SPDX-License-Identifier: Apache-2.0
"""One pair of hands at a desk: each press of the mouse counts, what is typed does not.

Kept here: choosing from a list counts as one press, ticking a box as one; a search is typed and ended with Enter.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

MOST_CLICKS = 6
log = logging.getLogger(__name__)


@dataclass
class Hands:
    """Somebody new at the workbench, from whose sign-in on clicks are counted.

    Attributes:
        clicks: What was pressed, in order.
        begun: When the workbench was there, in seconds.
    """

    page: Page
    clicks: list[str] = field(default_factory=list)
    begun: float = 0.0

    def begin(self) -> Hands:
        """Sit down at the workbench; nothing was pressed yet."""
        self.page.goto("/workbench")
        self.clicks, self.begun = [], time.monotonic()
        return self

    def press(self, place: Locator | str) -> None:
        """Press a link, a button, a tick or a card; text names a link or button of the page."""
        found = self.page.get_by_role("main").get_by_text(place, exact=True).first if isinstance(place, str) else place
        self.clicks.append(place if isinstance(place, str) else _name(place))
        found.click()

    def open(self, name: str) -> None:
        """Press the first link of the page with these words in it."""
        self.press(self.page.get_by_role("main").get_by_role("link", name=name).first)

    def go(self, name: str) -> None:
        """Press a word of the navigation."""
        self.press(self.page.get_by_role("navigation").get_by_role("link", name=name, exact=True).first)

    def button(self, name: str) -> None:
        """Press a button."""
        self.press(self.page.get_by_role("button", name=name, exact=True).locator("visible=true").first)

    def choose(self, label: str, value: str) -> None:
        """Choose from a list; one press."""
        self.clicks.append(f"{label}={value}")
        self.page.get_by_label(label).select_option(value)

    def type(self, label: str | Locator, text: str) -> None:
        """Type into a field, reached by the keyboard."""
        (self.page.get_by_label(label) if isinstance(label, str) else label).locator("visible=true").first.fill(text)

    def find(self, words: str) -> None:
        """Type into the search of the workbench and press Enter."""
        box = self.page.get_by_role("main").get_by_role("search").locator("input[type=search]").first
        box.fill(words)
        box.press("Enter")

    def done(self, act: str) -> None:
        """Count: at most six presses; how long it took is told, not judged."""
        seconds = time.monotonic() - self.begun
        log.info("%s: %d clicks, %.1f s (%s)", act, len(self.clicks), seconds, " · ".join(self.clicks))
        assert len(self.clicks) <= MOST_CLICKS, f"{act} takes {len(self.clicks)} clicks: {self.clicks}"


def _name(place: Locator) -> str:
    return (place.inner_text() if place.count() == 1 else "").strip().split("\n")[0][:30] or "☑"
