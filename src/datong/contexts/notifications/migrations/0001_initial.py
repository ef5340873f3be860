# SPDX-License-Identifier: Apache-2.0
"""What people chose, webhooks, messages."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organisations', '0001_initial'),
        ('organisations', '__first__'),
        ('periods', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Spread',
            fields=[
                ('notice', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='periods.notice')),
                ('messages', models.PositiveIntegerField()),
                ('at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL, to_field='username')),
                ('url', models.CharField(max_length=500)),
                ('sealed', models.BinaryField(help_text='secret, sealed under the account')),
                ('active', models.BooleanField(default=True)),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL, to_field='username')),
                ('email', models.CharField(blank=True, default='', max_length=254)),
                ('at_once', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=16), blank=True, default=list, help_text='kinds of notices', size=None)),
                ('digest', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=16), blank=True, default=list, help_text='kinds of notices', size=None)),
                ('digest_hour', models.PositiveSmallIntegerField(default=8, help_text='in Shanghai', validators=[django.core.validators.MaxValueValidator(23)])),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('digest_hour__lte', 23)), name='notifications_digest_hour')],
            },
        ),
        migrations.CreateModel(
            name='Dispatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='webhook-id, and in the Message-ID of a mail', max_length=40, unique=True)),
                ('channel', models.CharField(choices=[('email', '电子邮件'), ('webhook', '网络回调')], max_length=16)),
                ('stage', models.CharField(choices=[('queued', '待发送'), ('failed', '待重试'), ('sent', '已发送'), ('dead', '已放弃'), ('dropped', '不必再发')], default='queued', max_length=16)),
                ('digest', models.BooleanField(default=False, help_text='goes out with others of the day')),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('due_at', models.DateTimeField(help_text='not sent before')),
                ('claimed_at', models.DateTimeField(help_text='a sender has it since', null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(blank=True, default='', help_text='of the last try; no address, no secret', max_length=200)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, to_field='username')),
                ('notice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='periods.notice')),
            ],
            options={
                'ordering': ['-made_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('stage__in', ['queued', 'failed'])), fields=['due_at'], name='notifications_due'), models.Index(fields=['account', '-made_at'], name='notifications_of_account')],
                'constraints': [models.UniqueConstraint(fields=('notice', 'account', 'channel'), name='notifications_message_once'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('stage', 'sent')), models.Q(models.Q(('stage', 'sent'), _negated=True), ('sent_at', None)), _connector='OR'), name='notifications_sent_at')],
            },
        ),
    ]
