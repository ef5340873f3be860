# SPDX-License-Identifier: Apache-2.0
"""Organisations: regions, departments, people, roles, application systems, the calendar."""
