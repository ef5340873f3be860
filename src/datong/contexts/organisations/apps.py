# SPDX-License-Identifier: Apache-2.0
"""The organisations application."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Django's handle on the organisations context."""

    name = "datong.contexts.organisations"
    label = "organisations"
    verbose_name = "机构"
