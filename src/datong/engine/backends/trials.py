# SPDX-License-Identifier: Apache-2.0
"""Trials of connections: sign in and do the least thing they are for, in a process of its own.

Kept here: the time is that of the trial, without the start of the process.
"""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from datong.engine.backends import surveys
from datong.engine.backends.remote.calls import Caller
from datong.engine.backends.remote.stores import Store, Trial


def try_database(dsn: str) -> Trial:
    """Sign in to a database and count what the account may read.

    Raises:
        SourceUnreadable: Not reached or refused.
    """
    return _timed(lambda: _counted(dsn))


def try_store(store: Store) -> Trial:
    """Sign in to an object store or file server and look into its folder.

    Raises:
        SourceUnreadable: Not reached or refused.
    """
    return _timed(store.probe)


def try_interface(caller: Caller) -> Trial:
    """Call an interface.

    Raises:
        SourceUnreadable: Not reached or refused.
    """
    return _timed(caller.probe)


def _timed(task: Callable[[], Trial]) -> Trial:
    began = monotonic()
    return replace(task(), milliseconds=int((monotonic() - began) * 1000))


def _counted(dsn: str) -> Trial:
    found = len(surveys.database(dsn).tables())
    return Trial(f"已登录，可读 {found} 张表或视图 (signed in; {found} tables and views can be read)")
