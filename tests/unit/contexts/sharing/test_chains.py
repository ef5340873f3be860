# SPDX-License-Identifier: Apache-2.0
"""Chains of opinions: the provider's head is always last and alone, and no policy shortens what a level asks for."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.sharing import permissions
from datong.contexts.sharing.domain.chains import (
    AUTHORITY,
    BY_LEVEL,
    DECIDER,
    LAST,
    MOST_POSTS,
    MOST_STEPS,
    SECURITY,
    STEP_HOLDER,
    STEP_LABELS,
    STEP_MOVES,
    STEP_TAG,
    ChainStep,
    Home,
    Mode,
    Post,
    StepStage,
    chain,
    check_steps,
    is_held,
    may_be_automatic,
    steps_faults,
)
from datong.contexts.sharing.domain.extensions import (
    EXTENSION_HOLDER,
    EXTENSION_LABELS,
    EXTENSION_MOVES,
    EXTENSION_TAG,
    ExtensionStage,
)
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import IllegalMove, Malformed, Refused
from datong.kernel.sharing import Level, SharingType
from datong.kernel.stages import move

HOME, OTHER = "11330000000000001A", "11330000000000002B"
POSTS = (
    AUTHORITY,
    SECURITY,
    Post("provider_compiler"),
    Post("provider_head", "named", OTHER),
    Post("consumer_head", "named", OTHER),
)
NOBODY: frozenset[str] = frozenset()
STEPS = st.lists(
    st.builds(
        ChainStep,
        st.lists(st.sampled_from(POSTS), min_size=1, max_size=3, unique=True).map(tuple),
        st.sampled_from(["all", "one"]),
    ),
    max_size=4,
)


def officer(*roles, department=HOME, account="a", region="330000"):
    return Officer(account, "甲", department, "厅", region, frozenset(roles))


@pytest.mark.parametrize("table", [STEP_MOVES, STEP_LABELS, STEP_HOLDER, STEP_TAG])
def test_every_stage_of_a_step_has_a_row(table):
    assert table.keys() == set(StepStage)


@pytest.mark.parametrize("table", [EXTENSION_MOVES, EXTENSION_LABELS, EXTENSION_HOLDER, EXTENSION_TAG])
def test_every_stage_of_an_extension_has_a_row(table):
    assert table.keys() == set(ExtensionStage)


@pytest.mark.parametrize("stage", [StepStage.ANSWERED, StepStage.SPARED, StepStage.ENDED])
def test_an_opinion_is_given_once(stage):
    assert STEP_MOVES[stage] == frozenset()


@pytest.mark.parametrize("stage", [ExtensionStage.GRANTED, ExtensionStage.DECLINED, ExtensionStage.LAPSED])
def test_more_time_is_answered_once(stage):
    for wanted in ExtensionStage:
        with pytest.raises(IllegalMove):
            move(EXTENSION_MOVES, "extension", stage, wanted)


def test_a_step_that_was_not_reached_is_not_answered():
    assert StepStage.ANSWERED not in STEP_MOVES[StepStage.WAITING]


@given(STEPS, st.sampled_from(["", *Level]))
def test_gb_43697_whatever_a_policy_says_the_level_is_heard_and_the_provider_decides_last(asked, level):
    made = chain(asked, level)
    assert made[-1] == LAST and DECIDER not in [post for step in made[:-1] for post in step.posts]
    assert made[: len(asked)] == tuple(asked)
    binding = [post for step in made if step.mode == Mode.ALL or len(step.posts) == 1 for post in step.posts]
    assert all(post in binding for post in BY_LEVEL.get(level, ()))
    assert len(made) <= len(asked) + 2


def test_without_a_policy_general_data_go_to_the_providers_head_alone():
    assert chain([], Level.GENERAL_4) == (LAST,)
    assert [step.posts for step in chain([], Level.CORE)] == [(AUTHORITY, SECURITY), (DECIDER,)]


@pytest.mark.parametrize("level", ["", *Level])
@pytest.mark.parametrize("kind", list(SharingType))
def test_809_21_the_node_answers_unconditional_requests_below_important_only(level, kind):
    assert may_be_automatic(level, kind) == (kind == "unconditional" and level not in (Level.CORE, Level.IMPORTANT))


@pytest.mark.parametrize("role", list(Role))
def test_a_post_is_held_by_its_role_in_its_department_or_region(role):
    own = ("provider_head", HOME, "")
    assert is_held(own, officer(role)) == (role is Role.PROVIDER_HEAD)
    assert not is_held(own, officer(role, department=OTHER))
    region = ("authority", "", "330000")
    assert is_held(region, officer(role, department=OTHER)) == (role is Role.AUTHORITY)
    assert not is_held(region, officer(role, region="330100"))
    assert is_held(("security_officer", "", ""), officer(role, department="", region="")) == (role is Role.SECURITY)


@pytest.mark.parametrize(
    ("step", "place"),
    [
        (ChainStep((AUTHORITY,), "most"), "steps.0.mode"),
        (ChainStep(()), "steps.0.posts"),
        (ChainStep((AUTHORITY, AUTHORITY)), "steps.0.posts"),
        (ChainStep((Post("auditor"),)), "steps.0.posts.0.role"),
        (ChainStep((DECIDER,)), "steps.0.posts.0.role"),
        (ChainStep((Post("authority", "moon"),)), "steps.0.posts.0.home"),
        (ChainStep((Post("provider_compiler", "region"),)), "steps.0.posts.0.home"),
        (ChainStep((Post("authority", "node"),)), "steps.0.posts.0.home"),
        (ChainStep((Post("provider_head", "named"),)), "steps.0.posts.0.department"),
        (ChainStep((Post("provider_compiler", "own", OTHER),)), "steps.0.posts.0.department"),
    ],
)
def test_what_does_not_read_in_a_policy_is_named(step, place):
    assert place in steps_faults([step])
    with pytest.raises(Malformed):
        check_steps([step])


def test_a_policy_has_bounds():
    assert set(steps_faults([ChainStep((AUTHORITY,))] * (MOST_STEPS + 1))) == {"steps"}
    many = tuple(Post("provider_head", Home.NAMED.value, f"{n:018d}") for n in range(MOST_POSTS + 1))
    assert set(steps_faults([ChainStep(many)])) == {"steps.0.posts"}
    check_steps([ChainStep((AUTHORITY, Post("provider_head", "named", OTHER)))])


@given(STEPS)
def test_a_step_comes_back_as_it_was_stored(steps):
    assert [ChainStep.of(step.plain()) for step in steps] == steps


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: permissions.check_may_join(officer(Role.AUTHORITY), NOBODY, NOBODY, holds=False),
        lambda: permissions.check_may_join(officer(Role.AUTHORITY), frozenset({"a"}), NOBODY, holds=True),
        lambda: permissions.check_may_join(officer(Role.AUTHORITY), NOBODY, frozenset({"a"}), holds=True),
        lambda: permissions.check_may_ask_extension(officer(Role.COMPILER), HOME, NOBODY),
        lambda: permissions.check_may_consent(officer(Role.AUTHORITY), "330100", NOBODY),
        lambda: permissions.check_may_consent(officer(Role.PROVIDER_HEAD), "330000", NOBODY),
        lambda: permissions.check_may_consent(officer(Role.AUTHORITY), "330000", frozenset({"a"})),
        lambda: permissions.check_may_set_policy(officer(Role.COMPILER), HOME, "330000", automatic=False, ordered=False),
        lambda: permissions.check_may_set_policy(officer(Role.PROVIDER_HEAD), HOME, "330000", automatic=True, ordered=False),
        lambda: permissions.check_may_set_policy(officer(Role.PROVIDER_HEAD), HOME, "330000", automatic=False, ordered=True),
        lambda: permissions.check_may_set_policy(officer(Role.PROVIDER_HEAD), OTHER, "330000", automatic=False, ordered=False),
        lambda: permissions.check_may_set_policy(officer(Role.PROVIDER_HEAD), "", "330000", automatic=False, ordered=False),
        lambda: permissions.check_may_set_policy(officer(Role.AUTHORITY), HOME, "330100", automatic=False, ordered=False),
    ],
)
def test_every_refusal_names_rule_and_next_step(attempt):
    with pytest.raises(Refused) as refused:
        attempt()
    assert refused.value.rule and refused.value.remedy


def test_who_may():
    head, authority = officer(Role.PROVIDER_HEAD), officer(Role.AUTHORITY)
    permissions.check_may_join(authority, frozenset({"b"}), frozenset({"c"}), holds=True)
    permissions.check_may_ask_extension(head, HOME, NOBODY)
    permissions.check_may_consent(authority, "330000", frozenset({"b"}))
    permissions.check_may_set_policy(head, HOME, "330000", automatic=False, ordered=False)
    permissions.check_may_set_policy(replace(authority, department=OTHER), HOME, "330000", automatic=True, ordered=True)
