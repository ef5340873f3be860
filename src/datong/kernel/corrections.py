# SPDX-License-Identifier: Apache-2.0
"""What somebody reports as wrong in shared data: the same words at every door (809 art. 26, 校核).

Kept here: the kinds of error, the kinds of valid proof a citizen may show, and what a report must say, every fault named
at once. Control plane and gateway read a report by this one rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from datong.kernel import texts
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled

RULE_26 = "政务数据共享条例第二十六条"
RULE_51 = "《政务信息资源共享管理暂行办法》（国发〔2016〕51号）第十四条"
GOES_ON = (
    "已出示合法有效证明材料，业务照常办理，不得拒绝、推诿或者要求办事人办理信息更正手续"
    " (valid proof is shown: the case goes on, and nobody may refuse it or ask the citizen to have the record corrected)"
)
SHOW_PROOF = "办事人出示合法有效证明材料的，登记证照后照常办理 (once valid proof is shown and written down, the case goes on)"
LONGEST: Mapping[str, int] = {"item": 63, "found": 1000, "expected": 1000, "case": 100, "proof_number": 100}
LONGEST_EVIDENCE = 2000
LONGEST_KEY = 200
MOST_KEYS = 8


class ReportKind(Labelled):
    """What is wrong (809 art. 26)."""

    CATALOG = "catalog", "目录有误"
    DATA = "data", "数据有误"
    INTERFACE = "interface", "接口问题"


class ProofKind(Labelled):
    """Valid proof a citizen or enterprise shows at a window (国发〔2016〕51号 art. 14)."""

    RESIDENT_CARD = "resident_card", "居民身份证"
    HOUSEHOLD_REGISTER = "household_register", "居民户口簿"
    BUSINESS_LICENCE = "business_licence", "营业执照"
    LEGAL_INSTRUMENT = "legal_instrument", "生效法律文书"
    OTHER = "other", "其他合法有效证明材料"


@dataclass(frozen=True, slots=True)
class Report:
    """One report as handed in.

    Attributes:
        kind: A value of `ReportKind`.
        key: Key item to its value: which record; empty where no record is meant.
        item: Field of the item that is wrong.
        found: Value found; empty where it is missing.
        expected: What it should be.
        evidence: Why, in words.
        case: Number of the case at the window, where one waits for this.
        proof_kind: A value of `ProofKind`, or empty.
        proof_number: Number on the proof.
    """

    kind: str
    key: Mapping[str, str] = field(default_factory=dict)
    item: str = ""
    found: str = ""
    expected: str = ""
    evidence: str = ""
    case: str = ""
    proof_kind: str = ""
    proof_number: str = ""


def settle(report: Report) -> Report:
    """Clean a report and check that it says enough to be verified.

    Raises:
        Malformed: Naming every field that lacks or does not fit.
    """
    faults: dict[str, str] = {}
    cleaned = {name: _cleaned(name, getattr(report, name), faults) for name in LONGEST}
    cleaned["evidence"] = _words(report.evidence, faults)
    made = replace(report, key=_key(report.key, faults), **cleaned)
    for name, said in _lacks(made).items():
        faults.setdefault(name, said)
    if faults:
        raise Malformed("报告不完整，见各字段 (the report is not complete: see the fields)", fields=faults, rule=RULE_26)
    return made


def settle_proof(kind: str, number: str) -> tuple[str, str]:
    """Clean and check a proof that is shown.

    Raises:
        Malformed: Kind unknown or number missing.
    """
    faults: dict[str, str] = {}
    cleaned = _cleaned("proof_number", number, faults)
    faults |= {} if faults else _proof_lacks(kind or "-", cleaned)
    if faults:
        raise Malformed("证照信息不完整 (the proof is not complete)", fields=faults)
    return kind, cleaned


def _lacks(made: Report) -> dict[str, str]:
    lacks: dict[str, str] = {}
    if made.kind not in list(ReportKind):
        lacks["kind"] = "目录有误、数据有误或者接口问题 (catalog, data or interface)"
    if made.kind == ReportKind.DATA:
        lacks |= {} if made.item else {"item": "写明哪个信息项有误 (name the item)"}
        lacks |= {} if made.found or made.expected else {"expected": "写明查到的值或者应为的值 (say what it is or should be)"}
    elif not made.evidence:
        lacks["evidence"] = "写明错在哪里、依据是什么 (say what is wrong and why)"
    return lacks | _proof_lacks(made.proof_kind, made.proof_number)


def _proof_lacks(kind: str, number: str) -> dict[str, str]:
    if not kind and not number:
        return {}
    lacks = {} if kind in list(ProofKind) else {"proof_kind": "选择证照种类 (choose the kind of proof)"}
    return lacks | ({} if number else {"proof_number": "填写证照号码 (give its number)"})


def _key(key: Mapping[str, str], faults: dict[str, str]) -> dict[str, str]:
    made = {}
    for name, value in list(key.items())[: MOST_KEYS + 1]:
        try:
            made[texts.line("key", name, longest=63)] = texts.line("key", value, longest=LONGEST_KEY)
        except Malformed as error:
            faults |= error.fields
    if len(key) > MOST_KEYS:
        faults["key"] = f"最多{MOST_KEYS}项 (at most {MOST_KEYS})"
    return made


def _cleaned(name: str, text: str, faults: dict[str, str]) -> str:
    try:
        return texts.line(name, text, longest=LONGEST[name], least=0)
    except Malformed as error:
        faults |= error.fields
        return ""


def _words(text: str, faults: dict[str, str]) -> str:
    try:
        return texts.lines("evidence", text, longest=LONGEST_EVIDENCE)
    except Malformed as error:
        faults |= error.fields
        return ""
