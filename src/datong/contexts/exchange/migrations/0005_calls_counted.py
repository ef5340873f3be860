# SPDX-License-Identifier: Apache-2.0
"""As how many calls the tallied ones count against the quotas of a day."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0004_calls_of_a_batch'),
    ]

    operations = [
        migrations.AddField(
            model_name='calltally',
            name='counted',
            field=models.PositiveBigIntegerField(default=0, help_text='as how many they count against the quotas of a day'),
        ),
    ]
