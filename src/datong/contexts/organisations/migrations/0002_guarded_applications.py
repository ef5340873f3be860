# SPDX-License-Identifier: Apache-2.0
"""Applications: the former key while it overlaps with the new one, networks, and whether calls are signed."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='application',
            name='former_key',
            field=models.TextField(blank=True, default='', help_text='the key before, good until former_ends'),
        ),
        migrations.AddField(
            model_name='application',
            name='former_key_id',
            field=models.CharField(blank=True, default='', max_length=16),
        ),
        migrations.AddField(
            model_name='application',
            name='former_ends',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='application',
            name='networks',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), default=list, help_text='from which it calls; any where empty', size=None),
        ),
        migrations.AddField(
            model_name='application',
            name='signed',
            field=models.BooleanField(default=False, help_text='each call carries its signature (RFC 9421)'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('former_ends', None), ('former_key', ''), ('former_key_id', '')) | models.Q(models.Q(('former_key', ''), _negated=True), models.Q(('former_key_id', ''), _negated=True), ('former_ends__isnull', False)), name='organisations_former_key_and_end'),
        ),
    ]
