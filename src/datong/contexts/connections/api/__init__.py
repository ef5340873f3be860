# SPDX-License-Identifier: Apache-2.0
"""The connections API: add, list, test, replace the secret, retire; a secret goes in and never comes out."""

from datong.contexts.connections.api import routes

router = routes.router
