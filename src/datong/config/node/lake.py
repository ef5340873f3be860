# SPDX-License-Identifier: Apache-2.0
"""Where the lake of a node lies: its folder, or the bucket that node.toml names.

Kept here: an address that does not read is told at the start, never at the first landing; the secret comes through the
environment and is in no message.
"""

from __future__ import annotations

import re

from datong.config.node import env
from datong.config.node.folder import ADDRESS, NodeConfig
from datong.engine.places import Bucket
from datong.kernel.errors import Malformed

URL = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[A-Za-z0-9._=-]+)*)/?")
GIB = 2**30


def bucket(config: NodeConfig) -> Bucket | None:
    """The bucket the lake lies in; None where it lies in the node's folder.

    Raises:
        Malformed: naming every setting at fault.
    """
    if not config.lake_url:
        return None
    found, secret = URL.fullmatch(config.lake_url), env.lake_secret()
    wrong = {} if found else {"lake_url": "wanted s3://bucket or s3://bucket/prefix"}
    if not ADDRESS.fullmatch(config.lake_endpoint):
        wrong["lake_endpoint"] = "wanted an address such as https://s3.example.gov.cn, without the bucket"
    if config.lake_links and not ADDRESS.fullmatch(config.lake_links):
        wrong["lake_links"] = "wanted an address such as https://s3.example.gov.cn, without the bucket"
    if not config.lake_access or not secret:
        wrong["lake_access"] = "wanted an access key, and its secret in DATONG_LAKE_SECRET"
    if wrong or found is None:
        told = ", ".join(f"{name}: {why}" for name, why in sorted(wrong.items()))
        raise Malformed(f"the lake: {told}", fields=wrong, remedy=env.MANUAL)
    return Bucket(
        endpoint=config.lake_endpoint.rstrip("/"), name=found[1], prefix=found[2].strip("/"), region=config.lake_region,
        access=config.lake_access, secret=secret, links=config.lake_links.rstrip("/"),
    )  # fmt: skip


def room(config: NodeConfig) -> int:
    """Bytes that may be kept here of what was read of the bucket."""
    return config.lake_cache_gib * GIB
