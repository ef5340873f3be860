# SPDX-License-Identifier: Apache-2.0
"""What a node reaches outside: mails, webhooks, connections, stamps: through the environment alone, for it holds a secret."""

from datong.config.node import env

MAIL_SERVER = env.mail()
"""Host, port, sender and so on; None: the node sends no mails, and the pages say so."""
WEBHOOK_NETWORKS = env.webhook_networks()
CONNECTION_NETWORKS = env.connection_networks()
TIMESTAMP_NETWORKS = env.timestamp_networks()
CONNECTION_FOLDERS = env.connection_folders()
