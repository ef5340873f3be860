# SPDX-License-Identifier: Apache-2.0
"""Disputes with their record and files, complaints by the public, how often an address knocked."""

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
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True)),
                ('code_hash', models.CharField(help_text='keyed hash of the code for looking it up', max_length=64)),
                ('form', models.CharField(help_text='of the form it came with: sent twice, it counts once', max_length=64, unique=True)),
                ('about', models.CharField(choices=[('misuse', '个人信息被超范围使用或者泄露'), ('demanded_again', '已共享的材料仍被要求重复提交'), ('wrong', '数据有误，影响办事'), ('other', '其他数据共享问题')], max_length=24)),
                ('sealed', models.BinaryField(help_text='words, department named, contact')),
                ('with_contact', models.BooleanField(default=False)),
                ('stage', models.CharField(choices=[('filed', '待分派'), ('assigned', '部门办理中'), ('replied', '待审核答复'), ('closed', '已办结')], default='filed', max_length=16)),
                ('filed_at', models.DateTimeField()),
                ('assigned_by', models.CharField(blank=True, default='', max_length=150)),
                ('assigned_at', models.DateTimeField(null=True)),
                ('replied_by', models.CharField(blank=True, default='', max_length=150)),
                ('replied_at', models.DateTimeField(null=True)),
                ('answer', models.TextField(blank=True, default='', help_text='what the complainant reads')),
                ('closed_by', models.CharField(blank=True, default='', max_length=150)),
                ('closed_at', models.DateTimeField(null=True)),
                ('department', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
            ],
            options={
                'ordering': ['-filed_at', '-number'],
                'indexes': [models.Index(fields=['department', 'stage'], name='disputes_complaint_department')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('assigned_at', None), ('assigned_by', '')), models.Q(models.Q(('assigned_by', ''), _negated=True), ('assigned_at__isnull', False)), _connector='OR'), name='disputes_complaint_assigned_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('replied_at', None), ('replied_by', '')), models.Q(models.Q(('replied_by', ''), _negated=True), ('replied_at__isnull', False)), _connector='OR'), name='disputes_complaint_replied_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', '')), models.Q(models.Q(('closed_by', ''), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='disputes_complaint_closed_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('stage__in', ['assigned', 'replied']), _negated=True), ('department__isnull', False), _connector='OR'), name='disputes_complaint_has_department'), models.CheckConstraint(condition=models.Q(models.Q(('stage', 'closed'), _negated=True), models.Q(models.Q(('answer', ''), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='disputes_complaint_answered')],
            },
        ),
        migrations.CreateModel(
            name='ComplaintEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('filed', '登记投诉'), ('assigned', '分派部门'), ('replied', '部门答复'), ('sent_back', '退回重新答复'), ('closed', '办结答复')], max_length=16)),
                ('words', models.TextField(blank=True, default='')),
                ('department_name', models.CharField(blank=True, default='', max_length=200)),
                ('account', models.CharField(max_length=150)),
                ('name', models.CharField(max_length=100)),
                ('at', models.DateTimeField()),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='disputes.complaint')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True)),
                ('kind', models.CharField(choices=[('request', '共享申请'), ('grant', '共享授权'), ('correction', '数据校核'), ('entry', '政务数据目录')], max_length=16)),
                ('subject', models.CharField(help_text='number or code of what is disputed', max_length=44)),
                ('subject_title', models.CharField(max_length=300)),
                ('subject_href', models.CharField(max_length=200)),
                ('matter', models.CharField(choices=[('refused', '不同意共享'), ('partial', '给的比申请的少'), ('late', '逾期未答复或者未提供'), ('suspended', '暂停授权'), ('stopped', '终止授权'), ('altered', '变更服务'), ('not_corrected', '不予更正'), ('correction_late', '逾期未核实更正'), ('withheld', '列为不予共享'), ('conditions', '自设共享条件')], max_length=24)),
                ('opened_side', models.CharField(choices=[('consumer', '使用部门'), ('provider', '提供部门'), ('authority', '主管部门')], max_length=16)),
                ('claim', models.TextField(help_text='what the opening party asks for')),
                ('stage', models.CharField(choices=[('negotiating', '双方协商中'), ('agreed', '协商一致'), ('coordinating', '主管部门协调中'), ('instructed', '已作出协调意见'), ('appealed', '待人民政府决定'), ('decided', '人民政府已决定'), ('carried_out', '协调意见已落实'), ('withdrawn', '已撤回')], default='negotiating', max_length=16)),
                ('region', models.CharField(help_text='division whose authority coordinates: same level or common superior', max_length=6)),
                ('region_name', models.CharField(max_length=100)),
                ('opened_by', models.CharField(max_length=150)),
                ('opened_at', models.DateTimeField()),
                ('agreement', models.TextField(blank=True, default='', help_text='text both heads have to assent to')),
                ('consumer_agreed_by', models.CharField(blank=True, default='', max_length=150)),
                ('consumer_agreed_at', models.DateTimeField(null=True)),
                ('provider_agreed_by', models.CharField(blank=True, default='', max_length=150)),
                ('provider_agreed_at', models.DateTimeField(null=True)),
                ('escalated_by', models.CharField(blank=True, default='', max_length=150)),
                ('escalated_at', models.DateTimeField(null=True)),
                ('instruction', models.TextField(blank=True, default='')),
                ('reasons', models.TextField(blank=True, default='', help_text='of the instruction')),
                ('instruction_document', models.CharField(blank=True, default='', help_text='文号, where there is one', max_length=100)),
                ('instructed_by', models.CharField(blank=True, default='', max_length=150)),
                ('instructed_at', models.DateTimeField(null=True)),
                ('appealed_by', models.CharField(blank=True, default='', max_length=150)),
                ('appealed_at', models.DateTimeField(null=True)),
                ('decision', models.TextField(blank=True, default='', help_text="text of the government's decision")),
                ('decision_document', models.CharField(blank=True, default='', help_text='文号 of the decision', max_length=100)),
                ('decided_by', models.CharField(blank=True, default='', help_text='who recorded it', max_length=150)),
                ('decided_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('ended_at', models.DateTimeField(null=True)),
                ('consumer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.resource', to_field='code')),
            ],
            options={
                'ordering': ['-opened_at', '-number'],
                'indexes': [models.Index(fields=['consumer', 'stage'], name='disputes_consumer'), models.Index(fields=['provider', 'stage'], name='disputes_provider'), models.Index(fields=['region', 'stage'], name='disputes_region')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('consumer_agreed_at', None), ('consumer_agreed_by', '')), models.Q(models.Q(('consumer_agreed_by', ''), _negated=True), ('consumer_agreed_at__isnull', False)), _connector='OR'), name='disputes_consumer_agreed_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('provider_agreed_at', None), ('provider_agreed_by', '')), models.Q(models.Q(('provider_agreed_by', ''), _negated=True), ('provider_agreed_at__isnull', False)), _connector='OR'), name='disputes_provider_agreed_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('escalated_at', None), ('escalated_by', '')), models.Q(models.Q(('escalated_by', ''), _negated=True), ('escalated_at__isnull', False)), _connector='OR'), name='disputes_escalated_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('instructed_at', None), ('instructed_by', '')), models.Q(models.Q(('instructed_by', ''), _negated=True), ('instructed_at__isnull', False)), _connector='OR'), name='disputes_instructed_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('appealed_at', None), ('appealed_by', '')), models.Q(models.Q(('appealed_by', ''), _negated=True), ('appealed_at__isnull', False)), _connector='OR'), name='disputes_appealed_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', '')), models.Q(models.Q(('decided_by', ''), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='disputes_decided_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', '')), models.Q(models.Q(('ended_by', ''), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='disputes_ended_by_and_at'), models.CheckConstraint(condition=models.Q(('consumer', models.F('provider')), _negated=True), name='disputes_two_parties'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('stage__in', ['negotiating', 'coordinating', 'instructed', 'appealed'])), models.Q(models.Q(('stage__in', ['negotiating', 'coordinating', 'instructed', 'appealed']), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='disputes_ended'), models.CheckConstraint(condition=models.Q(models.Q(('stage', 'agreed'), _negated=True), models.Q(models.Q(('agreement', ''), _negated=True), ('consumer_agreed_at__isnull', False), ('provider_agreed_at__isnull', False)), _connector='OR'), name='disputes_agreed_by_both'), models.CheckConstraint(condition=models.Q(('instructed_at', None), models.Q(models.Q(('instruction', ''), _negated=True), models.Q(('reasons', ''), _negated=True)), _connector='OR'), name='disputes_instruction_reasoned'), models.CheckConstraint(condition=models.Q(('decided_at', None), models.Q(models.Q(('decision', ''), _negated=True), models.Q(('decision_document', ''), _negated=True)), _connector='OR'), name='disputes_decision_document'), models.UniqueConstraint(condition=models.Q(('stage__in', ['negotiating', 'coordinating', 'instructed', 'appealed'])), fields=('kind', 'subject', 'consumer'), name='disputes_one_open_of_a_thing')],
            },
        ),
        migrations.CreateModel(
            name='Knock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('door', models.CharField(max_length=16)),
                ('visitor', models.CharField(help_text='keyed hash of the address', max_length=64)),
                ('hour', models.DateTimeField()),
                ('times', models.PositiveIntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(fields=['hour'], name='disputes_knock_hour')],
                'constraints': [models.UniqueConstraint(fields=('door', 'visitor', 'hour'), name='disputes_knock_once')],
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('consumer', '使用部门'), ('provider', '提供部门'), ('authority', '主管部门')], max_length=16)),
                ('kind', models.CharField(choices=[('opening', '提出争议'), ('statement', '陈述意见'), ('proposal', '提出协议文本'), ('assent', '同意协议文本'), ('escalation', '提请主管部门协调'), ('instruction', '主管部门协调意见'), ('appeal', '提请人民政府决定'), ('decision', '人民政府决定'), ('carried_out', '确认落实'), ('withdrawal', '撤回争议')], max_length=16)),
                ('words', models.TextField()),
                ('department_name', models.CharField(max_length=200)),
                ('account', models.CharField(max_length=150)),
                ('name', models.CharField(max_length=100)),
                ('at', models.DateTimeField()),
                ('dispute', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='disputes.dispute')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Paper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('digest', models.CharField(help_text='SHA-256, hexadecimal', max_length=64)),
                ('size', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('statement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='disputes.statement')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('statement', 'digest'), name='disputes_paper_once')],
            },
        ),
    ]
