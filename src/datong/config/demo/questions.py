# SPDX-License-Identifier: Apache-2.0
"""60 questions of clerks with the answer each must give, over the made-up catalogue: what search is measured by.

Kept here: an answer is a part of the name, or of the department's name, that one of the first hits must carry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WITHIN = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """One question.

    Attributes:
        text: What is typed.
        name: What the name of a hit must hold.
        provider: What the name of that hit's department must hold.
        why: What it tries.
    """

    text: str
    name: str = ""
    provider: str = ""
    why: str = ""


def answers(asked: Asked, hits: Iterable[tuple[str, str]]) -> bool:
    """Whether one of the first hits, as (name, department), is what was meant."""
    first = list(hits)[:WITHIN]
    return any(asked.name in name and asked.provider in provider for name, provider in first)


def _all(why: str, *rows: tuple[str, str, str]) -> tuple[Asked, ...]:
    return tuple(Asked(text, name, provider, why) for text, name, provider in rows)


QUESTIONS: tuple[Asked, ...] = (
    *_all(
        "two characters",
        ("户籍", "户籍", "公安"),
        ("婚姻", "婚姻", "民政"),
        ("殡葬", "殡葬", "民政"),
        ("学籍", "学籍", "教育"),
        ("排污", "排污", "生态环境"),
        ("林权", "林权", "自然资源"),
        ("商标", "商标", "市场监督"),
        ("献血", "献血", "卫生健康"),
        ("农机", "农机", "农业农村"),
        ("公证", "公证", "司法"),
    ),
    *_all(
        "whole words and phrases",
        ("常住人口登记信息", "常住人口登记信息", "公安"),
        ("不动产登记", "不动产登记", "自然资源"),
        ("最低生活保障", "最低生活保障", "民政"),
        ("食品经营许可", "食品经营许可", "市场监督"),
        ("环境影响评价", "环境影响评价", "生态环境"),
        ("失业保险", "失业保险", "人力资源"),
        ("教师资格基本信息", "教师资格基本信息", "教育"),
        ("特种设备", "特种设备", "市场监督"),
    ),
    *_all(
        "department and matter",
        ("人力资源和社会保障厅", "", "人力资源和社会保障厅"),
        ("杭州市公安局 居住证", "杭州市居住证", "杭州市公安局"),
        ("西湖区民政局", "", "西湖区民政局"),
        ("浙江省税务局发票", "浙江省发票", "浙江省税务局"),
        ("宁波 公积金", "宁波市住房公积金", "宁波"),
        ("湖北 医疗救助", "湖北省医疗救助", "湖北"),
        ("重庆市交通运输局网约车", "网约车", "重庆市交通运输局"),
        ("深圳 企业登记", "深圳市企业登记", "深圳"),
    ),
    *_all(
        "abbreviations and other names",
        ("人社", "", "人力资源和社会保障"),
        ("人社厅 社保卡", "社会保障卡", "人力资源"),
        ("卫健委", "", "卫生健康"),
        ("市监局", "", "市场监督管理"),
        ("发改委", "", "发展和改革"),
        ("住建厅", "", "住房和城乡建设"),
        ("医保局", "", "医疗保障"),
        ("驾照", "机动车驾驶证", "公安"),
        ("低保", "最低生活保障", "民政"),
        ("环评", "环境影响评价", "生态环境"),
        ("户口", "常住人口", "公安"),
        ("公租房", "公共租赁住房", "住房"),
        ("政采", "政府采购", "财政"),
        ("房产证", "不动产", "自然资源"),
    ),
    *_all(
        "sounds and initials",
        ("huji", "户籍", "公安"),
        ("changzhurenkou", "常住人口", "公安"),
        ("yibao", "", "医疗保障"),
        ("rst", "", "人力资源和社会保障厅"),
        ("jdcjsz", "机动车驾驶证", "公安"),
        ("budongchan", "不动产", "自然资源"),
        ("paiwuxukez", "排污许可证", "生态环境"),
        ("bdcdj", "不动产登记", ""),
    ),
    *_all(
        "typos",
        ("护籍迁移", "户籍迁移", "公安"),
        ("婚烟登记", "婚姻登记", "民政"),
        ("公基金", "公积金", "住房"),
        ("排污许克证", "排污许可证", "生态"),
        ("驾使证", "驾驶证", "公安"),
        ("chagnzhurenkou", "常住人口", "公安"),
        ("不动产等记", "不动产登记", "自然资源"),
        ("特困人园", "特困人员", "民政"),
    ),
    *_all("codes", ("307001/12", "", ""), ("330106 户籍", "西湖区户籍", "西湖区公安局")),
    *_all("items", ("车牌号码 机动车", "机动车", "公安"), ("licence_no 旅行社", "旅行社", "文化和旅游")),
)
