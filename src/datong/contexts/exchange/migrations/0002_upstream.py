# SPDX-License-Identifier: Apache-2.0
"""Interfaces of providers that answer for their resources."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0001_initial'),
        ('connections', '0001_initial'),
        ('exchange', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Upstream',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('draft', '待启用'), ('serving', '应答中'), ('withdrawn', '已撤下')], default='draft', max_length=16)),
                ('method', models.CharField(default='GET', max_length=4)),
                ('path', models.CharField(help_text="follows the connection's address; {name} is a parameter of the path", max_length=500)),
                ('parameters', models.JSONField(default=list, help_text='item, name, place, needed of each')),
                ('members', models.JSONField(default=dict, help_text='item field -> member or JSON pointer in a row of the answer')),
                ('rows', models.CharField(blank=True, default='', help_text='JSON pointer to the rows, or the one record', max_length=200)),
                ('single', models.BooleanField(default=False, help_text='one record stands there')),
                ('absent', models.BooleanField(default=False, help_text='HTTP 404 says that there is no such record')),
                ('repeatable', models.BooleanField(default=False, help_text='a POST only reads, so it may be tried again')),
                ('timeout', models.PositiveSmallIntegerField(default=5, help_text='seconds for a call, further tries included')),
                ('cache', models.PositiveSmallIntegerField(default=0, help_text='seconds an answer may be kept under its grant')),
                ('made_by', models.CharField(max_length=150)),
                ('made_at', models.DateTimeField()),
                ('tried_at', models.DateTimeField(null=True)),
                ('try_passed', models.BooleanField(null=True)),
                ('try_words', models.CharField(blank=True, default='', help_text='what the last trial found; never a value', max_length=500)),
                ('try_ms', models.PositiveIntegerField(null=True)),
                ('served_by', models.CharField(blank=True, default='', max_length=150)),
                ('served_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('ended_at', models.DateTimeField(null=True)),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='connections.connection', to_field='number')),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.resource', to_field='code')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('stage__in', ['draft', 'serving'])), fields=('resource', 'stage'), name='exchange_one_upstream'), models.CheckConstraint(condition=models.Q(models.Q(('tried_at', None), ('try_passed', None)), models.Q(('tried_at__isnull', False), ('try_passed__isnull', False)), _connector='OR'), name='exchange_upstream_tried_at_and_how'), models.CheckConstraint(condition=models.Q(models.Q(('served_at', None), ('served_by', '')), models.Q(models.Q(('served_by', ''), _negated=True), ('served_at__isnull', False)), _connector='OR'), name='exchange_upstream_served_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', '')), models.Q(models.Q(('ended_by', ''), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='exchange_upstream_ended_by_and_at')],
            },
        ),
    ]
