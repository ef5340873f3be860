# SPDX-License-Identifier: Apache-2.0
"""Reports of errors with their evidence, the inbox of the gateways, recalls with their receipts."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('organisations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True)),
                ('kind', models.CharField(choices=[('catalog', '目录有误'), ('data', '数据有误'), ('interface', '接口问题')], max_length=16)),
                ('version', models.PositiveIntegerField(help_text='number of the catalogue version when it was reported')),
                ('batch', models.BigIntegerField(help_text='batch that served when it was reported', null=True)),
                ('reporter', models.CharField(help_text='account, or client id of the application', max_length=150)),
                ('reporter_role', models.CharField(help_text='post that is told of the answer', max_length=32)),
                ('door', models.CharField(choices=[('page', '页面'), ('api', '管理接口'), ('gateway', '数据网关')], max_length=16)),
                ('grant', models.CharField(blank=True, default='', help_text='under which the data were used', max_length=24)),
                ('item', models.CharField(blank=True, default='', help_text='field of the item that is wrong', max_length=63)),
                ('sealed', models.BinaryField(help_text='key, values, words, number of the proof')),
                ('case', models.CharField(blank=True, default='', help_text='办件编号', max_length=100)),
                ('proof_kind', models.CharField(blank=True, choices=[('resident_card', '居民身份证'), ('household_register', '居民户口簿'), ('business_licence', '营业执照'), ('legal_instrument', '生效法律文书'), ('other', '其他合法有效证明材料')], default='', max_length=32)),
                ('stage', models.CharField(choices=[('filed', '待核实'), ('verifying', '核实中'), ('corrected', '已更正'), ('rejected', '不予更正'), ('closed', '已评价'), ('withdrawn', '已撤回')], default='filed', max_length=16)),
                ('filed_at', models.DateTimeField(help_text='when it was received: the clock starts')),
                ('taken_up_by', models.CharField(blank=True, default='', max_length=150)),
                ('taken_up_at', models.DateTimeField(null=True)),
                ('answered_by', models.CharField(blank=True, default='', max_length=150)),
                ('answered_at', models.DateTimeField(null=True)),
                ('opinion', models.TextField(blank=True, default='', help_text='of the answer')),
                ('corrected_batch', models.BigIntegerField(help_text='batch that carries the correction', null=True)),
                ('corrected_version', models.PositiveIntegerField(help_text='catalogue version that carries the correction', null=True)),
                ('checked', models.CharField(blank=True, choices=[('not_checked', '未能自动核对'), ('still', '仍是所报的值'), ('changed', '已不是所报的值'), ('as_expected', '已是应为的值'), ('gone', '记录已不在新版本中')], default='', max_length=16)),
                ('told', models.PositiveIntegerField(default=0, help_text='departments told of the corrected version')),
                ('rating', models.CharField(blank=True, choices=[('very_satisfied', '非常满意'), ('satisfied', '满意'), ('fair', '基本满意'), ('dissatisfied', '不满意'), ('very_dissatisfied', '非常不满意')], default='', max_length=24)),
                ('rating_words', models.CharField(blank=True, default='', max_length=500)),
                ('rated_by', models.CharField(blank=True, default='', max_length=150)),
                ('rated_at', models.DateTimeField(null=True)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.resource', to_field='code')),
            ],
            options={
                'db_table': 'corrections_correction',
                'ordering': ['-filed_at', '-number'],
                'indexes': [models.Index(fields=['provider', 'stage'], name='corrections_provider'), models.Index(fields=['department', 'stage'], name='corrections_department'), models.Index(fields=['resource', 'stage'], name='corrections_resource')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('taken_up_at', None), ('taken_up_by', '')), models.Q(models.Q(('taken_up_by', ''), _negated=True), ('taken_up_at__isnull', False)), _connector='OR'), name='corrections_taken_up_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('answered_by', '')), models.Q(models.Q(('answered_by', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='corrections_answered_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('rated_at', None), ('rated_by', '')), models.Q(models.Q(('rated_by', ''), _negated=True), ('rated_at__isnull', False)), _connector='OR'), name='corrections_rated_by_and_at'), models.CheckConstraint(condition=models.Q(('stage__in', ['filed', 'verifying', 'withdrawn']), ('answered_at__isnull', False), _connector='OR'), name='corrections_answered'), models.CheckConstraint(condition=models.Q(models.Q(('stage', 'rejected'), _negated=True), models.Q(('opinion', ''), _negated=True), _connector='OR'), name='corrections_rejection_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('stage', 'corrected'), _negated=True), models.Q(('corrected_batch__isnull', False), ('kind', 'data')), models.Q(('corrected_version__isnull', False), ('kind', 'catalog')), ('kind', 'interface'), _connector='OR'), name='corrections_names_its_version')],
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('digest', models.CharField(help_text='SHA-256, hexadecimal', max_length=64)),
                ('size', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('correction', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='corrections.correction')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('correction', 'digest'), name='corrections_evidence_once')],
            },
        ),
        migrations.CreateModel(
            name='Inbox',
            fields=[
                ('reference', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(help_text='when the gateway received it')),
                ('client', models.CharField(max_length=64)),
                ('resource', models.CharField(max_length=44)),
                ('digest', models.CharField(db_default='', help_text='keyed; empty once the report is answered', max_length=64)),
                ('sealed', models.BinaryField(db_default=b'', help_text='the letter; empty once it is taken in')),
                ('number', models.CharField(db_default='', help_text='of the report it became', max_length=24)),
                ('due', models.DateField(help_text="last day of the provider's answer", null=True)),
                ('problem', models.CharField(db_default='', help_text='why it could not be taken in', max_length=500)),
                ('taken_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'corrections_inbox',
                'ordering': ['at', 'reference'],
                'indexes': [models.Index(condition=models.Q(('taken_at', None)), fields=['at'], name='corrections_inbox_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('digest', ''), _negated=True), fields=('client', 'digest'), name='corrections_inbox_once')],
            },
        ),
        migrations.CreateModel(
            name='Recall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True)),
                ('batch', models.BigIntegerField(help_text='number of the landed batch; recalled once', unique=True)),
                ('landed_at', models.DateTimeField(help_text='when that batch began to serve')),
                ('reason', models.TextField()),
                ('stage', models.CharField(choices=[('open', '召回中'), ('finished', '召回完成')], default='open', max_length=16)),
                ('opened_by', models.CharField(max_length=150)),
                ('opened_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.resource', to_field='code')),
            ],
            options={
                'ordering': ['-opened_at', '-number'],
                'indexes': [models.Index(fields=['provider', 'stage'], name='corrections_recall_provider')],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='corrections_recall_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grants', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), help_text='under which it could have received them', size=None)),
                ('stage', models.CharField(choices=[('outstanding', '待回执'), ('answered', '已回执')], default='outstanding', max_length=16)),
                ('disposal', models.CharField(blank=True, choices=[('destroyed', '已销毁'), ('replaced', '已用新版本替换'), ('not_received', '未收到该批数据')], default='', max_length=16)),
                ('words', models.CharField(blank=True, default='', max_length=1000)),
                ('answered_by', models.CharField(blank=True, default='', max_length=150)),
                ('answered_at', models.DateTimeField(null=True)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('recall', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='corrections.recall')),
            ],
            options={
                'ordering': ['recall', 'pk'],
                'indexes': [models.Index(fields=['department', 'stage'], name='corrections_receipt_waiting')],
                'constraints': [models.UniqueConstraint(fields=('recall', 'department'), name='corrections_one_receipt'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('answered_by', ''), ('disposal', ''), ('stage', 'outstanding')), models.Q(('answered_at__isnull', False), ('stage', 'answered'), models.Q(('answered_by', ''), _negated=True), models.Q(('disposal', ''), _negated=True)), _connector='OR'), name='corrections_receipt_answered')],
            },
        ),
    ]
