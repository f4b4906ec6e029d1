-- What happened, in the transaction that made it happen. No foreign keys: the record outlives what it speaks of.
create table audit_events (
  id              uuid not null,
  at              timestamptz not null,
  kind            text not null,
  actor_id        uuid,
  actor_name      text not null,
  organisation_id uuid,
  user_id         uuid,
  data            jsonb not null default '{}',
  trace_id        text,
  ip_address      text,
  -- Whether the actor was a support user then. To everyone else, support users are "the support team".
  by_support      boolean not null default false,
  -- Whose record it is: the organisation's; else the person's; else the service's.
  owner_id        uuid not null generated always as (
                    coalesce(organisation_id, user_id, '00000000-0000-0000-0000-000000000000')) stored,
  primary key (owner_id, id)
);
create index audit_events_of_a_user on audit_events (user_id, at);
create index audit_events_of_an_organisation on audit_events (organisation_id, at);
-- An organisation of a million people has millions of events, nearly all of them about a person. The organisation's own
-- history and its past reviews are few among them, so each has an index of its own.
create index audit_events_of_an_organisation_itself on audit_events (organisation_id, at, id) where user_id is null;
create index audit_events_of_reviews on audit_events (organisation_id, at, id) where kind = 'access-reviewed';
create index audit_events_by_age on audit_events using brin (at);

-- How many days an event is kept; null: for ever. Written from the settings by the role that migrates.
create table audit_retention (
  only_row boolean primary key default true check (only_row),
  days     int check (days >= 90)
);
insert into audit_retention default values;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end $$;
create trigger append_only before update or truncate on audit_events
  for each statement execute function refuse_change();

-- The record is append-only until its time is over. The functions look only where their tables are: a temporary table
-- of the same name must not shorten the time.
do $$ begin
  execute format($create$
    create function refuse_early_delete() returns trigger language plpgsql
      set search_path = %1$I, pg_temp as $body$
    begin
      if exists (select from gone where at >= now() - make_interval(days => (select days from audit_retention)))
        or (exists (select from gone) and (select days from audit_retention) is null) then
        raise exception 'audit_events is append-only';
      end if;
      return null;
    end $body$;

    -- Runs as its owner: a role that may not delete events may still end those whose time is over, and no others.
    create function forget_audit_events(most int) returns int language plpgsql security definer
      set search_path = %1$I, pg_temp as $body$
    declare
      forgotten int;
    begin
      with old as materialized (
        select owner_id, id from audit_events
        where at < now() - make_interval(days => (select days from audit_retention))
        limit most for update skip locked)
      delete from audit_events e using old where (e.owner_id, e.id) = (old.owner_id, old.id);
      get diagnostics forgotten = row_count;
      return forgotten;
    end $body$;
    revoke execute on function forget_audit_events from public;
    $create$, current_schema());
end $$;
create trigger kept_long_enough after delete on audit_events referencing old table as gone
  for each statement execute function refuse_early_delete();
