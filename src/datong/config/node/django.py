# SPDX-License-Identifier: Apache-2.0
"""Django for those commands that need the node's database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datong.kernel.errors import Unavailable


@contextmanager
def of_node(folder: Path | None) -> Iterator[None]:
    """Django set up for the node in `folder` (default: DATONG_NODE, then here).

    Raises:
        Malformed: there is no node.
        Unavailable: its database does not answer.
    """
    if folder is not None:
        os.environ["DATONG_NODE"] = str(folder.resolve())
    from datong.config.node import env

    place, _ = env.node()
    os.environ["DATONG_NODE"] = str(place.path)
    os.environ["DJANGO_SETTINGS_MODULE"] = "datong.config.settings"
    import django
    from django.db.utils import OperationalError, ProgrammingError

    django.setup()
    try:
        yield
    except (OperationalError, ProgrammingError) as error:
        raise Unavailable(
            f"the node's database does not answer: {str(error).splitlines()[0] if str(error) else error!r}",
            remedy=f"start the node: datong node up {place.path}",
        ) from None
