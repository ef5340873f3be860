# SPDX-License-Identifier: Apache-2.0
"""What may be disputed between two departments (809 art. 28), as the contexts that hold it tell the context of disputes.

Kept here: a dispute is about something that happened; which matters there are is read from the thing itself, never typed.
"""

from dataclasses import dataclass

from datong.kernel.labels import Labelled


class Disputable(Labelled):
    """What a dispute is about (争议对象)."""

    REQUEST = "request", "共享申请"
    GRANT = "grant", "共享授权"
    CORRECTION = "correction", "数据校核"
    ENTRY = "entry", "政务数据目录"


class Matter(Labelled):
    """What happened that is disputed (争议事由)."""

    REFUSED = "refused", "不同意共享"
    PARTIAL = "partial", "给的比申请的少"
    LATE = "late", "逾期未答复或者未提供"
    SUSPENDED = "suspended", "暂停授权"
    STOPPED = "stopped", "终止授权"
    ALTERED = "altered", "变更服务"
    NOT_CORRECTED = "not_corrected", "不予更正"
    CORRECTION_LATE = "correction_late", "逾期未核实更正"
    WITHHELD = "withheld", "列为不予共享"
    CONDITIONS = "conditions", "自设共享条件"


@dataclass(frozen=True, slots=True)
class Disputed:
    """A thing as an officer who sees it may dispute it.

    Attributes:
        kind: What it is.
        code: Number or code people know it by.
        title: What people call it.
        href: Page that shows it.
        resource: Code of the resource.
        provider: Credit code of the providing department.
        consumer: Credit code of the using department; "" where any department may be the other side.
        matters: What happened to it that may be disputed now.
    """

    kind: Disputable
    code: str
    title: str
    href: str
    resource: str
    provider: str
    consumer: str
    matters: tuple[Matter, ...]
