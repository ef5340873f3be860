# SPDX-License-Identifier: Apache-2.0
"""Tallies of calls, by hour and how long they took."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0002_upstream'),
    ]

    operations = [
        migrations.CreateModel(
            name='CallTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gateway', models.CharField(max_length=8)),
                ('hour', models.DateTimeField()),
                ('resource', models.CharField(blank=True, default='', help_text='empty where no grant covered the call', max_length=64)),
                ('client', models.CharField(blank=True, default='', max_length=64)),
                ('department', models.CharField(blank=True, default='', max_length=18)),
                ('channel', models.CharField(blank=True, default='', max_length=16)),
                ('code', models.CharField(max_length=40)),
                ('step', models.PositiveSmallIntegerField(help_text='place of the edge in wire.tallies.STEPS')),
                ('calls', models.PositiveBigIntegerField()),
                ('rows', models.PositiveBigIntegerField()),
                ('bytes', models.PositiveBigIntegerField()),
                ('stamp', models.BigIntegerField(help_text="of the gateway's book, from which the next collecting goes on")),
            ],
            options={
                'indexes': [models.Index(fields=['hour'], name='exchange_tally_hour'), models.Index(fields=['resource', 'hour'], name='exchange_tally_resource'), models.Index(fields=['department', 'hour'], name='exchange_tally_department'), models.Index(fields=['gateway', 'stamp'], name='exchange_tally_stamp')],
                'constraints': [models.UniqueConstraint(fields=('gateway', 'hour', 'resource', 'client', 'department', 'channel', 'code', 'step'), name='exchange_call_tally_once')],
            },
        ),
    ]
