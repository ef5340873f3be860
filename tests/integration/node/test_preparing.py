# SPDX-License-Identifier: Apache-2.0
"""What happens to the database before anything is served."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from datong.config import wiring
from datong.config.node import prepare
from datong.contexts.audit import face as audit
from datong.kernel.actors import SYSTEM
from datong.kernel.errors import Refused


@pytest.mark.django_db
def test_a_database_of_a_newer_program_is_refused_and_left_alone():
    MigrationRecorder(connection).record_applied("catalog", "9999_from_the_future")
    assert prepare.unknown_migrations() == ["catalog.9999_from_the_future"]
    with pytest.raises(Refused, match=r"newer Datong: catalog\.9999_from_the_future") as refused:
        prepare._migrate()
    assert refused.value.remedy


@pytest.mark.django_db
def test_a_database_of_this_program_lacks_nothing():
    assert prepare.unknown_migrations() == []
    assert prepare.pending_migrations() == []
    assert prepare._migrate() == []


@pytest.mark.django_db
def test_a_migration_of_an_application_that_is_gone_is_no_sign_of_the_future():
    MigrationRecorder(connection).record_applied("taken_out_long_ago", "0001_initial")
    assert prepare.unknown_migrations() == []


@pytest.mark.django_db
def test_seeds_may_be_sown_twice():
    for seed in wiring.seeds():
        seed()
    before = len(audit.acts(by=SYSTEM))
    for seed in wiring.seeds():
        seed()
    assert len(audit.acts(by=SYSTEM)) == before


@pytest.mark.django_db
def test_the_first_administrator_is_made_once():
    made = wiring.first_administrator()
    assert made is not None
    account, password = made
    assert account == "admin" and len(password) >= 12
    assert wiring.first_administrator() is None


@pytest.mark.django_db
def test_beats_have_names_of_their_own_and_run_on_an_empty_database():
    beats = (*wiring.beats(), *wiring.senders())
    assert len({beat.name for beat in beats}) == len(beats)
    for beat in beats:
        beat.run()
