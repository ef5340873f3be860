# SPDX-License-Identifier: Apache-2.0
"""Find a MariaDB server for the tests, or install one: `python requirements/mariadb.py` prints its path, or nothing.

Kept here: the machine's own comes first, then apt-get where this is root on Debian or Ubuntu. It is never started as a
service of the machine; the tests start it themselves in a folder of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("mariadbd", "mysqld")
PACKAGE = "mariadb-server"
PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
SILENT = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # policy-rc.d and invoke-rc.d start nothing at this level


def found() -> str | None:
    """A server that is here and that mariadb-install-db stands beside."""
    given = [os.environ.get("DATONG_MARIADBD"), *(shutil.which(name, path=PLACES) for name in NAMES)]
    installs = shutil.which("mariadb-install-db", path=PLACES)
    return next((program for program in given if program and installs), None)


def fetch() -> None:
    """Try to install one as root."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _run(["apt-get", "update", "-qq"])
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", PACKAGE])


def _run(command: list[str]) -> None:
    print(" ".join(command), file=sys.stderr)
    try:
        subprocess.run(command, check=False, stdout=sys.stderr, timeout=600, env=os.environ | SILENT)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)


if __name__ == "__main__":
    server = found()
    if server is None:
        fetch()
        server = found()
    print(server or "")
