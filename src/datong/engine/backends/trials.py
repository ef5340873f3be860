# SPDX-License-Identifier: Apache-2.0
"""Trials of connections: sign in and do the least thing they are for, in a process of its own."""

from datong.engine.backends import surveys
from datong.engine.backends.remote.calls import Caller
from datong.engine.backends.remote.stores import Store, Trial


def try_database(dsn: str) -> Trial:
    """Sign in to a database and count what the account may read.

    Raises:
        SourceUnreadable: Not reached or refused.
    """
    found = len(surveys.database(dsn).tables())
    return Trial(f"已登录，可读 {found} 张表或视图 (signed in; {found} tables and views can be read)")


def try_store(store: Store) -> Trial:
    """Sign in to an object store or file server and look into its folder.

    Raises:
        SourceUnreadable: Not reached or refused.
    """
    return store.probe()


def try_interface(caller: Caller) -> Trial:
    """Call an interface.

    Raises:
        SourceUnreadable: Not reached or refused.
    """
    return caller.probe()
