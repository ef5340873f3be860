# SPDX-License-Identifier: Apache-2.0
"""Decision chains (多级审批、会签): who gives an opinion on a request before the provider's head decides it.

Kept here: the last step is always the provider's head alone, since the answer is the provider's (809 art. 21); important
data pass the authority, core data the security officer too, whatever a policy says (GB/T 43697-2024); a chain is a plain
value, so that a dry run and a real request walk the same way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled
from datong.kernel.sharing import Level

MOST_STEPS = 6
MOST_POSTS = 8
ASKABLE = (Role.PROVIDER_HEAD, Role.COMPILER, Role.CONSUMER_HEAD, Role.AUTHORITY, Role.SECURITY)
"""Roles a policy may ask for an opinion."""


class Opinion(Labelled):
    """What a step says."""

    AGREE = "agree", "同意"
    PART = "part", "部分同意"
    OBJECT = "object", "反对"


class Mode(Labelled):
    """How many of a step's posts have to answer."""

    ALL = "all", "会签"
    ONE = "one", "任一即可"


class Home(Labelled):
    """Whose a post is."""

    OWN = "own", "提供部门"
    REGION = "region", "同级主管部门"
    NODE = "node", "本节点"
    NAMED = "named", "指定部门"


class StepStage(Labelled):
    """Where one step of a decision stands."""

    WAITING = "waiting", "尚未轮到"
    OPEN = "open", "待出具意见"
    ANSWERED = "answered", "已出具意见"
    SPARED = "spared", "他人已办，免办"
    ENDED = "ended", "申请已结束，免办"


STEP_MOVES: Mapping[StepStage, frozenset[StepStage]] = {
    StepStage.WAITING: frozenset({StepStage.OPEN, StepStage.ENDED}),
    StepStage.OPEN: frozenset({StepStage.ANSWERED, StepStage.SPARED, StepStage.ENDED, StepStage.WAITING}),
    StepStage.ANSWERED: frozenset(),
    StepStage.SPARED: frozenset(),
    StepStage.ENDED: frozenset(),
}
"""Stage to the stages that may follow it; the last step waits again when the level of the data rose."""

STEP_LABELS: Mapping[StepStage, str] = {stage: stage.label for stage in StepStage}
"""Stage to what people read."""

STEP_HOLDER: Mapping[StepStage, Role | None] = {
    StepStage.WAITING: None,
    StepStage.OPEN: Role.PROVIDER_HEAD,
    StepStage.ANSWERED: None,
    StepStage.SPARED: None,
    StepStage.ENDED: None,
}
"""Stage to the role that acts next: the one the step itself names, the provider's head where no policy names another."""

STEP_TAG: Mapping[StepStage, str] = {
    StepStage.WAITING: "sharing.step.laid_out",
    StepStage.OPEN: "sharing.step.opened",
    StepStage.ANSWERED: "sharing.step.answered",
    StepStage.SPARED: "sharing.step.spared",
    StepStage.ENDED: "sharing.step.ended",
}
"""Stage to the act recorded when it is reached; a chain of the provider's head alone leaves the request's own acts."""
VACANT = "sharing.step.vacant"
"""Nobody holds the post of a step: an error that is told, never an approval."""


@dataclass(frozen=True, slots=True)
class Post:
    """Who is asked.

    Attributes:
        department: Credit code where the home is named, else empty.
    """

    role: str
    home: str = Home.OWN.value
    department: str = ""

    def plain(self) -> dict[str, str]:
        """Give the post as JSON."""
        return {"role": self.role, "home": self.home, "department": self.department}


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One step: its posts answer together, all of them or any."""

    posts: tuple[Post, ...]
    mode: str = Mode.ALL.value

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Read a stored step."""
        return cls(posts=tuple(Post(**post) for post in raw["posts"]), mode=raw["mode"])

    def plain(self) -> dict[str, Any]:
        """Give the step as JSON."""
        return {"mode": self.mode, "posts": [post.plain() for post in self.posts]}


DECIDER = Post(Role.PROVIDER_HEAD.value)
LAST = ChainStep((DECIDER,))
AUTHORITY = Post(Role.AUTHORITY.value, Home.REGION.value)
SECURITY = Post(Role.SECURITY.value, Home.NODE.value)
BY_LEVEL: Mapping[str, tuple[Post, ...]] = {Level.IMPORTANT: (AUTHORITY,), Level.CORE: (AUTHORITY, SECURITY)}
"""Level to the posts that give an opinion whatever a policy says."""


@dataclass(frozen=True, slots=True)
class PostView:
    """A post of one chain, with names.

    Attributes:
        department: Credit code; empty where any department of the region (or node) holds it.
        filled: Whether somebody holds it who had no hand in the request.
    """

    role: str
    department: str
    department_name: str
    region: str
    filled: bool


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a chain; `decides` marks the last one."""

    position: int
    mode: str
    posts: tuple[PostView, ...]
    decides: bool


@dataclass(frozen=True, slots=True)
class Route:
    """The way a request would take.

    Attributes:
        automatic: Answered at once by the node, on the authority's policy; then nobody is asked.
        level: The highest level of what is asked for.
        policy: Number of the policy it rests on, None where none applies.
    """

    steps: tuple[StepView, ...]
    automatic: bool
    level: str
    policy: int | None


def chain(asked: Sequence[ChainStep], level: str) -> tuple[ChainStep, ...]:
    """Give the whole chain: what a policy asks for, what the level asks for, and the provider's head last."""
    bound = {post for step in asked if step.mode == Mode.ALL or len(step.posts) == 1 for post in step.posts}
    more = tuple(post for post in BY_LEVEL.get(level, ()) if post not in bound)
    return (*asked, *((ChainStep(more),) if more else ()), LAST)


def may_be_automatic(level: str, sharing_type: str) -> bool:
    """Tell whether the law lets an answer be automatic: unconditional, and below important (809 art. 21)."""
    return sharing_type == "unconditional" and level not in BY_LEVEL


def is_held(post: tuple[str, str, str], by: Officer) -> bool:
    """Tell whether an officer holds a post.

    Args:
        post: Role, department and region, the latter two empty where it does not matter.
        by: The officer.
    """
    role, department, region = post
    if not by.holds(Role(role)):
        return False
    return by.department == department if department else by.region == region if region else True


def steps_faults(steps: Iterable[ChainStep]) -> dict[str, str]:
    """Give what does not read in the steps of a policy, as `steps.0.posts.1.role`."""
    listed = list(steps)
    if len(listed) > MOST_STEPS:
        return {"steps": f"不得超过 {MOST_STEPS} 个环节 (at most {MOST_STEPS} steps)"}
    faults: dict[str, str] = {}
    for place, step in enumerate(listed):
        if step.mode not in list(Mode):
            faults[f"steps.{place}.mode"] = f"请选择 (choose one of): {', '.join(Mode)}"
        if not 1 <= len(step.posts) <= MOST_POSTS:
            faults[f"steps.{place}.posts"] = f"每个环节1到{MOST_POSTS}个岗位 (1 to {MOST_POSTS} posts)"
        if len(set(step.posts)) < len(step.posts):
            faults[f"steps.{place}.posts"] = "岗位重复 (a post is named twice)"
        for seat, post in enumerate(step.posts):
            faults |= {f"steps.{place}.posts.{seat}.{name}": said for name, said in _post_faults(post).items()}
    return faults


def _post_faults(post: Post) -> dict[str, str]:
    faults: dict[str, str] = {}
    if post.role not in list(ASKABLE):
        faults["role"] = f"请选择 (choose one of): {', '.join(ASKABLE)}"
    if post.home not in list(Home):
        faults["home"] = f"请选择 (choose one of): {', '.join(Home)}"
    if (post.home == Home.NAMED) != bool(post.department):
        faults["department"] = "指定部门时必填，否则留空 (needed for a named department, else empty)"
    if post.home == Home.REGION and post.role != Role.AUTHORITY:
        faults["home"] = "同级主管部门只有主管部门岗位 (the region's post is the authority's)"
    if post.home == Home.NODE and post.role != Role.SECURITY:
        faults["home"] = "本节点岗位只有安全保密员 (the node's post is the security officer's)"
    if post == DECIDER:
        faults["role"] = "提供部门负责人总在最后一个环节答复，不必列出 (the provider's head decides last anyway)"
    return faults


def check_steps(steps: Sequence[ChainStep]) -> None:
    """Check the steps of a policy.

    Raises:
        Malformed: With each place at fault.
    """
    faults = steps_faults(steps)
    if faults:
        raise Malformed("办理环节有误 (the steps do not read)", fields=faults, remedy="改正所列内容 (correct what is named)")
