# SPDX-License-Identifier: Apache-2.0
"""People in front of browsers: each with a session of their own, at one running control plane.

Kept here: whatever the browser complains of (script errors, refused styles, broken addresses) fails the test at its end.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from factories import browsers
from factories.desks import DESKTOP, listened, sign_in

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's loop runs in the thread that also reads the database
expect.set_options(timeout=30_000)  # a crowded machine is no fault of a page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium; gone with the module, since its event loop would stand in the way of other tests."""
    with sync_playwright() as playwright:
        started = browsers.launch(playwright)
        yield started
        started.close()


@pytest.fixture
def people(transactional_db) -> None:
    """Everybody the story needs."""
    from factories.staff import hire  # noqa: PLC0415  models are not there yet when this file is read

    hire()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browsers complained of; empty at the end or the test fails."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def page(browser, live_server, complaints) -> Iterator[Page]:
    """A browser nobody is signed in at."""
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", viewport=DESKTOP)
    yield listened(context.new_page(), complaints)
    context.close()


@pytest.fixture
def at_work(browser, live_server, people, complaints) -> Iterator[Callable[[str], Page]]:
    """`at_work("bianzhi")` gives the browser in front of which that person is signed in."""
    desks: dict[str, Page] = {}

    def desk(name: str) -> Page:
        if name not in desks:
            context = browser.new_context(base_url=live_server.url, locale="zh-CN", viewport=DESKTOP)
            desks[name] = listened(context.new_page(), complaints)
            sign_in(desks[name], name)
        return desks[name]

    yield desk
    for one in desks.values():
        one.context.close()
