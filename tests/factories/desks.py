# SPDX-License-Identifier: Apache-2.0
"""Desks: browsers as people sit in front of them, and who complains when something breaks."""

from __future__ import annotations

from playwright.sync_api import Page, Response

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
PASSWORD = "correct-Horse-7-battery"
EXPECTED = {401, 403, 404, 409, 422}
"""Refusals a page renders on purpose; the browser notes them, we do not."""


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Sign in as a person does."""
    page.goto("/sign-in")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    page.wait_for_load_state()


def listened(page: Page, heard: list[str]) -> Page:
    """A page whose complaints are heard: script errors, refused styles, broken addresses."""
    page.on("pageerror", lambda error: heard.append(f"{page.url}: {error}"))
    page.on("console", lambda said: heard.append(f"{page.url}: {said.text}") if _matters(said) else None)
    page.on("response", lambda answer: heard.append(f"{answer.status} {answer.url}") if _broken(answer) else None)
    return page


def _matters(said) -> bool:
    return said.type in {"error", "warning"} and "status of 4" not in said.text


def _broken(answer: Response) -> bool:
    return answer.status >= 400 and answer.status not in EXPECTED
