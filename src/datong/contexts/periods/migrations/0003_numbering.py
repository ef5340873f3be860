# SPDX-License-Identifier: Apache-2.0
"""One counter for the numbers of everything that periods run on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("periods", "0002_standing_still")]

    operations = [
        migrations.CreateModel(
            name="Numbering",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=4)),
                ("day", models.DateField()),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "day"), name="periods_numbering_once")],
            },
        ),
    ]
