# SPDX-License-Identifier: Apache-2.0
"""Periods: the statutory clocks of every context, their reminders and 督办; above the calendar, below all who count."""
