# SPDX-License-Identifier: Apache-2.0
"""Numbers are given by periods, one counter for every context; those given already stay given."""

from django.db import migrations

COPY = """
    insert into periods_numbering (kind, day, last) select kind, day, last from sharing_numbering
    on conflict (kind, day) do update set last = greatest(periods_numbering.last, excluded.last)
"""


class Migration(migrations.Migration):
    dependencies = [("periods", "0003_numbering"), ("sharing", "0007_decision_chains")]

    operations = [
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.DeleteModel(name="Numbering"),
    ]
