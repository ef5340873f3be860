# SPDX-License-Identifier: Apache-2.0
"""Room on the disk of the evidence: a warning in time, and a stop before a record could be cut short.

Kept here: looked at twice a second; between the stop and going on again lies a little room, so that one does not follow
the other at each record.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

log = logging.getLogger("datong.gateway")

EVERY: Final = 0.5
"""Seconds between two looks."""
SLACK: Final = 0.01


def filled(folder: Path) -> float:
    """How much of a folder's disk is full, from 0 to 1, as far as this user may fill it."""
    found = os.statvfs(folder)
    used = found.f_blocks - found.f_bfree
    return used / (used + found.f_bavail) if used + found.f_bavail else 1.0


class Room:
    """Room on the disk of one folder, as it was when last looked at.

    Attributes:
        share: How much is full, from 0 to 1.
        warns: Whether that is more than is well.
        shut: Whether nothing may be written any more.
    """

    def __init__(self, folder: Path, warn: float, stop: float, measure: Callable[[Path], float] = filled) -> None:
        """Look for the first time.

        Args:
            folder: On the disk.
            warn: From which share on to warn.
            stop: From which share on to stop.
            measure: Gives the share.
        """
        self._folder, self._warn, self._stop, self._measure = folder, warn, stop, measure
        self.share, self.warns, self.shut = 0.0, False, False
        self.look()

    def look(self) -> None:
        """Look again, and say in the log what changed; a disk that cannot be asked is one that cannot be written."""
        try:
            self.share = self._measure(self._folder)
        except OSError as error:
            log.warning("the disk of the evidence cannot be asked: %s", error)
            self.share = 1.0
        shut = self.share >= self._stop - (SLACK if self.shut else 0.0)
        warns = self.share >= self._warn
        if shut and not self.shut:
            log.error("the disk of the evidence is %.1f %% full: no call is answered until there is room", 100 * self.share)
        elif self.shut and not shut:
            log.warning("the disk of the evidence has room again, %.1f %% full: calls are answered", 100 * self.share)
        elif warns and not self.warns:
            log.warning("the disk of the evidence is %.1f %% full: make room", 100 * self.share)
        self.shut, self.warns = shut, warns
