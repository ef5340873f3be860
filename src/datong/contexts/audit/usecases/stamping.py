# SPDX-License-Identifier: Apache-2.0
"""Time stamps over node checkpoints: an authority (RFC 3161) vouches from outside when the evidence was there.

Kept here: only the hash of a checkpoint leaves the node. What the authority answers is kept when it is over that very
checkpoint, answers this very question, is vouched for by the roots the administrator put there, and tells about the time the
node's clock does; whatever else happens, nothing waits for it and the next attempt begins anew.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction

from datong.contexts.audit import queries
from datong.contexts.audit.usecases.recording import record
from datong.crypto import timestamps
from datong.crypto.timestamps import BadStamp
from datong.kernel import reach
from datong.kernel.actors import SYSTEM
from datong.kernel.errors import Unavailable
from datong.kernel.reach import Hindrance
from datong.ledger import stamps
from datong.ledger.merged import Merged
from datong.ledger.stamps import Stamped
from datong.wire import posting

ASKED_AS = {"content-type": "application/timestamp-query", "accept": "application/timestamp-reply"}
SKEW = timedelta(minutes=5)
NONCE_BITS = 63


def stamp_checkpoint(now: datetime | None = None) -> int | None:
    """Have the newest node checkpoint stamped, when the last stamp is old enough.

    Args:
        now: The clock.

    Returns:
        Number of the checkpoint; None where nothing was due, or nobody is to be asked.

    Raises:
        BadStamp: The authority gave none, or one that does not prove this checkpoint here and now.
        BadSignature: The checkpoint is not this node's.
        Unavailable: The authority is not reached, or its roots are missing.
    """
    moment, node = now or datetime.now(UTC), queries.node_checkpoint()
    if node is None or not queries.stamp_due(node, moment):
        return None
    node.check(queries.node_verifier())
    made, authority = _stamped(node, moment)
    with transaction.atomic():
        facts = {"number": node.number, "at": made.said.at.isoformat(), "authority": authority, "checkpoint": node.name}
        record("audit.evidence.stamped", by=SYSTEM, subject=settings.NODE.code, facts=facts)
        stamps.add(settings.NODE_FOLDER.evidence, made)
    return node.number


def _stamped(node: Merged, now: datetime) -> tuple[Stamped, str]:
    roots = stamps.roots(settings.NODE_FOLDER.evidence)
    if not roots:
        raise Unavailable(
            f"缺少时间戳服务的根证书 evidence/{stamps.ROOTS} (the roots of the authority are missing)",
            remedy=f"由系统管理员放入 evidence/{stamps.ROOTS} (the administrator puts them there, PEM)",
        )
    data, nonce = stamps.data_of(node), secrets.randbits(NONCE_BITS)
    token = timestamps.token_of(_answer(timestamps.question(data, nonce)))
    if len(token) > stamps.LARGEST_TOKEN:
        raise BadStamp("时间戳过大 (the time stamp is too large)")
    said, authority = timestamps.check(token, data, roots)
    if said.nonce != nonce:
        raise BadStamp("时间戳答的不是这次的提问 (the time stamp answers another question)")
    if abs(said.at - now) > SKEW:
        raise BadStamp(f"时间戳的时间与本节点时钟相差太多 (its time {said.at.isoformat()} is not that of this node)")
    return Stamped(node, token), authority


def _answer(asked: bytes) -> bytes:
    """Ask the authority: at the one address its name stands for now, within seconds, reading no more than a stamp can be."""
    url = settings.NODE.timestamp_url
    _, host, port = posting.check_url(url)
    found = posting.addresses(host, port)
    why = reach.hindrance(found, settings.TIMESTAMP_NETWORKS, encrypted=True)  # only a hash goes out; the answer is signed
    if why is not Hindrance.NONE:
        raise Unavailable(
            f"时间戳服务不能访问：{host} (the authority may not be reached, or its name is unknown)",
            remedy="由系统管理员在 DATONG_TIMESTAMP_NETWORKS 中列出允许的网段 (the administrator lists its network)",
        )
    status, answer = posting.ask(url, found[0].partition("%")[0], ASKED_AS, asked, most=2 * stamps.LARGEST_TOKEN)
    if status != "HTTP 200":
        raise Unavailable(f"时间戳服务没有作答：{status} (the authority did not answer)")
    return answer
