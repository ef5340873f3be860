# SPDX-License-Identifier: Apache-2.0
"""Batches count how often their landing was begun."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="batch",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, help_text="how often the landing was begun"),
        ),
    ]
