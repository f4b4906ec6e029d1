-- Who belongs to which organisation. Facts only: statuses are computed from them (Model/MembershipStatus.cs).

create extension if not exists pg_trgm;

-- What a search compares: case, accents and apostrophes do not matter.
create function search_fold(value text) returns text
  language sql immutable strict parallel safe
  return lower(regexp_replace(normalize(value, nfd), '[\u0300-\u036f''\u2019\u02bc]', '', 'g') collate "und-x-icu");

create table organisations (
  id          uuid primary key,
  name        text not null collate "en-GB-x-icu",
  code        text,
  details     jsonb not null default '{}',
  created_at  timestamptz not null,
  search_text text not null generated always as (search_fold(name || ' ' || coalesce(code, ''))) stored
);
create unique index one_organisation_per_code on organisations (lower(code));
create index organisation_names on organisations (name, id);
create index organisation_search on organisations using gin (search_text gin_trgm_ops);

create table users (
  id                uuid primary key,
  email             text not null,
  email_key         text not null,
  first_name        text,
  last_name         text,
  created_at        timestamptz not null,
  registered_at     timestamptz,
  last_signed_in_at timestamptz,
  paused_at         timestamptz,
  support_since     timestamptz,
  -- U+FFFE is CLDR's merge separator (UTS 35, "Merging sort keys"): it makes one string sort as the pair (first, last), letters before
  -- accents before case, so that "adam Able" stands before "Adam Baker". Somebody without a name stands at their email address.
  sort_name         text collate "en-GB-x-icu" not null generated always as (
    case when coalesce(first_name, last_name) is null then email
         else coalesce(first_name, '') || U&'\FFFE' || coalesce(last_name, '') || U&'\FFFE' || email end) stored
);
create unique index one_user_per_email on users (email_key);

create table memberships (
  id              uuid primary key,
  organisation_id uuid not null references organisations,
  user_id         uuid not null references users,
  role            text not null,
  added_at        timestamptz not null,
  added_by        uuid references users,
  expires_at      timestamptz,
  paused_at       timestamptz,
  removed_at      timestamptz,
  removed_by      uuid references users,
  -- The user's own, kept by the triggers below, so that one index holds an organisation's people in name order.
  sort_name       text collate "en-GB-x-icu" not null
);
create unique index one_live_membership on memberships (organisation_id, user_id) where removed_at is null;
create index memberships_in_name_order on memberships (organisation_id, sort_name, user_id) where removed_at is null;
create index memberships_of_a_user on memberships (user_id);

create function copy_sort_name() returns trigger language plpgsql as $$
begin
  -- "for share" waits for a rename under way, so that the copy is never of a name that is gone.
  select u.sort_name into new.sort_name from users u where u.id = new.user_id for share;
  return new;
end $$;
create trigger copy_sort_name before insert on memberships for each row execute function copy_sort_name();

create function carry_sort_name() returns trigger language plpgsql as $$
begin
  update memberships set sort_name = new.sort_name where user_id = new.id;
  return null;
end $$;
create trigger carry_sort_name after update on users for each row
  when (old.sort_name is distinct from new.sort_name) execute function carry_sort_name();

-- Page 200 of a list must cost what page 1 costs, and "1 to 25 of 10,000" must not count 10,000 rows. So the people of each
-- organisation are counted in stretches of the name order: a stretch starts at (from_name, from_user) and ends where the next starts.
-- A page is found by adding up stretches; inside one, at most 512 index entries are stepped over.
create table member_counts (
  organisation_id uuid not null references organisations,
  from_name       text collate "en-GB-x-icu" not null,
  from_user       uuid not null,
  members         int  not null check (members >= 0),
  primary key (organisation_id, from_name, from_user) include (members)
);

create type member_change as (organisation_id uuid, sort_name text, user_id uuid, change int);

create function count_members() returns trigger language plpgsql as $$
declare
  changes  member_change[];
  stretch  member_counts;
  next_one member_counts;
begin
  if tg_op in ('INSERT', 'UPDATE') then
    changes := array(select row(organisation_id, sort_name, user_id, 1)::member_change from now_there where removed_at is null);
  end if;
  if tg_op in ('DELETE', 'UPDATE') then
    changes := changes || array(select row(organisation_id, sort_name, user_id, -1)::member_change from was_there where removed_at is null);
  end if;
  if tg_op = 'UPDATE' then -- keep what moved
    changes := array(select row(organisation_id, sort_name, user_id, sum(change))::member_change from unnest(changes)
                     group by organisation_id, sort_name, user_id having sum(change) <> 0);
  end if;
  if coalesce(cardinality(changes), 0) = 0 then return null; end if;

  -- One writer an organisation at a time, always in the same order: no deadlock, and a count never misses a row it cannot see yet.
  perform 1 from organisations where id in (select organisation_id from unnest(changes)) order by id for no key update;

  insert into member_counts select distinct organisation_id, '', '00000000-0000-0000-0000-000000000000'::uuid, 0 from unnest(changes)
    on conflict do nothing;

  update member_counts c set members = c.members + d.change
  from (select s.organisation_id, s.from_name, s.from_user, sum(x.change)::int as change
        from unnest(changes) x cross join lateral (
          select organisation_id, from_name, from_user from member_counts
          where organisation_id = x.organisation_id and (from_name, from_user) <= (x.sort_name, x.user_id)
          order by from_name desc, from_user desc limit 1) s
        group by 1, 2, 3) d
  where (c.organisation_id, c.from_name, c.from_user) = (d.organisation_id, d.from_name, d.from_user);

  delete from member_counts where members = 0 and from_name <> '' and organisation_id in (select organisation_id from unnest(changes));

  for stretch in select * from member_counts where members > 512 and organisation_id in (select organisation_id from unnest(changes)) loop
    select * into next_one from member_counts
      where organisation_id = stretch.organisation_id and (from_name, from_user) > (stretch.from_name, stretch.from_user)
      order by from_name, from_user limit 1;
    delete from member_counts
      where (organisation_id, from_name, from_user) = (stretch.organisation_id, stretch.from_name, stretch.from_user);
    insert into member_counts
      select stretch.organisation_id,
             case when part = 0 then stretch.from_name else (array_agg(sort_name order by n))[1] end,
             case when part = 0 then stretch.from_user else (array_agg(user_id order by n))[1] end,
             count(*)
      from (select sort_name, user_id, n, (n - 1) / 256 as part
            from (select sort_name, user_id, row_number() over (order by sort_name, user_id) as n
                  from memberships
                  where organisation_id = stretch.organisation_id and removed_at is null
                    and (sort_name, user_id) >= (stretch.from_name, stretch.from_user)
                    and (next_one.from_user is null or (sort_name, user_id) < (next_one.from_name, next_one.from_user))) numbered) parts
      group by part;
  end loop;
  return null;
end $$;
create trigger count_added   after insert on memberships referencing new table as now_there for each statement execute function count_members();
create trigger count_changed after update on memberships referencing old table as was_there new table as now_there for each statement execute function count_members();
create trigger count_deleted after delete on memberships referencing old table as was_there for each statement execute function count_members();

-- What happened, in the transaction that made it happen. No foreign keys: the record outlives what it speaks of.
create table audit_events (
  id              uuid primary key,
  at              timestamptz not null,
  kind            text not null,
  actor_id        uuid,
  actor_name      text not null,
  organisation_id uuid,
  user_id         uuid,
  data            jsonb not null default '{}',
  trace_id        text,
  ip_address      text
);
create index audit_events_of_a_user on audit_events (user_id, at);
create index audit_events_of_an_organisation on audit_events (organisation_id, at);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit_events is append-only';
end $$;
create trigger append_only before update or delete or truncate on audit_events for each statement execute function refuse_change();

-- Answers so far in a journey, and what came of it: a replayed confirm finds it completed.
create table drafts (
  id              uuid primary key,
  kind            text not null,
  viewer_id       uuid not null references users,
  organisation_id uuid not null references organisations,
  user_id         uuid references users,
  answers         jsonb not null,
  created_at      timestamptz not null,
  completed_at    timestamptz,
  result_id       uuid
);
create index drafts_by_age on drafts (created_at);

-- Only a hash of the cookie's secret is kept: a copy of this table signs nobody in.
create table sessions (
  id_hash    bytea primary key,
  user_id    uuid not null references users,
  created_at timestamptz not null,
  seen_at    timestamptz not null
);
create index sessions_of_a_user on sessions (user_id);

-- The keys that protect cookies and form tokens, shared by every instance.
create table data_protection_keys (
  name       text primary key,
  xml        text not null,
  created_at timestamptz not null default now()
);
