# SPDX-License-Identifier: Apache-2.0
"""The application of connections."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    """Django's handle on the connections context."""

    name = "datong.contexts.connections"
    label = "connections"
    verbose_name = "数据源连接"
