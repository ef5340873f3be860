# SPDX-License-Identifier: Apache-2.0
"""Deliveries, and those that repeat."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('sharing', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wanted', models.JSONField(help_text='what is asked for each time')),
                ('made_by', models.CharField(max_length=150)),
                ('made_at', models.DateTimeField()),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ending', models.CharField(blank=True, default='', help_text='why it ended', max_length=300)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sharing.grant', to_field='number')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True)),
                ('mark', models.CharField(help_text="chance: with the number it names the delivery in a consumer's ledger", max_length=16)),
                ('channel', models.CharField(choices=[('file', '文件下载'), ('table', '批量交换')], max_length=16)),
                ('stage', models.CharField(choices=[('queued', '排队中'), ('running', '交付中'), ('ready', '可下载'), ('delivered', '已送达'), ('failed', '交付失败'), ('withdrawn', '已撤回'), ('lapsed', '已过期')], default='queued', max_length=16)),
                ('wanted', models.JSONField(help_text='form, encoding, guard, traced, connection, place, mode, columns')),
                ('target', models.CharField(blank=True, default='', help_text='the connection by its name; empty: to fetch', max_length=300)),
                ('asked_by', models.CharField(max_length=150)),
                ('asked_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('cancel_asked', models.BooleanField(default=False)),
                ('lake_version', models.BigIntegerField(null=True)),
                ('rows_done', models.BigIntegerField(default=0)),
                ('rows', models.BigIntegerField(null=True)),
                ('size', models.BigIntegerField(default=0, help_text='bytes of the files')),
                ('digest', models.CharField(blank=True, default='', help_text='SHA-256 of the manifest, or the sum of the rows', max_length=64)),
                ('files', models.JSONField(default=list, help_text='name, size, rows, sha256, sm3 of each')),
                ('told_apart_by', models.JSONField(default=list, help_text='columns of the traceable order: field and name of each')),
                ('sides', models.JSONField(default=dict, help_text='counts and sums of both sides of a table')),
                ('error', models.TextField(blank=True, default='')),
                ('log', models.JSONField(default=list, help_text='lines a person can read, oldest first')),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sharing.grant', to_field='number')),
                ('retries', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='retried_by', to='deliveries.delivery')),
                ('schedule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='deliveries.schedule')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['stage', '-id'], name='delivery_by_stage')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('stage__in', ['queued', 'running'])), fields=('schedule',), name='deliveries_one_unfinished_of_a_schedule')],
            },
        ),
    ]
