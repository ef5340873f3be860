# SPDX-License-Identifier: Apache-2.0
"""Why a proxied call is not answered, in words for its caller.

Kept here: a caller learns that the provider's interface is the hindrance and whether to try again, and nothing of its
address, its status, its answer or the registration: those are for the provider, in the log of the gateway.
"""

from collections.abc import Mapping
from typing import Final

from datong.engine.errors import InterfaceAway, InterfaceFault, InterfaceMisfit, InterfaceRefuses
from datong.kernel.errors import Refused
from datong.wire.policy import Resource


class UpstreamLate(InterfaceFault):
    """The provider's interface did not answer within its time."""

    code, status, title = "upstream_late", 504, "Interface of the provider too slow"


class UpstreamResting(InterfaceFault):
    """The provider's interface failed again and again; it is left alone for a while."""

    code, title = "upstream_resting", "Interface of the provider rests"


class UpstreamBusy(InterfaceFault):
    """As many calls wait for the provider's interface as may."""

    code, title = "upstream_busy", "Interface of the provider busy"


class NotByInterface(Refused):
    """The provider answers about single records by an interface of its own: nothing is summed up there."""

    code, title = "not_by_interface", "Not by the provider's interface"


AGAIN: Final = "稍后再试；持续如此请联系提供部门 (try again later; if it goes on, tell the provider)"
TELL: Final = "请把请求编号告诉提供部门 (tell the provider the request id)"
WORDS: Final[Mapping[type[InterfaceFault], tuple[str, str]]] = {
    InterfaceAway: ("提供部门的接口目前无法应答 (the interface of the provider cannot answer now)", AGAIN),
    InterfaceRefuses: ("提供部门的接口没有接受请求 (the interface of the provider did not take the request)", TELL),
    InterfaceMisfit: ("提供部门的接口应答与目录不符，未予转发 (its answer does not fit the entry and is not passed on)", TELL),
    UpstreamLate: ("提供部门的接口没有按时应答 (the interface of the provider did not answer in time)", AGAIN),
    UpstreamResting: ("提供部门的接口连续失败，暂停转发 (it failed again and again, so it is not asked for a while)", AGAIN),
    UpstreamBusy: ("等待提供部门接口的调用过多 (too many calls wait for the interface of the provider)", AGAIN),
}


def check_landed(resource: Resource) -> None:
    """Check that a resource is answered from landed rows.

    Raises:
        NotByInterface: Its provider answers by an interface.
    """
    if resource.upstream is not None:
        raise NotByInterface(
            "本资源由提供部门的接口逐件应答，不作汇总 (the provider's interface answers about single records alone)",
            remedy="查询或者核验 (ask for records, or verify)",
        )


def told(kind: type[InterfaceFault]) -> InterfaceFault:
    """The refusal as the caller reads it."""
    words, remedy = WORDS[kind]
    return kind(words, remedy=remedy)
