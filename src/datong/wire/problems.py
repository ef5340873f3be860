# SPDX-License-Identifier: Apache-2.0
"""The shape of a problem document (RFC 9457), as every context's API declares it; `kernel.errors.problem` writes it."""

from pydantic import BaseModel


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: dict[str, str] | None = None
    remedy: str | None = None
    rule: str | None = None
