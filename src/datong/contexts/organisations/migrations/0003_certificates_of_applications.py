# SPDX-License-Identifier: Apache-2.0
"""Applications: thumbprints of the client certificates they connect with."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0002_guarded_applications'),
    ]

    operations = [
        migrations.AddField(
            model_name='application',
            name='certificates',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=43), default=list, help_text='thumbprints (x5t#S256) of client certificates', size=2),
        ),
    ]
