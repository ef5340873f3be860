# SPDX-License-Identifier: Apache-2.0
"""GET …/openapi.json: the OpenAPI document of the grant a caller holds, and of nothing else; nothing is looked up.

Kept here: the grant is chosen as for a call, by whatever it covers, and the document is written by the one generator that
the control plane shows it with. Who holds no grant on the resource learns as little as from a call. It counts against no
quota and is evidence of a kind of its own.
"""

from collections.abc import Sequence

import orjson

from datong.gateway.answers import Answer
from datong.gateway.asking import Ask
from datong.gateway.calls import Call
from datong.gateway.granting import choose
from datong.gateway.refusals import Hindered
from datong.gateway.snapshot import Standing
from datong.wire.granted.document import document
from datong.wire.policy import Client


def answer(call: Call, standings: Sequence[Standing], ask: Ask, client: Client, server: str) -> Answer:
    """Answer one call for the document.

    Raises:
        Unknown: No grant of the caller's on the resource, or not the one named.
        Hindered, GrantAmbiguous: No grant of the caller's is in force, or several are.
    """
    try:
        standing = choose(standings, "", ask.grant, call.now)
    except Hindered as why:
        call.record.grant = why.grant
        raise
    call.record.grant, call.record.version = standing.grant.number, standing.resource.version
    return Answer(200, orjson.dumps(document(standing.grant, standing.resource, client, server=server)))
