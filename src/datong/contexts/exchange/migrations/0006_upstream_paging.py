# SPDX-License-Identifier: Apache-2.0
"""Interfaces of providers that hand out their rows in pages."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0005_calls_counted'),
    ]

    operations = [
        migrations.AddField(
            model_name='upstream',
            name='paging',
            field=models.JSONField(default=dict, help_text='paging and its parameters, as connections read them; {}: all at once'),
        ),
    ]
