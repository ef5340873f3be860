# SPDX-License-Identifier: Apache-2.0
"""Who may have the evidence verified and see every act."""

import pytest

from datong.contexts.audit import permissions
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Refused

WATCHERS = {Role.AUDITOR, Role.AUTHORITY, Role.SECURITY}


@pytest.mark.parametrize("role", Role)
def test_only_those_who_watch_see_all_and_verify(role):
    officer = Officer("a", "甲", "", "", "", frozenset({role}))
    assert permissions.sees_all(officer) is (role in WATCHERS)
    if role in WATCHERS:
        permissions.check_may_verify(officer)
        return
    with pytest.raises(Refused) as refused:
        permissions.check_may_verify(officer)
    assert refused.value.remedy


@pytest.mark.parametrize("role", Role)
def test_only_the_auditor_asks_who_looked_at_a_person(role):
    officer = Officer("a", "甲", "", "", "", frozenset({role}))
    assert permissions.check_may_ask_about_persons.allowed(officer) is (role is Role.AUDITOR)
