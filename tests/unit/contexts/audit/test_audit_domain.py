# SPDX-License-Identifier: Apache-2.0
"""The shape of acts: tags, subjects, facts, the bytes that become leaves."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.audit import domain
from datong.contexts.audit.domain import ActView
from datong.kernel import canonical
from datong.kernel.errors import Malformed

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def an_act(**changes):
    facts = {"seq": 1, "at": datetime(2026, 9, 1, 8, 0, 0, 5, UTC), "tag": "sharing.request.granted", "account": "zhang"}
    facts |= {"name": "张三", "department": "", "department_name": "", "roles": ("authority",), "subject": "1", "facts": {}}
    return ActView(**(facts | changes))


@pytest.mark.parametrize("tag", ["sharing.request.granted", "organisations.application.key_rotated"])
def test_a_tag_reads_context_subject_verb(tag):
    assert domain.check_tag(tag) == tag


@pytest.mark.parametrize("tag", ["", "a.b", "a.b.c.d", "A.b.c", "a..c", "a.b.c ", "a.b.c\n", "授权.b.c"])
def test_anything_else_is_no_tag(tag):
    with pytest.raises(Malformed) as refused:
        domain.check_tag(tag)
    assert "tag" in refused.value.fields


@pytest.mark.parametrize("subject", ["x" * 301, "a\x00b"])
def test_a_subject_is_a_code(subject):
    with pytest.raises(Malformed):
        domain.check_subject(subject)


def test_facts_are_canonical_and_bounded():
    assert domain.facts_text(None) == "{}"
    assert domain.facts_text({"b": 1, "a": "甲"}) == '{"a":"甲","b":1}'
    for bad in ({"x": 1.5}, {"x": object()}, {"x": "y" * 70_000}):
        with pytest.raises(Malformed):
            domain.facts_text(bad)


@given(st.dictionaries(texts, st.one_of(texts, st.integers(-(2**60), 2**60), st.booleans(), st.none()), max_size=5))
def test_the_record_survives_the_database(facts):
    text = domain.facts_text(facts)
    again = an_act(facts=canonical.loads(text.encode()))
    assert domain.record_of(again) == domain.record_of(an_act(facts=facts))


def test_the_record_does_not_depend_on_the_zone_of_the_clock():
    at = datetime(2026, 9, 1, 8, tzinfo=UTC)
    assert domain.record_of(an_act(at=at)) == domain.record_of(an_act(at=at.astimezone(timezone(timedelta(hours=8)))))


@pytest.mark.parametrize("change", [{"seq": 2}, {"account": "li"}, {"roles": ()}, {"subject": "2"}, {"facts": {"x": 1}}, {"name": "李"}])
def test_every_field_is_in_the_record(change):
    assert domain.record_of(an_act(**change)) != domain.record_of(an_act())
