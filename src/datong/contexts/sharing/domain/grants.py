# SPDX-License-Identifier: Apache-2.0
"""What others see of a grant: its signed document and the stage it is in now."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from datong.wire.policy import Grant as PolicyGrant


@dataclass(frozen=True, slots=True)
class GrantView:
    """One grant.

    Attributes:
        document: As signed; see `datong.wire.grants`.
        policy: The row a gateway's policy carries.
    """

    number: str
    request: str
    stage: str
    resource: str
    client_id: str
    consumer: str
    provider: str
    valid_from: date
    valid_until: date
    document: dict[str, Any]
    policy: PolicyGrant
