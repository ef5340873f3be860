# SPDX-License-Identifier: Apache-2.0
"""Format-preserving masks for databases that have no such cipher: the kernel's reference with FF1, one value at a time."""

from datong.crypto import ff1
from datong.kernel.masks import Mask, apply


def formed(text: str, form: str, key: bytes) -> str:
    """Give another text of a form for one that has it, and stars for any other.

    Args:
        text: A value.
        form: One of `kernel.masks.FORMS`.
        key: Secret of the grant.

    Raises:
        Malformed: No such form, or no key.
    """
    return str(apply(Mask("format", form=form), text, key=key, permute=ff1.encrypt))
