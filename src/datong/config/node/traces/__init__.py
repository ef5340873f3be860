# SPDX-License-Identifier: Apache-2.0
"""Traces of the node's processes, sent by OpenTelemetry's protocol where DATONG_TRACES says so; off otherwise."""

from collections.abc import Callable

from datong.config.node import env


def leaving(process: str) -> Callable[[], object]:
    """What a process does with its last spans before it ends; nothing where it sends none."""
    if not env.traces():
        return int
    from datong.config.node.traces import export

    return lambda: export.of_process(process).shutdown()
