# SPDX-License-Identifier: Apache-2.0
"""Process of the data plane."""

from datong.config import env, logs
from datong.config.node import serve


def main() -> None:
    """Serve the gateway on the node's gateway port."""
    logs.configure("gateway")
    _, config = env.node()
    serve.serve("datong.config.gateway_asgi:app", config.host, config.gateway_port)
