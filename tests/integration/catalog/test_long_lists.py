# SPDX-License-Identifier: Apache-2.0
"""Lists of any length: counted as far as anybody would page, and no further."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from datong.config.pages import tags
from datong.contexts.catalog.models import ClassNode

pytestmark = pytest.mark.django_db


def page_of(rows, **asked):
    request = RequestFactory().get("/", asked)
    return tags.paginate(Context({"request": request}), rows)


@pytest.fixture
def rows():
    ClassNode.objects.bulk_create([ClassNode(code=f"9{number:05d}", name=f"类{number}", level=1) for number in range(45)])
    return ClassNode.objects.filter(code__startswith="9").order_by("code")


def test_a_short_list_is_counted_whole(rows):
    page = page_of(rows, page="3")
    assert (page.paginator.count, str(page.paginator.count), page.paginator.num_pages, len(page)) == (45, "45", 3, 5)


def test_a_long_list_says_that_there_are_more(rows, monkeypatch):
    monkeypatch.setattr(tags, "MOST_COUNTED", 40)
    page = page_of(rows, page="99")
    assert (str(page.paginator.count), page.paginator.num_pages, page.number, len(page)) == ("40+", 2, 2, 20)
    shown = Template("{% blocktranslate with total=page.paginator.count %}共 {{ total }} 条{% endblocktranslate %}")
    assert shown.render(Context({"page": page})) == "共 40+ 条"


def test_lists_that_are_no_tables_are_counted_as_they_are(rows, monkeypatch):
    monkeypatch.setattr(tags, "MOST_COUNTED", 10)
    assert page_of(list(rows)).paginator.count == 45
    assert page_of(rows[:30]).paginator.count == 30
