# SPDX-License-Identifier: Apache-2.0
"""The audit application."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Django's handle on the audit context."""

    name = "datong.contexts.audit"
    label = "audit"
    verbose_name = "留痕"
