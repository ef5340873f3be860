# SPDX-License-Identifier: Apache-2.0
"""What the demonstration catalogues: departments, people, resources and where their rows lie in examples/data.

Everything is real and shippable but the two tables marked 合成数据, whose persons and enterprises are generated.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from datong.kernel.identifiers import uscc_check_digit


def as_json(mapping: dict[str, str]) -> str:
    """A mapping as the attach form takes it."""
    return json.dumps(mapping, ensure_ascii=False)


def _uscc(serial: int) -> str:
    first = f"11330000{serial:09d}"
    return first + uscc_check_digit(first)


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the story, and the roles its people hold: account -> (name, roles)."""

    short: str
    name: str
    serial: int
    people: dict[str, tuple[str, tuple[str, ...]]]

    @property
    def uscc(self) -> str:
        """A made-up credit code with a valid check digit (合成数据)."""
        return _uscc(self.serial)


PROVIDING = ("provider_compiler", "provider_head")
ASKING = ("consumer_applicant", "consumer_head")


def _team(stem: str, names: tuple[str, ...], roles: tuple[str, ...]) -> dict[str, tuple[str, tuple[str, ...]]]:
    suffix = {"provider_compiler": "bm", "provider_head": "fz", "consumer_applicant": "sq", "consumer_head": "ld"}
    return {f"{stem}_{suffix[role]}": (name, (role,)) for name, role in zip(names, roles, strict=True)}


DEPARTMENTS = (
    Department("民政厅", "浙江省民政厅", 101, _team("mz", ("周编目", "吴厅长"), PROVIDING)),
    Department("卫健委", "浙江省卫生健康委员会", 102, _team("wj", ("郑编目", "王主任"), PROVIDING)),
    Department("交通厅", "浙江省交通运输厅", 103, _team("jt", ("冯编目", "陈厅长", "褚申请", "卫负责"), PROVIDING + ASKING)),
    Department("市监局", "浙江省市场监督管理局", 104, _team("sj", ("蒋编目", "沈局长"), PROVIDING)),
    Department("公安厅", "浙江省公安厅", 105, _team("ga", ("韩编目", "杨厅长"), PROVIDING)),
    Department("人社厅", "浙江省人力资源和社会保障厅", 106, _team("rs", ("朱申请", "秦负责"), ASKING)),
    Department("医保局", "浙江省医疗保障局", 107, _team("yb", ("尤申请", "许负责"), ASKING)),
    Department("数据局", "浙江省数据局", 108, {"sj_zg": ("何主管", ("authority",))}),
    Department("审计厅", "浙江省审计厅", 109, {"sj_js": ("吕审计", ("auditor",)), "aq_gl": ("施安全", ("security_officer",))}),
)


def item(name: str, column: str, kind: str = "C", length: int = 100, **more: Any) -> dict[str, Any]:
    """One item: field, Chinese name, type letter, length in bytes, and what differs from the plain case."""
    plain = {"nullable": True, "key": False, "query": False, "personal": False, "level": "general_1"}
    return {"field": name, "name": column, "type": kind, "length": length if kind in "CMG" else None, **plain, **more}


KEY = {"key": True, "query": True, "nullable": False}
ASK = {"query": True}
PERSONAL = {"personal": True, "level": "general_3"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource of the story: its metadata, its items, its file and the columns that differ from the items' names."""

    tag: str
    provider: str
    class_code: str
    file: str
    meta: dict[str, Any]
    items: tuple[dict[str, Any], ...]
    mapping: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


def _meta(name: str, abstract: str, sharing: str, **more: Any) -> dict[str, Any]:
    plain = {
        "name": name,
        "abstract": abstract,
        "format_class": "spreadsheet",
        "format_type": "csv",
        "sharing_type": sharing,
        "sharing_scope": "全省各级政府部门",
        "sharing_use": ["administrative_basis", "verification"],
        "sharing_methods": ["call", "verify"],
        "use_conditions": "仅用于履行法定职责，不得扩大使用范围或者提供给第三方",
        "opening_type": "closed",
        "update_cycle": "irregular",
        "level": "general_1",
        "secrecy_assessment": "经评估不涉及国家秘密、工作秘密（保评〔2026〕1号）",
        "personal_assessment": "经评估不含个人信息（个评〔2026〕1号）",
        "contact": "0571-00000000",
    }
    return plain | more


ENTRIES = (
    Entry(
        "divisions",
        "民政厅",
        "103101",
        "divisions-areacodes/result.csv",
        _meta(
            "县级以上行政区划代码及变更沿革",
            "1981年以来县级以上行政区划代码的启用、变更和弃用，含新旧代码对应",
            "unconditional",
            update_cycle="yearly",
            opening_type="open",
        ),
        (
            item("code", "代码", length=6, query=True, nullable=False),
            item("province", "一级行政区", **ASK),
            item("prefecture", "二级行政区"),
            item("name", "名称", **ASK),
            item("level", "级别", length=30, **ASK),
            item("state", "状态", length=30, **ASK),
            item("valid_from", "启用时间", length=10),
            item("valid_to", "变更/弃用时间", length=10),
            item("successors", "新代码", length=400),
        ),
    ),
    Entry(
        "villages",
        "民政厅",
        "103101",
        "villages/villages_2023_stats.parquet",
        _meta(
            "村级单位代码",
            "2023年统计用村级单位代码及名称，共620573个村（居）委会",
            "unconditional",
            sharing_methods=["call", "verify", "table"],
            update_cycle="yearly",
            opening_type="open",
            format_class="database",
            format_type="postgresql",
        ),
        (
            item("code", "村级代码", length=12, **KEY),
            item("name", "村级名称", **ASK),
            item("street_code", "乡级代码", length=9, **ASK),
            item("county_code", "县级代码", length=6, **ASK),
            item("city_code", "地级代码", length=4),
            item("province_code", "省级代码", length=2),
        ),
        {
            "code": "code",
            "name": "name",
            "street_code": "streetCode",
            "county_code": "areaCode",
            "city_code": "cityCode",
            "province_code": "provinceCode",
        },
    ),
    Entry(
        "epidemic_province",
        "卫健委",
        "202101",
        "epidemic/china_province_daily.csv",
        _meta(
            "涉疫数据（分省逐日）",
            "2019年12月1日至2020年12月8日各省每日累计确诊、疑似、治愈、死亡人数",
            "unconditional",
            update_cycle="daily",
            opening_type="open",
        ),
        (
            item("day", "日期", "D", key=True, query=True, nullable=False),
            item("province", "省份", **ASK),
            item("province_code", "省份代码", length=6, **KEY),
            item("confirmed", "累计确诊", "I"),
            item("suspected", "疑似", "I"),
            item("cured", "累计治愈", "I"),
            item("dead", "累计死亡", "I"),
        ),
        {
            "day": "date",
            "province": "province",
            "province_code": "provinceCode",
            "confirmed": "confirmed",
            "suspected": "suspected",
            "cured": "cured",
            "dead": "dead",
        },
    ),
    Entry(
        "epidemic_city",
        "卫健委",
        "202101",
        "epidemic/china_city_daily.parquet",
        _meta(
            "涉疫数据（分市逐日）",
            "2019年12月1日至2020年12月8日各地市每日累计确诊、疑似、治愈、死亡人数",
            "conditional",
            update_cycle="daily",
            sharing_scope="参与疫情防控的部门",
            format_class="database",
            format_type="postgresql",
        ),
        (
            item("day", "日期", "D", query=True, nullable=False),
            item("province", "省份"),
            item("province_code", "省份代码", length=6, **ASK),
            item("city", "城市", **ASK),
            item("city_code", "城市代码", length=6, **ASK),
            item("confirmed", "累计确诊", "I"),
            item("suspected", "疑似", "I"),
            item("cured", "累计治愈", "I"),
            item("dead", "累计死亡", "I"),
        ),
        {
            "day": "date",
            "province": "province",
            "province_code": "provinceCode",
            "city": "city",
            "city_code": "cityCode",
            "confirmed": "confirmed",
            "suspected": "suspected",
            "cured": "cured",
            "dead": "dead",
        },
    ),
    Entry(
        "trains",
        "交通厅",
        "201101",
        "trains/train_timetable_20160310.xlsx",
        _meta(
            "高速列车车次时刻",
            "2016年3月10日全国高速列车车次、起讫站和到发时刻",
            "unconditional",
            format_type="xlsx",
            opening_type="open",
        ),
        (
            item("train", "车次", length=10, query=True, nullable=False),
            item("origin", "起点", length=60, **ASK),
            item("terminus", "终点", length=60, **ASK),
            item("departs", "出发时间", length=20),
            item("arrives", "到达时间", length=20),
            item("kind", "类别", length=30),
        ),
        options={"sheet": "车次"},
    ),
    Entry(
        "enterprises",
        "市监局",
        "102101",
        "synthetic/enterprises.csv",
        _meta(
            "企业登记信息【合成数据】",
            "企业统一社会信用代码、名称、法定代表人、注册资本等登记事项；记录为生成的合成数据",
            "conditional",
            sharing_methods=["call", "verify", "subscription"],
            update_cycle="daily",
            sharing_scope="履行监管、社保、医保职责的部门",
            level="general_3",
            personal_assessment="含法定代表人姓名，已完成个人信息保护影响评估（个评〔2026〕7号）",
        ),
        (
            item("uscc", "统一社会信用代码", length=18, **KEY),
            item("name", "企业名称", length=300, **ASK),
            item("legal_representative", "法定代表人", length=60, **PERSONAL),
            item("registered_capital", "注册资本（万元）", "N", precision=4),
            item("established", "成立日期", "D"),
            item("region", "行政区划代码", length=6, **ASK),
            item("status", "登记状态", length=30, **ASK),
            item("address", "住所", length=600),
            item("scope", "经营范围", "M", 4000),
            item("origin", "数据性质", length=30),
        ),
    ),
    Entry(
        "persons",
        "公安厅",
        "101101",
        "synthetic/persons.csv",
        _meta(
            "人口基本信息【合成数据】",
            "公民身份号码、姓名、住址等基本信息；记录为生成的合成数据",
            "conditional",
            update_cycle="realtime",
            sharing_scope="依法需要核验身份的部门",
            level="general_3",
            personal_assessment="含个人信息，已完成个人信息保护影响评估（个评〔2026〕9号）",
        ),
        (
            item("resident_id", "公民身份号码", length=18, key=True, query=True, nullable=False, **PERSONAL),
            item("name", "姓名", length=60, **PERSONAL),
            item("sex", "性别", length=6, **PERSONAL),
            item("birth", "出生日期", "D", **PERSONAL),
            item("phone", "联系电话", length=20, **PERSONAL),
            item("address", "住址", length=600, **PERSONAL),
            item("region", "户籍区划代码", length=6, **ASK),
            item("origin", "数据性质", length=30),
        ),
    ),
    Entry(
        "visits",
        "卫健委",
        "202101",
        "synthetic/visits.parquet",
        _meta(
            "门诊就诊登记【合成数据】",
            "门诊就诊流水、科室、日期和费用，共120万条；记录为生成的合成数据",
            "conditional",
            update_cycle="monthly",
            sharing_scope="履行医疗保障、卫生健康职责的部门",
            sharing_methods=["call", "table"],
            format_class="database",
            format_type="postgresql",
            level="general_3",
            personal_assessment="含姓名、电话，已完成个人信息保护影响评估（个评〔2026〕11号）",
        ),
        (
            item("visit", "就诊流水号", length=12, **KEY),
            item("name", "姓名", length=60, **PERSONAL),
            item("phone", "联系电话", length=20, **PERSONAL),
            item("region", "区划代码", length=6),
            item("day", "就诊日期", "D"),
            item("ward", "科室", length=60),
            item("fee", "费用（元）", "N", precision=2),
            item("origin", "数据性质", length=30),
        ),
    ),
)
