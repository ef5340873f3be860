# SPDX-License-Identifier: Apache-2.0
"""Days out of submitted forms; what does not read is named."""

from __future__ import annotations

from datetime import date

from django.http import QueryDict

from datong.kernel.errors import Malformed


def day(posted: QueryDict, name: str) -> date | None:
    """Read a day, None where it was left open.

    Raises:
        Malformed: It is no date.
    """
    text = posted.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        fault = {name: "不是日期，如 2026-12-31 (not a date)"}
        raise Malformed("日期填写有误 (a date does not read)", fields=fault) from None
