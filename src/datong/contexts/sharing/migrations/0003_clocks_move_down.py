# SPDX-License-Identifier: Apache-2.0
"""The clocks of requests and grants become rows of `periods`, as those of the catalogue are."""

from django.db import migrations

MOVE = """
insert into periods_clock (subject_kind, subject, title, href, role, department, region, rule, started_at, days, extended_days,
    due, calendar_version, published, warning, stopped_at, stopped_by)
select subject_kind, subject, '', '', '', '', '', rule, started_at, days, 0,
    due, calendar_version, published, warning, stopped_at, stopped_by from sharing_clock
"""


class Migration(migrations.Migration):
    """Move the rows, drop the table."""

    dependencies = [("sharing", "0002_grants_stand"), ("periods", "0001_initial")]
    operations = [migrations.RunSQL(MOVE, migrations.RunSQL.noop), migrations.DeleteModel(name="Clock")]
