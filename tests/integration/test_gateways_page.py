# SPDX-License-Identifier: Apache-2.0
"""The page of the gateways: how each stands, for those who answer for the node."""

from time import time

import pytest
from django.conf import settings
from django.test import Client

from datong.gateway.limits.board import Board
from datong.kernel.actors import Role
from factories.api import signed_in
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db
PLACE = "/gateways"


def browser_of(role, department=None):
    an_account("somebody", roles=[role], department=department)
    browser = Client()
    browser.cookies = signed_in("somebody").client.cookies
    return browser


def test_a_gateway_that_left_and_one_that_can_answer_are_told_apart():
    keeper = browser_of(Role.SYSADMIN)
    assert "不能答复</span>" in keeper.get(PLACE).content.decode()
    settings.NODE_FOLDER.board.parent.mkdir(parents=True, exist_ok=True)
    board = Board(settings.NODE_FOLDER.board, 0)
    try:
        board.sign(4711, time() + 300, evidence=True)
        page = keeper.get(PLACE).content.decode()
    finally:
        board.release()
        board.close()
        settings.NODE_FOLDER.board.unlink()
    assert "可以答复</span>" in page and "4711" in page and "可以写入" in page


def test_others_find_no_such_page():
    assert browser_of(Role.APPLICANT, a_department("民政厅")).get(PLACE).status_code == 404
