# SPDX-License-Identifier: Apache-2.0
"""The evidence of one grant or call as a file for a dispute, over all logs, with everything that proves it.

Kept here: who searches the evidence may take it away, and that it was taken is on record before the file is made. What the other
side holds, a receipt or a checkpoint, is proved to be a beginning of the logs, or that it is none is the finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from tempfile import TemporaryFile
from typing import IO

from django.conf import settings
from django.db import transaction

from datong.contexts.audit import queries
from datong.contexts.audit.permissions import check_may_search
from datong.contexts.audit.usecases.recording import record
from datong.kernel.actors import Officer
from datong.kernel.errors import Conflict, DatongError, Malformed, Unavailable, Unknown
from datong.ledger import bundles, exports
from datong.ledger.merkle import BadProof

MOST = 2_000_000
"""Records of all logs together that a request looks through; more are exported on the machine of the node."""


def export_evidence(where: Mapping[str, str], *, known: str = "", by: Officer) -> IO[bytes]:
    """Make the file, which both verifiers take.

    Args:
        where: `grant` or `request_id` that the records have in common.
        known: A receipt or checkpoint that the other side holds, "" for none.
        by: Who takes it.

    Raises:
        Refused: Not one of those who search the evidence.
        Malformed: Nothing to look for, or what is held is neither receipt nor checkpoint.
        Conflict: A log does not go on from what is held: this is the dispute.
        Unavailable: A log is damaged, or there are too many records.
    """
    check_may_search(by)
    if not where:
        raise Malformed("写明授权或者调用编号 (name a grant or a call)", fields={"grant": "填写其中一项 (name one of them)"})
    held = _held(known)
    if sum(one.size for one in queries.logs()) > MOST:
        remedy = "请系统管理员在节点机器上导出：datong ledger export (have it exported on the machine of the node)"
        raise Unavailable(f"留痕超过 {MOST:,} 条，页面上导不完 (too many records for a page)", remedy=remedy)
    with transaction.atomic():
        facts = {"where": dict(where), "known": bool(known)}
        record("audit.evidence.exported", by=by, subject=next(iter(where.values())), facts=facts)
    return _written(where, *held)


def _held(known: str) -> tuple[list[exports.Checkpoint], list[bundles.Merged]]:
    try:
        return exports.known_states([known] if known.strip() else [])
    except DatongError:
        words = "须是一张回执、一份检查点或者节点检查点，整串粘贴 (a receipt or checkpoint, whole)"
        raise Malformed("对方所持的内容读不出来 (what is held cannot be read)", fields={"known": words}) from None


def _written(where: Mapping[str, str], known: list[exports.Checkpoint], held: list[bundles.Merged]) -> IO[bytes]:
    file = TemporaryFile()  # noqa: SIM115  closed by whoever sends it
    try:
        file.writelines(bundles.lines(settings.NODE_FOLDER.evidence, where, known=known, held=held))
    except BadProof as error:
        file.close()
        words = "本节点的日志接续不上对方所持的状态，没有生成文件 (a log does not go on from what is held: no file was made)"
        remedy = "这就是争议所在：保全双方所持的内容，校验全部留痕 (this is the finding: keep what both hold, verify everything)"
        raise Conflict(words, rule=str(error), remedy=remedy) from None
    except Unknown:
        file.close()
        words = "不是本节点的日志 (it is of no log of this node)"
        raise Malformed("对方所持的内容与本节点无关 (what is held is of another node)", fields={"known": words}) from None
    except DatongError:
        file.close()
        raise
    file.seek(0)
    return file
