# SPDX-License-Identifier: Apache-2.0
"""Django's settings, composed of small rooms; the node's file and the environment come through `datong.config.node.env`."""

from datong.config.settings.base import *  # noqa: F403
from datong.config.settings.messages import *  # noqa: F403
from datong.config.settings.security import *  # noqa: F403
from datong.config.settings.storage import *  # noqa: F403
