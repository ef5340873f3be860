# SPDX-License-Identifier: Apache-2.0
"""Samples: the first rows behind a resource, masked for everybody, and none of what may not be shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from datong.contexts.catalog import face as catalog
from datong.contexts.catalog.models import Version
from datong.contexts.exchange import face
from datong.contexts.exchange.models import Batch
from datong.contexts.exchange.usecases.sampling import ROWS, mask_of
from datong.kernel.actors import Role
from factories.catalog import a_compiler, a_draft, a_resource
from factories.exchange import a_csv_text, a_landed_batch, a_landed_resource, an_offer, index_of
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db
PEOPLE = [(f"33010219900101{n:03d}X", f"张三丰{n}", "330106", "2026-01-02", "涉案") for n in range(10, 20)]


@pytest.fixture
def code():
    draft = a_draft(name="常住人口")
    row = a_resource(draft)
    assert a_landed_batch(row, an_offer(a_csv_text(PEOPLE, [one.name for one in draft.items]))).stage == "landed"
    return row.resource.code


def view(code, by=None):
    return catalog.resource(code, by=by or a_compiler())


def with_name(code, **changes):
    """The resource as a newer version may say it, its second item changed."""
    seen = view(code)
    return replace(seen, items=tuple(replace(one, **changes) if one.field == "name" else one for one in seen.items))


def test_personal_items_are_masked_and_withheld_ones_absent(code):
    seen = face.sample(view(code))
    assert seen.heads == (
        ("公民身份号码", "partial:6:4"),
        ("姓名", "partial:1:0"),
        ("行政区划代码", "none"),
        ("登记日期", "none"),
    )
    assert len(seen.rows) == ROWS
    assert seen.rows[0][:3] == ("330102********010X", "张****", "330106")
    assert "涉案" not in str(seen)


def test_strangers_get_none(code):
    assert face.sample(catalog.resource(code, by=None)) is None
    assert "数据样例" not in Client().get(f"/resources/{code}").text


def test_the_page_shows_it_with_who_looked(code):
    browser = Client()
    browser.force_login(an_account("looker", roles=[Role.APPLICANT], department=a_department("浙江省民政厅")))
    page = browser.get(f"/resources/{code}").text
    assert "330102********010X" in page and "数据样例" in page and 'data-mark="' in page
    assert "33010219900101" not in page and "张三丰" not in page and "涉案" not in page


@pytest.mark.parametrize("change", [{"sharing_type": "withheld"}, {"level": "important"}, {"level": "core"}])
def test_withheld_important_and_core_data_show_nothing(code, change):
    Version.objects.update(**change)
    assert face.sample(view(code)) is None


def test_an_important_item_is_absent(code):
    assert "姓名" not in dict(face.sample(with_name(code, level="important")).heads)


def test_an_item_withheld_since_the_landing_is_absent(code):
    assert "张" not in str(face.sample(with_name(code, sharing_type="withheld")))


def test_nothing_landed_or_nothing_left_is_no_error(code):
    assert face.sample(view(a_resource().resource.code)) is None
    index_of(Batch.objects.get()).unlink()
    assert face.sample(view(code)) is None


def test_an_item_that_has_not_landed_yet_is_no_error(code):
    assert face.sample(with_name(code, field="full_name")) is None


@pytest.mark.parametrize(
    ("name", "personal", "mask"),
    [("联系人电话", True, "partial:3:4"), ("籍贯", True, "redact"), ("联系人姓名", False, "partial:1:0"), ("区划名称", False, "none"),
     ("手机号码", False, "partial:3:4"), ("出生日期", True, "year")],
)  # fmt: skip
def test_what_looks_personal_is_masked_though_unmarked(code, name, personal, mask):
    item = replace(view(code).items[0], name=name, field="x1", personal=personal)
    assert str(mask_of(item)) == mask


def test_open_data_are_shown_as_they_are():
    row = a_landed_resource()
    assert face.sample(view(row.resource.code)).rows[0][:2] == ("330000000000", "浙江省")
