# SPDX-License-Identifier: Apache-2.0
"""Subscriptions, where their events are pushed, batches that were given up."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('sharing', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True)),
                ('title', models.CharField(help_text='what it is for, as its makers call it', max_length=100)),
                ('stage', models.CharField(choices=[('active', '订阅中'), ('paused', '已暂停订阅'), ('ended', '已结束订阅')], default='active', max_length=16)),
                ('start', models.CharField(help_text='cursor after which it begins', max_length=64)),
                ('made_by', models.CharField(max_length=150)),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('changed_by', models.CharField(blank=True, default='', max_length=150)),
                ('changed_at', models.DateTimeField(null=True)),
                ('why', models.CharField(blank=True, default='', help_text='of its pause or end', max_length=500)),
                ('read_to', models.CharField(blank=True, default='', help_text='cursor after the last page a gateway gave', max_length=64)),
                ('read_at', models.DateTimeField(null=True)),
                ('read_events', models.BigIntegerField(default=0)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sharing.grant', to_field='number')),
            ],
            options={
                'ordering': ['-number'],
                'indexes': [models.Index(fields=['grant', 'stage'], name='subscriptions_of_grant')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('changed_at', None), ('changed_by', '')), models.Q(models.Q(('changed_by', ''), _negated=True), ('changed_at__isnull', False)), _connector='OR'), name='subscriptions_changed_by_and_at')],
            },
        ),
        migrations.CreateModel(
            name='DeadLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='webhook-id of the batch', max_length=80)),
                ('after', models.CharField(help_text='cursor before it', max_length=64)),
                ('until', models.CharField(help_text='cursor after it', max_length=64)),
                ('events', models.PositiveIntegerField()),
                ('tries', models.PositiveSmallIntegerField()),
                ('error', models.CharField(max_length=200)),
                ('stage', models.CharField(choices=[('waiting', '待处理'), ('replayed', '已重发'), ('skipped', '已跳过')], default='waiting', max_length=16)),
                ('at', models.DateTimeField()),
                ('settled_by', models.CharField(blank=True, default='', max_length=150)),
                ('settled_at', models.DateTimeField(null=True)),
                ('subscription', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dead', to='subscriptions.subscription')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('stage', 'waiting')), fields=('subscription',), name='subscriptions_one_dead_waits'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at', None), ('settled_by', '')), models.Q(models.Q(('settled_by', ''), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='subscriptions_dead_settled_by_and_at')],
            },
        ),
        migrations.CreateModel(
            name='Push',
            fields=[
                ('subscription', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='push', serialize=False, to='subscriptions.subscription')),
                ('url', models.CharField(max_length=500)),
                ('sealed', models.BinaryField(help_text='secret, sealed under the number')),
                ('sealed_before', models.BinaryField(default=b'', help_text='the secret before, which still signs for a while')),
                ('before_until', models.DateTimeField(null=True)),
                ('active', models.BooleanField(default=True)),
                ('sent_to', models.CharField(help_text='cursor after the last batch the receiver took', max_length=64)),
                ('sent_at', models.DateTimeField(null=True)),
                ('sent_events', models.BigIntegerField(default=0)),
                ('tries', models.PositiveSmallIntegerField(default=0, help_text='of the batch that is next')),
                ('batch', models.PositiveIntegerField(default=0, help_text='events of the batch that is next, once it was tried')),
                ('due_at', models.DateTimeField(help_text='not sent before')),
                ('claimed_at', models.DateTimeField(help_text='a sender has it since', null=True)),
                ('stuck', models.BooleanField(default=False, help_text='a batch was given up: a person has to decide')),
                ('error', models.CharField(blank=True, default='', help_text='of the last try; no address, no secret', max_length=200)),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('active', True), ('stuck', False)), fields=['due_at'], name='subscriptions_push_due')],
            },
        ),
    ]
