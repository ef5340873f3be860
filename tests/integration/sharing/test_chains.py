# SPDX-License-Identifier: Apache-2.0
"""Decisions in several steps: who is asked, what an objection does, what happens where nobody holds a post."""

from dataclasses import replace

import pytest
from django.conf import settings
from django.test import override_settings

from datong.contexts.audit import face as audit
from datong.contexts.catalog.models import Version
from datong.contexts.organisations.models import Account
from datong.contexts.periods import face as periods
from datong.contexts.sharing import face, queries, usecases
from datong.contexts.sharing.domain import Decision, Stage
from datong.contexts.sharing.domain.chains import AUTHORITY, SECURITY, ChainStep, Post, StepStage
from datong.contexts.sharing.models import DecisionPolicy, DecisionStep, Grant
from datong.contexts.sharing.queries import chains
from datong.contexts.sharing.usecases import PolicyDraft
from datong.kernel.actors import Role
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from factories.catalog import DATA_BUREAU, PROVIDER, a_provider_head, a_resource, an_authority, an_open_draft, someone
from factories.organisations import a_department, staffed
from factories.sharing import a_consumer_head, a_request, a_request_draft, an_applicant

pytestmark = pytest.mark.django_db
WATER, TAX = "浙江省水利厅", "浙江省税务局"


def head_of(name: str):
    return staffed(someone(Role.PROVIDER_HEAD, name))


def the_authority():
    return staffed(an_authority())


def a_security_officer():
    return staffed(replace(someone(Role.SECURITY, DATA_BUREAU), department="", department_name="", region=""))


def named(name: str) -> Post:
    return Post("provider_head", "named", a_department(name).uscc)


def a_policy(*steps: ChainStep, by=None, **more) -> DecisionPolicy:
    draft = PolicyDraft(department=a_department(PROVIDER).uscc, steps=steps, reason="部门会商制度")
    return usecases.set_policy(replace(draft, **more), by=by or the_authority())


def of_level(level: str):
    """A resource of a level; what people may compile at it is not the matter here."""
    version = a_resource()
    Version.objects.filter(pk=version.pk).update(level=level)
    return version


def stages(row) -> list[str]:
    return [step.stage for step in chains.current(row)]


def test_without_a_policy_the_providers_head_alone_decides_and_leaves_no_acts_of_steps():
    row = a_request()
    assert stages(row) == [StepStage.OPEN]
    usecases.grant_request(row.number, by=a_provider_head())
    (step,) = chains.current(row)
    assert (step.stage, step.opinion, step.account) == (StepStage.ANSWERED, "agree", a_provider_head().account)
    assert not [act for act in audit.acts(subject=row.number) if act.tag.startswith("sharing.step")]


def test_a_joint_decision_waits_for_every_post_and_then_for_the_providers_head():
    a_policy(ChainStep((named(WATER), named(TAX))))
    water, tax = head_of(WATER), head_of(TAX)
    row = a_request()
    assert stages(row) == [StepStage.OPEN, StepStage.OPEN, StepStage.WAITING]
    assert row in queries.waiting(water) and row in queries.waiting(tax) and row not in queries.waiting(a_provider_head())
    with pytest.raises(Refused, match="前面的环节尚未办完"):
        usecases.grant_request(row.number, by=a_provider_head())
    with pytest.raises(Refused, match="前面的环节尚未办完"):
        usecases.refuse_request(row.number, "other", "不必", by=a_provider_head())
    usecases.give_opinion(row.number, "agree", "", by=water)
    assert stages(row) == [StepStage.ANSWERED, StepStage.OPEN, StepStage.WAITING]
    assert row not in queries.waiting(water) and periods.notices(water).count() == 0
    usecases.give_opinion(row.number, "part", "只给核验", by=tax)
    assert row in queries.waiting(a_provider_head())
    assert [notice.subject for notice in periods.notices(a_provider_head())] == [row.number]
    assert Grant.objects.count() == 0, "opinions grant nothing"
    made = usecases.grant_request(row.number, Decision(channels=("verify",), opinion="采纳税务局意见"), by=a_provider_head())
    assert made.stage == "active"
    tags = [act.tag for act in reversed(audit.acts(subject=row.number, limit=50))]
    assert tags == [
        "sharing.request.drafted", "sharing.request.filed", "sharing.request.endorsed", "sharing.step.laid_out",
        "sharing.step.opened", "sharing.step.answered", "sharing.step.answered", "sharing.step.opened", "sharing.request.granted",
    ]  # fmt: skip
    (told,) = periods.notices(an_applicant())
    assert "部分同意" in told.words and "采纳税务局意见" in told.words


def test_of_a_step_where_any_may_answer_one_answers_and_the_others_are_spared():
    a_policy(ChainStep((named(WATER), named(TAX)), "one"), ChainStep((AUTHORITY,)))
    row = a_request()
    tax = head_of(TAX)
    usecases.give_opinion(row.number, "agree", "", by=tax)
    assert stages(row) == [StepStage.SPARED, StepStage.ANSWERED, StepStage.OPEN, StepStage.WAITING]
    with pytest.raises(Refused, match="现在没有等您"):
        usecases.give_opinion(row.number, "agree", "", by=head_of(WATER))
    usecases.give_opinion(row.number, "agree", "", by=the_authority())
    assert usecases.grant_request(row.number, by=a_provider_head()).stage == "active"


def test_over_an_objection_the_decider_says_why_or_refuses():
    a_policy(ChainStep((named(WATER),)))
    row = a_request()
    water = head_of(WATER)
    for opinion, words, field in (("object", " ", "words"), ("part", "", "words"), ("never", "x", "opinion")):
        with pytest.raises(Malformed) as refused:
            usecases.give_opinion(row.number, opinion, words, by=water)
        assert refused.value.fields.keys() == {field}
    usecases.give_opinion(row.number, "object", "用途与职责无关", by=water)
    with pytest.raises(Malformed) as refused:
        usecases.grant_request(row.number, by=a_provider_head())
    assert "用途与职责无关" in refused.value.fields["opinion"]
    usecases.grant_request(row.number, Decision(opinion="已核实，属法定职责"), by=a_provider_head())
    (act,) = [act for act in audit.acts(subject=row.number) if act.tag == "sharing.request.granted"]
    assert "用途与职责无关" in act.facts["over"][0]


@pytest.mark.parametrize("level", ["important", "core"])
def test_an_objection_of_a_post_that_the_level_asks_for_binds_the_decider(level):
    version = a_resource()
    Version.objects.filter(pk=version.pk).update(level=level)
    row = a_request(a_request_draft(version))
    usecases.give_opinion(row.number, "object", "汇聚后影响公共安全", by=the_authority())
    if level == "core":
        usecases.give_opinion(row.number, "agree", "", by=a_security_officer())
    with pytest.raises(Refused, match="汇聚后影响公共安全"):
        usecases.grant_request(row.number, Decision(opinion="仍需使用"), by=a_provider_head())
    assert Grant.objects.count() == 0
    assert usecases.refuse_request(row.number, "unsafe", "采纳主管部门意见", by=a_provider_head()).stage == Stage.REFUSED


def test_an_objection_may_end_in_a_refusal():
    a_policy(ChainStep((named(WATER),)))
    row = a_request()
    usecases.give_opinion(row.number, "object", "用途与职责无关", by=head_of(WATER))
    assert usecases.refuse_request(row.number, "beyond_need", "采纳水利厅意见", by=a_provider_head()).stage == Stage.REFUSED
    assert chains.current(row)[-1].opinion == "object"


def test_where_nobody_holds_a_post_it_is_an_error_that_is_told_never_an_approval():
    a_policy(ChainStep((named(WATER),)))
    row = a_request()
    for by in (an_authority(), a_provider_head()):
        (notice,) = periods.notices(by)
        assert (notice.kind, notice.subject) == ("fault", row.number)
        assert WATER in notice.words
    with pytest.raises(Refused):
        usecases.grant_request(row.number, by=a_provider_head())
    (act,) = [act for act in audit.acts(subject=row.number) if act.tag == "sharing.step.vacant"]
    assert act.account == "system"
    usecases.give_opinion(row.number, "agree", "", by=head_of(WATER))
    assert usecases.grant_request(row.number, by=a_provider_head()).stage == "active"


def test_where_the_provider_has_no_head_the_request_waits():
    row = a_request(stage=Stage.FILED)
    Account.objects.filter(username=a_provider_head().account).update(active=False)
    usecases.endorse_request(row.number, by=a_consumer_head())
    step = DecisionStep.objects.get(request=row)
    assert (step.stage, step.vacant_at is not None) == (StepStage.OPEN, True)
    row.refresh_from_db()
    assert row.stage == Stage.ENDORSED
    assert [notice.kind for notice in periods.notices(an_authority())] == ["fault"]


@pytest.mark.parametrize(("level", "posts"), [("important", ("authority",)), ("core", ("authority", "security_officer"))])
def test_row_42_important_and_core_take_the_longer_chain_whatever_a_policy_says(level, posts):
    a_policy(ChainStep((named(WATER), AUTHORITY), "one"))
    head_of(WATER)
    people = {"authority": the_authority(), "security_officer": a_security_officer()}
    row = a_request(a_request_draft(of_level(level)))
    assert [(step.position, step.role) for step in chains.current(row)] == [
        (1, "provider_head"), (1, "authority"), *((2, post) for post in posts), (3, "provider_head"),
    ]  # fmt: skip
    usecases.give_opinion(row.number, "agree", "", by=head_of(WATER))
    for post in posts:
        with pytest.raises(Refused):
            usecases.grant_request(row.number, by=a_provider_head())
        usecases.give_opinion(row.number, "agree", "", by=people[post])
    assert usecases.grant_request(row.number, by=a_provider_head()).stage == "active"


def test_a_level_that_rose_meanwhile_takes_the_longer_way_first():
    version = a_resource()
    row = a_request(a_request_draft(version))
    Version.objects.filter(pk=version.pk).update(level="important")
    authority = the_authority()
    with pytest.raises(Refused, match="级别已提高"):
        usecases.grant_request(row.number, by=a_provider_head())
    assert stages(row) == [StepStage.OPEN, StepStage.WAITING]
    with pytest.raises(Refused, match="前面的环节"):
        usecases.grant_request(row.number, by=a_provider_head())
    usecases.give_opinion(row.number, "agree", "", by=authority)
    assert usecases.grant_request(row.number, by=a_provider_head()).stage == "active"


def test_nobody_joins_an_own_request_and_nobody_takes_two_steps():
    a_policy(ChainStep((AUTHORITY,)))
    row = a_request()
    own = staffed(replace(an_authority(), account=row.endorsed_by))
    with pytest.raises(Refused, match="自己的申请"):
        usecases.give_opinion(row.number, "agree", "", by=own)
    both = staffed(replace(a_provider_head(), account="both", roles=frozenset({Role.AUTHORITY, Role.PROVIDER_HEAD})))
    usecases.give_opinion(row.number, "agree", "", by=both)
    with pytest.raises(Refused, match="两个环节"):
        usecases.grant_request(row.number, by=both)
    assert usecases.grant_request(row.number, by=a_provider_head()).stage == "active"


def test_who_is_asked_sees_the_request_and_nobody_else():
    a_policy(ChainStep((named(WATER),)))
    row = a_request(stage=Stage.FILED)
    water = head_of(WATER)
    with pytest.raises(Unknown):
        queries.request_of(row.number, by=water)
    usecases.endorse_request(row.number, by=a_consumer_head())
    assert queries.request_of(row.number, by=water) == row
    with pytest.raises(Unknown):
        queries.request_of(row.number, by=head_of(TAX))
    with pytest.raises(Unknown):
        queries.request_of(row.number, by=someone(Role.COMPILER, WATER))


def test_completion_ends_the_steps_and_they_are_asked_anew():
    a_policy(ChainStep((named(WATER),)))
    row = a_request()
    usecases.ask_to_complete(row.number, "请补充依据", by=a_provider_head())
    assert stages(row) == [StepStage.ENDED, StepStage.ENDED]
    assert periods.notices(head_of(WATER)).count() == 0
    with pytest.raises((Refused, IllegalMove)):
        usecases.give_opinion(row.number, "agree", "", by=head_of(WATER))
    usecases.file_request(row.number, by=an_applicant())
    usecases.endorse_request(row.number, by=a_consumer_head())
    assert [step.round for step in chains.current(row)] == [2, 2]
    usecases.withdraw_request(row.number, by=an_applicant())
    assert stages(row) == [StepStage.ENDED, StepStage.ENDED]


@pytest.mark.parametrize(("setting", "clocks"), [("restart", 2), ("pause", 1)])
def test_while_it_is_completed_the_clock_begins_anew_or_stands_still_as_the_node_has_it(setting, clocks):
    with override_settings(NODE=replace(settings.NODE, completion_clock=setting)):
        row = a_request()
        first = periods.clock_of(row.number)
        usecases.ask_to_complete(row.number, "请补充依据", by=a_provider_head())
        paused = periods.clock_of(row.number)
        assert (paused.paused_at is None) == (setting == "restart")
        usecases.file_request(row.number, by=an_applicant())
        usecases.endorse_request(row.number, by=a_consumer_head())
    running = periods.clock_of(row.number)
    assert (running.pk == first.pk, running.stopped_at, running.paused_at) == (setting == "pause", None, None)
    assert len(list(periods.clocks_of(row.number))) == clocks
    assert periods.recomputed(running).due == running.due


def open_request():
    return a_request(a_request_draft(a_resource(an_open_draft()), items=("code", "title"), rows=()), stage=Stage.FILED)


def test_809_21_what_the_authority_lets_the_node_answer_is_answered_at_once_and_the_provider_is_told():
    policy = a_policy(sharing_type="unconditional", automatic=True)
    row = open_request()
    usecases.endorse_request(row.number, by=a_consumer_head())
    row.refresh_from_db()
    assert (row.stage, row.decided_by) == (Stage.GRANTED, "system")
    assert row.grant.stage == "active"
    tags = [(act.tag, act.account) for act in reversed(audit.acts(subject=row.number))][-2:]
    assert tags == [("sharing.request.endorsed", a_consumer_head().account), ("sharing.request.granted", "system")]
    (act,) = audit.acts(subject=row.number, limit=1)
    assert (act.facts["policy"], act.facts["automatic"]) == (policy.pk, True)
    (notice,) = periods.notices(a_provider_head())
    assert f"第 {policy.pk} 号" in notice.words and row.grant.number in notice.words
    assert chains.current(row)[0].policy_id == policy.pk
    assert periods.clock_of(row.number).stopped_at


def test_what_the_node_cannot_answer_waits_for_people_and_they_are_told():
    a_policy(sharing_type="unconditional", automatic=True)
    draft = a_request_draft(a_resource(an_open_draft()), items=("code", "title"), rows=())
    first, again = a_request(draft, stage=Stage.FILED), a_request(draft, stage=Stage.FILED)
    for row in (first, again):
        usecases.endorse_request(row.number, by=a_consumer_head())
    again.refresh_from_db()
    assert (again.stage, stages(again)) == (Stage.ENDORSED, [StepStage.OPEN]), "one live grant for one scope"
    assert any("不能自动答复" in notice.words for notice in periods.notices(a_provider_head()))
    assert Grant.objects.count() == 1


def test_conditional_and_important_data_are_never_answered_automatically():
    policy = a_policy(sharing_type="unconditional", automatic=True)
    assert a_request().stage == Stage.ENDORSED
    version = a_resource(an_open_draft())
    Version.objects.filter(pk=version.pk).update(level="important")
    row = a_request(a_request_draft(version, items=("code",), rows=()))
    assert (row.stage, chains.current(row)[0].role) == (Stage.ENDORSED, "authority")
    usecases.end_policy(policy.pk, by=the_authority())
    assert a_request(a_request_draft(a_resource(an_open_draft()), items=("code",), rows=())).stage == Stage.ENDORSED


def test_the_nearest_policy_holds():
    home = a_department(PROVIDER)
    whole = a_policy(ChainStep((AUTHORITY,)), department="")
    assert chains.policy_for(home.uscc, "330000", "", "conditional") == whole
    assert chains.policy_for(a_department("杭州市某局", region="330100").uscc, "330100", "", "conditional") == whole
    own = a_policy(ChainStep((SECURITY,)))
    typed = a_policy(ChainStep((named(WATER),)), sharing_type="conditional")
    assert chains.policy_for(home.uscc, "330000", "", "unconditional") == own
    assert chains.policy_for(home.uscc, "330000", "", "conditional") == typed
    again = a_policy(ChainStep((named(TAX),)), sharing_type="conditional")
    typed.refresh_from_db()
    assert typed.ended_at and chains.policy_for(home.uscc, "330000", "", "conditional") == again


def test_a_head_adds_steps_of_his_own_department_and_no_more():
    head = a_provider_head()
    own = usecases.set_policy(PolicyDraft(head.department, steps=(ChainStep((AUTHORITY,)),), reason="内部制度"), by=head)
    assert not own.ordered
    for draft in (
        PolicyDraft("", reason="x"),
        PolicyDraft(a_department(WATER).uscc, reason="x"),
        PolicyDraft(head.department, sharing_type="unconditional", automatic=True, reason="x"),
    ):
        with pytest.raises(Refused):
            usecases.set_policy(draft, by=head)
    ordered = a_policy(ChainStep((SECURITY,)))
    with pytest.raises(Refused):
        usecases.set_policy(PolicyDraft(head.department, reason="取消"), by=head)
    with pytest.raises(Refused):
        usecases.end_policy(ordered.pk, by=head)
    with pytest.raises(Unknown):
        usecases.end_policy(ordered.pk, by=head_of(WATER))
    usecases.end_policy(ordered.pk, by=the_authority())
    with pytest.raises(IllegalMove):
        usecases.end_policy(ordered.pk, by=the_authority())


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"reason": " "}, {"reason"}),
        ({"level": "secret"}, {"level"}),
        ({"sharing_type": "withheld"}, {"sharing_type"}),
        ({"automatic": True, "sharing_type": "conditional"}, {"automatic"}),
        ({"automatic": True, "sharing_type": "unconditional", "level": "core"}, {"automatic"}),
        ({"automatic": True, "sharing_type": "unconditional", "steps": (ChainStep((AUTHORITY,)),)}, {"steps"}),
        ({"steps": (ChainStep((Post("provider_head", "named", "11330000999999999X"),)),)}, {"steps.0.posts.0.department"}),
        ({"steps": (ChainStep((Post("auditor"),)),)}, {"steps.0.posts.0.role"}),
    ],
)
def test_what_does_not_read_in_a_policy_is_told(changes, fields):
    with pytest.raises(Malformed) as refused:
        a_policy(**changes)
    assert refused.value.fields.keys() == fields
    assert DecisionPolicy.objects.count() == 0


def test_the_way_a_request_would_take_is_told_before_it_is_made():
    a_policy(ChainStep((named(WATER), AUTHORITY)))
    the_authority()
    version = of_level("core")
    way = face.steps_of(version.resource.code, ("name",), by=an_applicant())
    assert (way.automatic, way.level, [step.decides for step in way.steps]) == (False, "core", [False, False, True])
    first, second, last = way.steps
    assert [(post.department_name, post.filled) for post in first.posts] == [(WATER, False), ("", True)]
    assert [post.role for post in second.posts] == ["security_officer"]
    assert last.posts[0].department_name == PROVIDER
    a_policy(sharing_type="unconditional", automatic=True)
    assert face.steps_of(a_resource(an_open_draft()).resource.code, ("code",), by=an_applicant()).automatic
    with pytest.raises(Unknown):
        face.steps_of("000/0", by=an_applicant())


def test_several_are_endorsed_each_for_itself():
    first, second, drafted = a_request(stage=Stage.FILED), a_request(stage=Stage.FILED), a_request(stage=Stage.DRAFT)
    numbers = [first.number, drafted.number, "R00000000-0000", second.number, first.number]
    made = usecases.endorse_requests(numbers, by=a_consumer_head())
    assert [(one.number, one.stage, one.error and one.error.code) for one in made] == [
        (first.number, "endorsed", None), (drafted.number, "", "illegal_move"), ("R00000000-0000", "", "unknown"),
        (second.number, "endorsed", None),
    ]  # fmt: skip
    with pytest.raises(Malformed):
        usecases.endorse_requests([], by=a_consumer_head())
