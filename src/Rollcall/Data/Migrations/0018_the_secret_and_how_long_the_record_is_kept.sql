-- Facts that the running service reads and cannot change where it works with a role of its own (Data/DatabaseRoles.cs).

-- A keyed hash of a constant: tells whether an instance has the secret that this database was set up with.
create table secret_check (
  only_row boolean primary key default true check (only_row),
  value    bytea not null
);

-- How many days an audit event is kept; null: for ever. Written by the role that migrates, from the settings.
create table audit_retention (
  only_row boolean primary key default true check (only_row),
  days     int check (days >= 90)
);
insert into audit_retention default values;

-- The record is append-only until its time is over. The functions look only where their tables are: a temporary table of the
-- same name must not shorten the time.
do $$ begin
  execute format($create$
    create function refuse_early_delete() returns trigger language plpgsql set search_path = %1$I, pg_temp as $body$
    begin
      if exists (select from gone where at >= now() - make_interval(days => (select days from audit_retention)))
        or (exists (select from gone) and (select days from audit_retention) is null) then
        raise exception 'audit_events is append-only';
      end if;
      return null;
    end $body$;

    -- Runs as its owner: a role that may not delete events may still end those whose time is over, and no others.
    create function forget_audit_events(most int) returns int language plpgsql security definer set search_path = %1$I, pg_temp as $body$
    declare
      forgotten int;
    begin
      with old as materialized (
        select id from audit_events where at < now() - make_interval(days => (select days from audit_retention))
        limit most for update skip locked)
      delete from audit_events where id in (select id from old);
      get diagnostics forgotten = row_count;
      return forgotten;
    end $body$;
    revoke execute on function forget_audit_events from public;
    $create$, current_schema());
end $$;

drop trigger append_only on audit_events;
create trigger append_only before update or truncate on audit_events for each statement execute function refuse_change();
create trigger kept_long_enough after delete on audit_events referencing old table as gone
  for each statement execute function refuse_early_delete();
