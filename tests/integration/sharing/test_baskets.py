# SPDX-License-Identifier: Apache-2.0
"""Several resources asked for at once: one basket for each officer, one request for each resource, each judged by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from datong.contexts.audit import face as audit
from datong.contexts.sharing.domain import RequestDraft, Stage
from datong.contexts.sharing.models import BasketLine, Request
from datong.contexts.sharing.queries.baskets import basket, line_of
from datong.contexts.sharing.usecases import baskets
from datong.kernel.actors import Role
from datong.kernel.errors import Malformed, Refused, Unknown
from factories.catalog import a_draft, a_resource, an_open_draft
from factories.sharing import a_consumer_head, a_request_draft, an_applicant, someone

pytestmark = pytest.mark.django_db


def a_common(**changes) -> RequestDraft:
    return replace(a_request_draft(), resource="", items=(), rows=(), row_scope="", **changes)


def test_a_basket_is_the_officers_own():
    code = a_resource().resource.code
    line = baskets.put_in_basket(code, ["name"], by=an_applicant())
    assert [row.resource_id for row in basket(an_applicant())] == [code]
    colleague = someone(Role.APPLICANT, "浙江省交通运输厅")
    assert not basket(colleague).exists()
    assert not basket(a_consumer_head()).exists()
    for stranger in (colleague, a_consumer_head()):
        with pytest.raises(Unknown):
            baskets.take_out_of_basket(line.pk, by=stranger)
    assert [act.tag for act in audit.acts(subject=code, limit=1)] == ["sharing.basket.filled"]


def test_a_resource_lies_in_it_once_with_the_last_choice_of_items():
    code = a_resource().resource.code
    for items in (["name"], ["name", "division"], []):
        line = baskets.put_in_basket(code, items, by=an_applicant())
        assert line_of(line.pk, by=an_applicant()).items == items
    assert BasketLine.objects.count() == 1
    assert baskets.take_out_of_basket(line.pk, by=an_applicant()) == code
    assert BasketLine.objects.count() == 0


@pytest.mark.parametrize("items", [["nothing"], ["case_note"], ["\x00"]])
def test_what_is_not_there_or_withheld_cannot_be_put_in(items):
    with pytest.raises(Malformed) as refused:
        baskets.put_in_basket(a_resource().resource.code, items, by=an_applicant())
    assert refused.value.fields.keys() == {"items.0"}


def test_who_may_not_ask_has_no_basket():
    code = a_resource().resource.code
    with pytest.raises(Refused):
        baskets.put_in_basket(code, by=a_consumer_head())
    withheld = a_resource(a_draft(sharing_type="withheld", sharing_methods=(), withheld_basis="《税收征收管理法》第八条"))
    with pytest.raises(Refused, match="《税收征收管理法》第八条"):
        baskets.put_in_basket(withheld.resource.code, by=an_applicant())
    with pytest.raises(Unknown):
        baskets.put_in_basket("307001/99", by=an_applicant())


def test_one_request_for_each_resource_filed_together(monkeypatch):
    for resource in (a_resource(), a_resource(an_open_draft(name="行政村名录"))):
        baskets.put_in_basket(resource.resource.code, by=an_applicant())
    done = baskets.ask_together(a_common(), by=an_applicant(), file=True)
    assert [one.filed for one in done] == [True, True], [one.fault and one.fault.fields for one in done]
    rows = Request.objects.order_by("number")
    assert {row.stage for row in rows} == {Stage.FILED}
    assert {row.purpose for row in rows} == {"低保资格核查"}
    assert {field for row in rows for field in row.items.values_list("field", flat=True)}.isdisjoint({"case_note"})
    assert not basket(an_applicant()).exists()


def test_each_is_judged_by_itself_and_what_lacks_something_stays_a_draft():
    first, second = a_resource(), a_resource(an_open_draft(name="行政村名录"))
    for resource in (first, second):
        baskets.put_in_basket(resource.resource.code, by=an_applicant())
    offered = [channel for channel in first.sharing_methods if channel not in second.sharing_methods] or ["call"]
    done = baskets.ask_together(a_common(scene="", channels=(*offered, "file")), by=an_applicant(), file=True)
    assert [one.filed for one in done] == [False, False]
    assert all("scene" in one.fault.fields for one in done)
    assert all(
        "file" in one.left_out or "file" in resource.sharing_methods for one, resource in zip(done, (first, second), strict=True)
    )
    numbers = [one.number for one in done]
    assert {row.stage for row in Request.objects.all()} == {Stage.DRAFT}
    Request.objects.update(scene="核对")
    again = baskets.file_together([*numbers, "R0"], by=an_applicant())
    assert [(one.number, one.filed) for one in again[:2]] == [(number, True) for number in numbers]
    assert isinstance(again[2].fault, Unknown)


def test_a_line_whose_resource_left_the_catalogue_says_so_and_stays():
    gone, there = a_resource(), a_resource(an_open_draft(name="行政村名录"))
    for resource in (gone, there):
        baskets.put_in_basket(resource.resource.code, by=an_applicant())
    gone.resource.withdrawn_at = gone.resource.created_at if hasattr(gone.resource, "created_at") else gone.published_at
    gone.resource.save(update_fields=["withdrawn_at"])
    done = baskets.ask_together(a_common(), by=an_applicant())
    assert [(one.number != "", type(one.fault)) for one in done] == [(False, Unknown), (True, type(None))]
    assert [row.resource_id for row in basket(an_applicant())] == [gone.resource.code]


def test_only_the_lines_chosen_and_none_is_told():
    lines = [
        baskets.put_in_basket(one.resource.code, by=an_applicant())
        for one in (a_resource(), a_resource(an_open_draft(name="村")))
    ]
    assert len(baskets.ask_together(a_common(), by=an_applicant(), lines=[lines[1].pk])) == 1
    assert basket(an_applicant()).count() == 1
    for lines_ in ([], [0], [2**63]):
        with pytest.raises(Malformed):
            baskets.ask_together(a_common(), by=an_applicant(), lines=lines_)
    for numbers in ([], [f"R{number}" for number in range(51)]):
        with pytest.raises(Malformed):
            baskets.file_together(numbers, by=an_applicant())


def test_a_basket_has_an_end(monkeypatch):
    monkeypatch.setattr(baskets, "MOST_LINES", 1)
    first, second = a_resource().resource.code, a_resource(an_open_draft(name="村")).resource.code
    baskets.put_in_basket(first, by=an_applicant())
    baskets.put_in_basket(first, ["name"], by=an_applicant())
    with pytest.raises(Malformed):
        baskets.put_in_basket(second, by=an_applicant())
