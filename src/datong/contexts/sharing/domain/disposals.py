# SPDX-License-Identifier: Apache-2.0
"""Destroying what was got under a grant that ended (809 art. 27: dispose as the provider requires).

Kept here: each ended grant leaves one task; without certificate when it is due it is a breach (art. 40), and stays one to
be shown until the certificate comes or the provider lifts the task.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from datong.kernel.actors import Role
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled

RULE_27 = "政务数据共享条例第二十七条"


class DisposalStage(Labelled):
    """Where a task of destruction stands (数据销毁)."""

    OPEN = "open", "待销毁"
    BREACHED = "breached", "逾期未销毁"
    CERTIFIED = "certified", "已提交销毁证明"
    LIFTED = "lifted", "已免除销毁"


DISPOSAL_MOVES: Mapping[DisposalStage, frozenset[DisposalStage]] = {
    DisposalStage.OPEN: frozenset({DisposalStage.CERTIFIED, DisposalStage.BREACHED, DisposalStage.LIFTED}),
    DisposalStage.BREACHED: frozenset({DisposalStage.CERTIFIED, DisposalStage.LIFTED}),
    DisposalStage.CERTIFIED: frozenset(),
    DisposalStage.LIFTED: frozenset(),
}
"""Stage to the stages that may follow it."""

DISPOSAL_LABELS: Mapping[DisposalStage, str] = {stage: stage.label for stage in DisposalStage}
"""Stage to what people read."""

DISPOSAL_HOLDER: Mapping[DisposalStage, Role | None] = {
    DisposalStage.OPEN: Role.APPLICANT,
    DisposalStage.BREACHED: Role.APPLICANT,
    DisposalStage.CERTIFIED: None,
    DisposalStage.LIFTED: None,
}
"""Stage to the role that acts next."""

DISPOSAL_TAG: Mapping[DisposalStage, str] = {
    DisposalStage.OPEN: "sharing.disposal.ordered",
    DisposalStage.BREACHED: "sharing.disposal.breached",
    DisposalStage.CERTIFIED: "sharing.disposal.certified",
    DisposalStage.LIFTED: "sharing.disposal.lifted",
}
"""Stage to the act recorded when it is reached."""

UNSETTLED = (DisposalStage.OPEN, DisposalStage.BREACHED)


class DisposalMethod(Labelled):
    """How data were destroyed."""

    ERASED = "erased", "删除并覆写"
    CRYPTO = "crypto", "销毁密钥"
    MEDIA = "media", "销毁介质"
    NOTHING_KEPT = "nothing_kept", "未留存数据"


LARGEST_FILE = 5_000_000
FILE_KINDS: Mapping[str, bytes] = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff"}
"""Ending of a scanned certificate to the bytes it begins with."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a consumer says of the destruction.

    Attributes:
        what: Which data, and where they were.
        method: A `DisposalMethod`.
        performed_by: Who did it.
        performed_on: When.
        file_name: Of the scanned certificate, "" for none.
        file: Its bytes.
    """

    what: str = ""
    method: str = ""
    performed_by: str = ""
    performed_on: date | None = None
    file_name: str = ""
    file: bytes = b""


def check_certificate(given: Certificate, today: date) -> None:
    """Check that a certificate says what was destroyed, how, by whom and when.

    Raises:
        Malformed: With every field at fault.
    """
    faults: dict[str, str] = {}
    if not given.what.strip():
        faults["what"] = "写明销毁了哪些数据、存放在哪里 (say which data, and where they were)"
    if given.method not in list(DisposalMethod):
        faults["method"] = f"请从列表中选择 (choose one of): {', '.join(DisposalMethod)}"
    if not given.performed_by.strip():
        faults["performed_by"] = "写明由谁销毁 (say who did it)"
    if given.performed_on is None:
        faults["performed_on"] = "写明销毁日期 (say when)"
    elif given.performed_on > today:
        faults["performed_on"] = "不能晚于今天 (not after today)"
    faults |= _file_faults(given)
    if faults:
        raise Malformed("销毁证明不完整 (the certificate is not complete)", fields=faults, rule=RULE_27)


def _file_faults(given: Certificate) -> dict[str, str]:
    if not given.file_name and not given.file:
        return {}
    start = FILE_KINDS.get(given.file_name.rpartition(".")[2].lower())
    if start is None or not given.file.startswith(start):
        return {"file": "须为 PDF、PNG 或 JPG 文件 (a PDF, PNG or JPG file)"}
    if len(given.file) > LARGEST_FILE:
        return {"file": "不超过5MB (5 MB at most)"}
    return {}
