# SPDX-License-Identifier: Apache-2.0
"""Sharing terms: the closed lists a catalogue entry and a request choose from.

Kept here: English values are stable, Chinese labels are the law's words (Order 809, 发改高技〔2017〕1272号,
GB/T 43697-2024); where items of one resource differ, the strictest sharing type and the highest level hold.
"""

from collections.abc import Iterable, Mapping

from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled


class SharingType(Labelled):
    """共享类型 (Order 809 art. 14), from the freest to the strictest."""

    UNCONDITIONAL = "unconditional", "无条件共享"
    CONDITIONAL = "conditional", "有条件共享"
    WITHHELD = "withheld", "不予共享"


class OpeningType(Labelled):
    """开放类型: whether the public may have it."""

    OPEN = "open", "无条件开放"
    CONDITIONAL = "conditional", "有条件开放"
    CLOSED = "closed", "不予开放"


class BasisRank(Labelled):
    """不予共享依据: only these three withhold data (Order 809 arts. 14 and 15)."""

    LAW = "law", "法律"
    REGULATION = "regulation", "行政法规"
    STATE_COUNCIL_DECISION = "state_council_decision", "国务院决定"


class RequestBasis(Labelled):
    """使用依据 of a request (Order 809 art. 20)."""

    LAW = "law", "法律"
    REGULATION = "regulation", "行政法规"
    STATE_COUNCIL_DECISION = "state_council_decision", "国务院决定"
    DUTY = "duty", "部门职责"


class Usage(Labelled):
    """使用用途 (国发〔2016〕51号): what the shared data may serve for."""

    ADMINISTRATIVE_BASIS = "administrative_basis", "行政依据"
    REFERENCE = "reference", "工作参考"
    VERIFICATION = "verification", "数据校核"
    COORDINATION = "coordination", "业务协同"


class Channel(Labelled):
    """共享方式 (Order 809 art. 22)."""

    CALL = "call", "服务接口查询"
    VERIFY = "verify", "服务接口核验"
    TABLE = "table", "批量交换"
    FILE = "file", "文件下载"
    SUBSCRIPTION = "subscription", "变更订阅"


class DeliveryMode(Labelled):
    """供数方式 of tables, files and subscriptions: everything each time, or what changed since."""

    FULL = "full", "全量"
    INCREMENTAL = "incremental", "增量"


class UpdateCycle(Labelled):
    """更新周期, in the order of the national codes 1 to 9."""

    REALTIME = "realtime", "实时"
    DAILY = "daily", "每日"
    WEEKLY = "weekly", "每周"
    MONTHLY = "monthly", "每月"
    QUARTERLY = "quarterly", "每季度"
    HALF_YEARLY = "half_yearly", "每半年"
    YEARLY = "yearly", "每年"
    IRREGULAR = "irregular", "不定期"
    NEVER = "never", "不更新"


class Level(Labelled):
    """数据分级 (GB/T 43697-2024; general data graded 4 to 1 by its Annex H), from the highest to the lowest."""

    CORE = "core", "核心数据"
    IMPORTANT = "important", "重要数据"
    GENERAL_4 = "general_4", "一般数据四级"
    GENERAL_3 = "general_3", "一般数据三级"
    GENERAL_2 = "general_2", "一般数据二级"
    GENERAL_1 = "general_1", "一般数据一级"


class ItemType(Labelled):
    """数据类型: the eleven letters of 发改高技〔2017〕1272号."""

    C = "C", "字符型"
    N = "N", "数值型"
    Y = "Y", "货币型"
    D = "D", "日期型"
    T = "T", "日期时间型"
    L = "L", "逻辑型"
    M = "M", "备注型"
    G = "G", "通用型"
    B = "B", "双精度型"
    I = "I", "整型"  # noqa: E741  the standard's letter
    F = "F", "浮点型"


TEXT_TYPES = frozenset({ItemType.C, ItemType.M, ItemType.G})
DECIMAL_TYPES = frozenset({ItemType.N, ItemType.Y})
FLOAT_TYPES = frozenset({ItemType.F, ItemType.B})
NUMBER_TYPES = DECIMAL_TYPES | FLOAT_TYPES | {ItemType.I}
DAY_TYPES = frozenset({ItemType.D, ItemType.T})
RULE_TYPES: Mapping[str, frozenset[ItemType]] = {
    "prefix": TEXT_TYPES, "case": TEXT_TYPES, "from": DAY_TYPES, "until": DAY_TYPES,
}  # fmt: skip
"""Operator of a row rule to the types of item it works on; any other works on every type."""
MEASURE_TYPES: Mapping[str, frozenset[ItemType]] = {
    "sum": NUMBER_TYPES, "min": NUMBER_TYPES | DAY_TYPES, "max": NUMBER_TYPES | DAY_TYPES,
}  # fmt: skip
"""What an aggregate tells beside the count, to the types of item it is told of."""


class FormatClass(Labelled):
    """信息资源格式分类, in the order of the national codes 1 to 7."""

    DOCUMENT = "document", "电子文件"
    SPREADSHEET = "spreadsheet", "电子表格"
    DATABASE = "database", "数据库"
    IMAGE = "image", "图形图像"
    STREAM = "stream", "流媒体"
    SELF_DESCRIBING = "self_describing", "自描述格式"
    SERVICE = "service", "服务接口"


FORMATS: Mapping[FormatClass, tuple[str, ...]] = {
    FormatClass.DOCUMENT: ("ofd", "wps", "xml", "txt", "doc", "docx", "html", "pdf", "ppt"),
    FormatClass.SPREADSHEET: ("csv", "et", "xls", "xlsx"),
    FormatClass.DATABASE: (
        *("dm", "kingbasees", "access", "dbf", "dbase", "sybase", "oracle", "sqlserver", "db2"),
        *("postgresql", "mysql", "sqlite"),
    ),
    FormatClass.IMAGE: ("jpg", "gif", "bmp", "png"),
    FormatClass.STREAM: ("swf", "rm", "mpg", "mp4"),
    FormatClass.SELF_DESCRIBING: (),
    FormatClass.SERVICE: ("http",),
}
"""格式类型 of each class; an empty tuple takes any."""

ITEMS_REQUIRED: frozenset[FormatClass] = frozenset({FormatClass.DATABASE, FormatClass.SPREADSHEET})
"""信息项 are mandatory for these classes (1272, core metadata 8)."""

KINDS: tuple[type[Labelled], ...] = (
    SharingType, OpeningType, BasisRank, RequestBasis, Usage, Channel, DeliveryMode, UpdateCycle, Level, ItemType, FormatClass,
)  # fmt: skip

LABELS: Mapping[type[Labelled], Mapping[Labelled, str]] = {
    kind: {member: member.label for member in kind} for kind in KINDS
}
"""Label of each member by kind: members of two kinds may share a value, so one flat table could not hold them."""


def strictest(types: Iterable[SharingType]) -> SharingType:
    """Give the strictest of some sharing types.

    Raises:
        Malformed: No type given.
    """
    order = list(SharingType)
    found = sorted(types, key=order.index)
    if not found:
        raise Malformed("no sharing type given", fields={"sharing_type": "at least one"})
    return found[-1]


def highest(levels: Iterable[Level]) -> Level:
    """Give the highest of some levels (就高从严, GB/T 43697-2024).

    Raises:
        Malformed: No level given.
    """
    order = list(Level)
    found = sorted(levels, key=order.index)
    if not found:
        raise Malformed("no level given", fields={"level": "at least one"})
    return found[0]
