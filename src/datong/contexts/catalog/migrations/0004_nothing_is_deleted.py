# SPDX-License-Identifier: Apache-2.0
"""Nothing of the catalogue is deleted, and a version that left its compiler's hands keeps its items: the database itself refuses."""

from django.db import migrations

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
    """Set the guards."""

    dependencies = [("catalog", "0003_life")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
