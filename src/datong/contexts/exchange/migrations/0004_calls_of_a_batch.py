# SPDX-License-Identifier: Apache-2.0
"""As how many calls a record counts: a batch is one record of many."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0003_call_tallies'),
    ]

    operations = [
        migrations.AddField(
            model_name='call',
            name='calls',
            field=models.PositiveIntegerField(default=1, help_text='as how many it counts: a batch is one record of many'),
        ),
    ]
