# SPDX-License-Identifier: Apache-2.0
"""GET …/openapi.json: the OpenAPI document of the grant a caller holds, and of nothing else; nothing is looked up.

Kept here: the grant is chosen as for a call, by whatever it covers, and the document is written by the one generator that
the control plane shows it with. Who holds no grant on the resource learns as little as from a call. It counts against no
quota and is evidence of a kind of its own.
"""

import orjson

from datong.gateway.answers import Answer
from datong.gateway.snapshot import Standing
from datong.wire.granted.document import document
from datong.wire.policy import Client


def answer(standing: Standing, client: Client, server: str) -> Answer:
    """Answer one call for the document of a grant."""
    return Answer(200, orjson.dumps(document(standing.grant, standing.resource, client, server=server)))
