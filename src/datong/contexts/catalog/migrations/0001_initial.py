# SPDX-License-Identifier: Apache-2.0
"""Entries with their versions and items, imports, duties, laws, removals; the database itself refuses to delete them."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

GUARD = """
create function catalog_stands() returns trigger language plpgsql as $$
begin
    raise exception '% is never deleted', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;
create trigger catalog_resource_stands before delete on catalog_resource for each row execute function catalog_stands();
create trigger catalog_version_stands before delete on catalog_version for each row execute function catalog_stands();
create trigger catalog_removal_stands before delete on catalog_removal for each row execute function catalog_stands();
create trigger catalog_ticket_stands before delete on catalog_updateticket for each row execute function catalog_stands();
create function catalog_items_stand() returns trigger language plpgsql as $$
declare
    now_at text;
begin
    select stage into now_at from catalog_version where id = old.version_id;
    if now_at not in ('draft', 'returned') then
        raise exception 'items of a version that is % are never changed', now_at
            using errcode = 'integrity_constraint_violation';
    end if;
    return coalesce(new, old);
end $$;
create trigger catalog_items_stand before update or delete on catalog_item for each row execute function catalog_items_stand();
"""
UNDO = """
drop trigger catalog_items_stand on catalog_item;
drop function catalog_items_stand();
drop trigger catalog_ticket_stands on catalog_updateticket;
drop trigger catalog_removal_stands on catalog_removal;
drop trigger catalog_version_stands on catalog_version;
drop trigger catalog_resource_stands on catalog_resource;
drop function catalog_stands();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organisations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClassNode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('level', models.PositiveSmallIntegerField(help_text='1 类, 2 项, 3 目, 4 细目')),
                ('last_sequence', models.PositiveIntegerField(default=0, help_text='highest 后段码 given; only grows')),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='catalog.classnode')),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('level__range', (1, 4))), name='catalog_class_level')],
            },
        ),
        migrations.CreateModel(
            name='DataElement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, unique=True)),
                ('name', models.CharField(max_length=100)),
                ('definition', models.CharField(blank=True, default='', max_length=500)),
                ('type', models.CharField(choices=[('C', '字符型'), ('N', '数值型'), ('Y', '货币型'), ('D', '日期型'), ('T', '日期时间型'), ('L', '逻辑型'), ('M', '备注型'), ('G', '通用型'), ('B', '双精度型'), ('I', '整型'), ('F', '浮点型')], max_length=1)),
                ('length', models.PositiveIntegerField(help_text='bytes as stored', null=True)),
                ('code_list', models.CharField(blank=True, default='', max_length=500)),
                ('changed_by', models.CharField(max_length=150)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z][A-Z0-9_-]{1,31}$')), name='catalog_element_code')],
            },
        ),
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('revision', models.PositiveIntegerField(default=1, help_text='grows with each edit: optimistic lock')),
                ('stage', models.CharField(choices=[('draft', '草稿'), ('filed', '待负责人同意'), ('consented', '待主管部门审核'), ('returned', '已退回'), ('published', '已发布'), ('superseded', '已被取代'), ('withdrawn', '已撤销')], default='draft', max_length=16)),
                ('name', models.CharField(blank=True, default='', max_length=200)),
                ('abstract', models.CharField(blank=True, default='', max_length=1000)),
                ('format_class', models.CharField(blank=True, choices=[('document', '电子文件'), ('spreadsheet', '电子表格'), ('database', '数据库'), ('image', '图形图像'), ('stream', '流媒体'), ('self_describing', '自描述格式'), ('service', '服务接口')], default='', max_length=20)),
                ('format_type', models.CharField(blank=True, default='', max_length=40)),
                ('sharing_type', models.CharField(blank=True, choices=[('unconditional', '无条件共享'), ('conditional', '有条件共享'), ('withheld', '不予共享')], default='', max_length=16)),
                ('sharing_scope', models.CharField(blank=True, default='', max_length=500)),
                ('sharing_use', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('administrative_basis', '行政依据'), ('reference', '工作参考'), ('verification', '数据校核'), ('coordination', '业务协同')], max_length=24), blank=True, default=list, size=None)),
                ('sharing_methods', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('call', '服务接口查询'), ('verify', '服务接口核验'), ('table', '批量交换'), ('file', '文件下载'), ('subscription', '变更订阅')], max_length=16), blank=True, default=list, size=None)),
                ('withheld_basis_rank', models.CharField(blank=True, choices=[('law', '法律'), ('regulation', '行政法规'), ('state_council_decision', '国务院决定')], default='', max_length=24)),
                ('withheld_basis', models.CharField(blank=True, default='', max_length=500)),
                ('withheld_reason', models.CharField(blank=True, default='', max_length=1000)),
                ('use_conditions', models.CharField(blank=True, default='', max_length=1000)),
                ('self_made', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=1000), blank=True, default=list, help_text='conditions beyond the list, found at filing', size=None)),
                ('opening_type', models.CharField(blank=True, choices=[('open', '无条件开放'), ('conditional', '有条件开放'), ('closed', '不予开放')], default='', max_length=16)),
                ('opening_condition', models.CharField(blank=True, default='', max_length=500)),
                ('update_cycle', models.CharField(blank=True, choices=[('realtime', '实时'), ('daily', '每日'), ('weekly', '每周'), ('monthly', '每月'), ('quarterly', '每季度'), ('half_yearly', '每半年'), ('yearly', '每年'), ('irregular', '不定期'), ('never', '不更新')], default='', max_length=16)),
                ('level', models.CharField(blank=True, choices=[('core', '核心数据'), ('important', '重要数据'), ('general_4', '一般数据四级'), ('general_3', '一般数据三级'), ('general_2', '一般数据二级'), ('general_1', '一般数据一级')], default='', max_length=16)),
                ('secrecy_assessment', models.CharField(blank=True, default='', max_length=500)),
                ('personal_assessment', models.CharField(blank=True, default='', max_length=500)),
                ('contact', models.CharField(blank=True, default='', max_length=200)),
                ('system', models.CharField(blank=True, default='', help_text='source information system', max_length=200)),
                ('related', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=44), blank=True, default=list, help_text='related resource codes', size=None)),
                ('created_by', models.CharField(max_length=150)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('filed_by', models.CharField(blank=True, default='', max_length=150)),
                ('filed_at', models.DateTimeField(null=True)),
                ('consented_by', models.CharField(blank=True, default='', max_length=150)),
                ('consented_at', models.DateTimeField(null=True)),
                ('reviewed_by', models.CharField(blank=True, default='', max_length=150)),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('opinion', models.TextField(blank=True, default='')),
                ('published_at', models.DateTimeField(null=True)),
                ('due', models.DateField(help_text="last day of the authority's review, as its clock says", null=True)),
            ],
            options={
                'ordering': ['resource', 'number'],
                'indexes': [models.Index(fields=['stage', 'due'], name='catalog_version_stage_due'), models.Index(fields=['-changed_at', '-id'], name='catalog_version_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('filed_at', None), ('filed_by', '')), models.Q(models.Q(('filed_by', ''), _negated=True), ('filed_at__isnull', False)), _connector='OR'), name='catalog_version_filed_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('consented_at', None), ('consented_by', '')), models.Q(models.Q(('consented_by', ''), _negated=True), ('consented_at__isnull', False)), _connector='OR'), name='catalog_version_consented_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at', None), ('reviewed_by', '')), models.Q(models.Q(('reviewed_by', ''), _negated=True), ('reviewed_at__isnull', False)), _connector='OR'), name='catalog_version_reviewed_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('stage', 'published'), _negated=True), models.Q(('published_at__isnull', False), ('reviewed_at__isnull', False)), _connector='OR'), name='catalog_published_was_reviewed'), models.CheckConstraint(condition=models.Q(models.Q(('sharing_type', 'withheld'), ('stage__in', ['filed', 'consented', 'published']), _negated=True), models.Q(models.Q(('withheld_basis', ''), _negated=True), ('withheld_basis_rank__in', ['law', 'regulation', 'state_council_decision'])), _connector='OR'), name='catalog_withheld_has_basis')],
            },
        ),
        migrations.CreateModel(
            name='Resource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=44, unique=True)),
                ('sequence', models.PositiveIntegerField()),
                ('name', models.CharField(help_text='name of the current version, of the first draft before that', max_length=200)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawn_reason', models.TextField(blank=True, default='')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('class_node', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='resources', to='catalog.classnode')),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('successor', models.ForeignKey(help_text='took its place', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='catalog.resource')),
                ('current', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.version')),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.UniqueConstraint(fields=('class_node', 'sequence'), name='catalog_resource_code_once'), models.CheckConstraint(condition=models.Q(('sequence__gte', 1)), name='catalog_resource_sequence_from_1')],
            },
        ),
        migrations.CreateModel(
            name='Duty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('basis', models.CharField(blank=True, default='', help_text='law or 三定 document with its clause', max_length=500)),
                ('active', models.BooleanField(default=True)),
                ('changed_by', models.CharField(max_length=150)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('resources', models.ManyToManyField(blank=True, related_name='duties', to='catalog.resource')),
            ],
            options={
                'ordering': ['department', 'name'],
                'constraints': [models.UniqueConstraint(fields=('department', 'name'), name='catalog_duty_once')],
            },
        ),
        migrations.CreateModel(
            name='ImportJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='file name as its owner knows it', max_length=200)),
                ('stored', models.CharField(help_text="path below the node's uploads folder", max_length=300)),
                ('digest', models.CharField(help_text='SHA-256 of the file', max_length=64)),
                ('class_code', models.CharField(blank=True, default='', help_text='class of entries that name none', max_length=32)),
                ('stage', models.CharField(choices=[('queued', '排队中'), ('running', '导入中'), ('finished', '已完成'), ('failed', '导入失败'), ('cancelled', '已取消')], default='queued', max_length=16)),
                ('total', models.PositiveIntegerField(default=0)),
                ('imported', models.PositiveIntegerField(default=0)),
                ('known', models.PositiveIntegerField(default=0)),
                ('refused', models.PositiveIntegerField(default=0)),
                ('orphans', models.JSONField(default=list, help_text='rows of items without an entry: sheet, line, reason')),
                ('result', models.CharField(blank=True, default='', help_text='path of the sheet that comes back', max_length=300)),
                ('error', models.TextField(blank=True, default='')),
                ('log', models.JSONField(default=list, help_text='lines a person can read, oldest first')),
                ('queued_by', models.JSONField(help_text='the officer who handed it in, as he was then')),
                ('queued_at', models.DateTimeField(auto_now_add=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Law',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(help_text='without 中华人民共和国', max_length=100, unique=True)),
                ('rank', models.CharField(choices=[('law', '法律'), ('regulation', '行政法规'), ('state_council_decision', '国务院决定')], max_length=24)),
                ('document', models.CharField(blank=True, default='', help_text='number of the order or document', max_length=100)),
                ('issued_on', models.DateField(help_text='of the text that holds', null=True)),
                ('repealed', models.BooleanField(default=False)),
                ('added_by', models.CharField(max_length=150)),
                ('added_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['rank', 'title'],
                'constraints': [models.CheckConstraint(condition=models.Q(('rank__in', ['law', 'regulation', 'state_council_decision'])), name='catalog_law_rank')],
            },
        ),
        migrations.CreateModel(
            name='LawArticle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('article', models.CharField(help_text='第…条', max_length=20)),
                ('gist', models.CharField(blank=True, default='', max_length=300)),
                ('law', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='catalog.law')),
            ],
            options={
                'ordering': ['law', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('law', 'article'), name='catalog_law_article_once')],
            },
        ),
        migrations.CreateModel(
            name='Removal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('withdrawal', '撤销目录'), ('supersession', '由其他资源取代')], max_length=16)),
                ('reason', models.CharField(max_length=2000)),
                ('negotiation', models.CharField(blank=True, default='', help_text='what was settled with the users, and its filing (809 art. 27)', max_length=2000)),
                ('stage', models.CharField(choices=[('asked', '待主管部门审批'), ('approved', '同意撤销'), ('declined', '不同意撤销'), ('retracted', '已收回')], default='asked', max_length=16)),
                ('asked_by', models.CharField(max_length=150)),
                ('asked_at', models.DateTimeField()),
                ('decided_by', models.CharField(blank=True, default='', max_length=150)),
                ('decided_at', models.DateTimeField(null=True)),
                ('opinion', models.TextField(blank=True, default='')),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='removals', to='catalog.resource')),
                ('successor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.resource')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('stage', 'asked')), fields=('resource',), name='catalog_one_removal_asked'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'withdrawal'), ('successor', None)), models.Q(('kind', 'supersession'), ('successor__isnull', False)), _connector='OR'), name='catalog_supersession_names_successor'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', '')), models.Q(models.Q(('decided_by', ''), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='catalog_removal_decided_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('stage__in', ['approved', 'declined']), _negated=True), ('decided_at__isnull', False), _connector='OR'), name='catalog_removal_was_decided'), models.CheckConstraint(condition=models.Q(models.Q(('stage', 'declined'), _negated=True), models.Q(('opinion', ''), _negated=True), _connector='OR'), name='catalog_removal_declined_says_why')],
            },
        ),
        migrations.CreateModel(
            name='InformationSystem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('origin', models.CharField(choices=[('own', '自建'), ('national', '国家统建'), ('provincial', '省级统建'), ('municipal', '市级统建'), ('county', '县级统建')], max_length=16)),
                ('description', models.CharField(blank=True, default='', max_length=1000)),
                ('active', models.BooleanField(default=True)),
                ('changed_by', models.CharField(max_length=150)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('duties', models.ManyToManyField(blank=True, related_name='systems', to='catalog.duty')),
                ('resources', models.ManyToManyField(blank=True, related_name='systems', to='catalog.resource')),
            ],
            options={
                'ordering': ['department', 'name'],
                'constraints': [models.UniqueConstraint(fields=('department', 'name'), name='catalog_system_once')],
            },
        ),
        migrations.CreateModel(
            name='Synonym',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('term', models.CharField(help_text='what people type', max_length=40)),
                ('meaning', models.CharField(help_text='what entries say', max_length=100)),
                ('added_by', models.CharField(max_length=150)),
                ('added_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['term', 'meaning'],
                'constraints': [models.UniqueConstraint(fields=('term', 'meaning'), name='catalog_synonym_once')],
            },
        ),
        migrations.CreateModel(
            name='UpdateTicket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(choices=[('law', '法律法规调整'), ('decision', '国务院决定调整'), ('duty', '部门职责变化'), ('demand', '答复数据需求')], max_length=16)),
                ('citation', models.CharField(help_text='law or document that changed', max_length=500)),
                ('reason', models.CharField(help_text='what has to change in the catalogue', max_length=2000)),
                ('event_on', models.DateField(help_text='day of the change; not counted')),
                ('stage', models.CharField(choices=[('open', '待更新'), ('submitted', '已报主管部门'), ('closed', '已更新'), ('excused', '无须更新')], default='open', max_length=16)),
                ('opened_by', models.CharField(max_length=150)),
                ('opened_at', models.DateTimeField(auto_now_add=True)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ending', models.CharField(blank=True, default='', help_text='why no update is needed', max_length=2000)),
                ('extension', models.CharField(choices=[('none', '未申请延长'), ('asked', '申请延长中'), ('granted', '同意延长'), ('declined', '不同意延长')], default='none', max_length=16)),
                ('extension_days', models.PositiveSmallIntegerField(null=True)),
                ('extension_reason', models.CharField(blank=True, default='', max_length=1000)),
                ('extension_asked_by', models.CharField(blank=True, default='', max_length=150)),
                ('extension_decided_by', models.CharField(blank=True, default='', max_length=150)),
                ('extension_opinion', models.CharField(blank=True, default='', max_length=1000)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('resource', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='catalog.resource')),
                ('version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.version')),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['department', 'stage'], name='catalog_ticket_department')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', '')), models.Q(models.Q(('ended_by', ''), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='catalog_ticket_ended_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('stage', 'excused'), _negated=True), models.Q(('ending', ''), _negated=True), _connector='OR'), name='catalog_ticket_excused_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('stage', 'submitted'), _negated=True), ('version__isnull', False), _connector='OR'), name='catalog_ticket_submitted_names_version'), models.CheckConstraint(condition=models.Q(('extension_decided_by', ''), models.Q(('extension_decided_by', models.F('extension_asked_by')), _negated=True), _connector='OR'), name='catalog_nobody_extends_himself')],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('field', models.CharField(help_text='identifier in tables and interfaces', max_length=63)),
                ('name', models.CharField(max_length=100)),
                ('type', models.CharField(choices=[('C', '字符型'), ('N', '数值型'), ('Y', '货币型'), ('D', '日期型'), ('T', '日期时间型'), ('L', '逻辑型'), ('M', '备注型'), ('G', '通用型'), ('B', '双精度型'), ('I', '整型'), ('F', '浮点型')], max_length=1)),
                ('length', models.PositiveIntegerField(help_text='bytes as stored', null=True)),
                ('precision', models.PositiveSmallIntegerField(help_text='decimal places', null=True)),
                ('code_list', models.CharField(blank=True, default='', help_text='value range or code list', max_length=500)),
                ('sharing_type', models.CharField(blank=True, choices=[('unconditional', '无条件共享'), ('conditional', '有条件共享'), ('withheld', '不予共享')], default='', max_length=16)),
                ('opening_type', models.CharField(blank=True, choices=[('open', '无条件开放'), ('conditional', '有条件开放'), ('closed', '不予开放')], default='', max_length=16)),
                ('level', models.CharField(blank=True, choices=[('core', '核心数据'), ('important', '重要数据'), ('general_4', '一般数据四级'), ('general_3', '一般数据三级'), ('general_2', '一般数据二级'), ('general_1', '一般数据一级')], default='', max_length=16)),
                ('personal', models.BooleanField(default=False, help_text='personal information')),
                ('key', models.BooleanField(default=False)),
                ('nullable', models.BooleanField(default=True)),
                ('query', models.BooleanField(default=False, help_text='declared query item')),
                ('description', models.CharField(blank=True, default='', max_length=500)),
                ('element', models.CharField(blank=True, default='', help_text='code of a data element', max_length=32)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='catalog.version')),
            ],
            options={
                'ordering': ['version', 'position'],
                'constraints': [models.UniqueConstraint(fields=('version', 'position'), name='catalog_item_position_once'), models.UniqueConstraint(fields=('version', 'field'), name='catalog_item_field_once'), models.CheckConstraint(condition=models.Q(('field__regex', '^[a-z][a-z0-9_]{0,62}$')), name='catalog_item_field_identifier')],
            },
        ),
        migrations.CreateModel(
            name='ImportRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveIntegerField()),
                ('sheet', models.CharField(max_length=100)),
                ('line', models.PositiveIntegerField()),
                ('item_lines', models.JSONField(default=list, help_text='sheet and line of each item')),
                ('digest', models.CharField(help_text='SHA-256 of what was understood', max_length=64)),
                ('draft', models.JSONField(help_text='what was understood')),
                ('state', models.CharField(choices=[('waiting', '待导入'), ('imported', '已导入'), ('known', '以前已导入'), ('refused', '有误未导入')], default='waiting', max_length=16)),
                ('faults', models.JSONField(default=dict, help_text='field to why it was not imported')),
                ('flags', models.JSONField(default=dict, help_text='field to what a person should look at')),
                ('raw', models.JSONField(default=dict, help_text='head to text that was not understood, as it stood')),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='catalog.importjob')),
                ('version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.version')),
            ],
            options={
                'ordering': ['job', 'place'],
                'indexes': [models.Index(fields=['digest'], name='catalog_import_row_digest')],
                'constraints': [models.UniqueConstraint(fields=('job', 'place'), name='catalog_import_row_once')],
            },
        ),
        migrations.AddField(
            model_name='Version',
            name='resource',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='catalog.resource'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.UniqueConstraint(fields=('resource', 'number'), name='catalog_version_once'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.UniqueConstraint(condition=models.Q(('stage__in', ['consented', 'draft', 'filed', 'returned'])), fields=('resource',), name='catalog_one_version_under_way'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.UniqueConstraint(condition=models.Q(('stage', 'published')), fields=('resource',), name='catalog_one_version_published'),
        ),
        migrations.RunSQL(GUARD, UNDO),
    ]
