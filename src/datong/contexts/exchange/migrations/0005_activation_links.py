# SPDX-License-Identifier: Apache-2.0

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0004_recipients'),
        ('sharing', '0007_decision_chains'),
    ]

    operations = [
        migrations.AddField(
            model_name='recipient',
            name='stopped_by',
            field=models.CharField(blank=True, default='', help_text='who ended it at once', max_length=150),
        ),
        migrations.AddField(
            model_name='recipient',
            name='networks',
            field=models.JSONField(default=list, help_text='networks it reads from, in CIDR notation; none: from everywhere'),
        ),
        migrations.AddField(
            model_name='recipient',
            name='last_used_at',
            field=models.DateTimeField(help_text='last request answered, as the evidence says', null=True),
        ),
        migrations.AlterField(
            model_name='recipient',
            name='ends_at',
            field=models.DateTimeField(help_text='set when a newer one was taken, or it was stopped', null=True),
        ),
        migrations.AddConstraint(
            model_name='recipient',
            constraint=models.CheckConstraint(condition=models.Q(('stopped_by', ''), ('ends_at__isnull', False), _connector='OR'), name='exchange_stopped_has_ended'),
        ),
        migrations.CreateModel(
            name='ActivationLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('secret_hash', models.CharField(help_text='SHA-256 of the secret; the secret is kept nowhere', max_length=64, unique=True)),
                ('networks', models.JSONField(help_text='networks of the recipient; null: those of the one before', null=True)),
                ('made_by', models.CharField(max_length=150)),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField(null=True)),
                ('withdrawn_by', models.CharField(blank=True, default='', help_text='also who made a newer one', max_length=150)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sharing.grant', to_field='number')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('opened_at', None), ('withdrawn_by', '')), fields=('grant',), name='exchange_one_link_of_a_grant')],
            },
        ),
        migrations.CreateModel(
            name='LinkTry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visitor', models.CharField(help_text='keyed hash of the address, another one each day', max_length=64)),
                ('hour', models.DateTimeField()),
                ('times', models.PositiveIntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(fields=['hour'], name='exchange_link_try_hour')],
                'constraints': [models.UniqueConstraint(fields=('visitor', 'hour'), name='exchange_link_try_once')],
            },
        ),
    ]
