# SPDX-License-Identifier: Apache-2.0
"""Answers to writes that came with an idempotency key."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=255)),
                ('request', models.CharField(help_text='keyed digest of method, address and body', max_length=64)),
                ('status', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(help_text='content type', max_length=100)),
                ('body', models.BinaryField(help_text='null: it held a secret and is kept nowhere', null=True)),
                ('at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, to_field='username')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'key'), name='organisations_answer_once')],
            },
        ),
    ]
