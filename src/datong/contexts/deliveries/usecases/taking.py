# SPDX-License-Identifier: Apache-2.0
"""Give out addresses of delivered files: for the browser of an officer, and for a program for some days.

Kept here: an address is a right to one file of one delivery until its end, given to the consumer alone and recorded; the
gateway looks at each read whether the grant still stands, so suspending it stops every address at once.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.deliveries import permissions, queries
from datong.contexts.deliveries.domain.stages import DeliveryStage
from datong.contexts.deliveries.usecases import telling
from datong.contexts.sharing import face as sharing
from datong.crypto import keys
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed, Refused, Unknown
from datong.wire import deliveries as wire

BROWSER_LIFE = 3600
MOST_HOURS = 7 * 24


@transaction.atomic
def give_address(number: str, name: str, *, by: Officer, hours: int = 1) -> tuple[str, int]:
    """Give the address of a file.

    Args:
        number: Of the delivery.
        name: Of the file.
        by: An officer of the consumer.
        hours: How long it is good for, 1 to 168.

    Returns:
        The address and its end in seconds since 1970; it is shown this once.

    Raises:
        Unknown: No such delivery or file, or none visible.
        Refused: Not of the consumer, nothing to fetch, or the grant is not in force.
        Malformed: The hours are out of bounds.
    """
    row = queries.delivery(number, by=by)
    permissions.check_may_take(by, row.grant.consumer_id)
    if row.stage != DeliveryStage.READY:
        raise Refused(
            "这次交付没有可下载的文件 (there is nothing to fetch)",
            fields={"stage": row.stage_label},
            remedy="再要一次交付 (ask for another delivery)",
        )
    grant = sharing.grant(row.grant_id, by=by)
    if grant.stage != "active":
        raise Refused(f"授权 {grant.number} 不在有效状态 (the grant is not in force)", remedy="请提供部门恢复 (ask the provider)")
    file = next((one for one in row.files if one["name"] == name), None)
    if file is None:
        raise Unknown("没有这个文件 (there is no such file)")
    if not 1 <= hours <= MOST_HOURS:
        raise Malformed("有效时间不合要求 (the hours do not fit)", fields={"hours": f"1 … {MOST_HOURS}"})
    ends = int(time.time()) + hours * 3600
    place = wire.Place(grant.client_id, grant.resource, grant.number, row.number, name)
    secret = keys.load_secret(settings.NODE_FOLDER.key, wire.SECRET)
    address = wire.address(secret, settings.NODE.gateway_address, place, ends)
    facts = {"grant": grant.number, "file": name, "sha256": file["sha256"], "rows": file["rows"], "ends": ends}
    telling.done_with(row, by=by)
    audit.record("deliveries.address.given", by=by, subject=row.number, facts=facts)
    return address, ends
