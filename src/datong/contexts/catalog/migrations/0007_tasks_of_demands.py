# SPDX-License-Identifier: Apache-2.0
"""A duty to update may come from a demand a department accepted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One more cause."""

    dependencies = [
        ("catalog", "0006_newest_versions"),
    ]

    operations = [
        migrations.AlterField(
            model_name="updateticket",
            name="cause",
            field=models.CharField(
                choices=[
                    ("law", "法律法规调整"),
                    ("decision", "国务院决定调整"),
                    ("duty", "部门职责变化"),
                    ("demand", "答复数据需求"),
                ],
                max_length=16,
            ),
        ),
    ]
