-- Lists by status, and finding people by any part of their name or address, at a million people as at ten.

alter table users add column search_text text not null generated always as (
  search_fold(coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || email)) stored;
create index user_search on users using gin (search_text gin_trgm_ops);
create index users_in_name_order on users (sort_name, id);

-- Two facts of the person, copied beside their name for the same reason: one index of an organisation's people by what they can be. The column
-- "standing" is no status: somebody who waits is Pending or Expired by the clock.
alter table memberships
  add column registered     boolean not null default false,
  add column account_paused boolean not null default false;
update memberships m set registered = u.registered_at is not null, account_paused = u.paused_at is not null
  from users u where u.id = m.user_id and (u.registered_at is not null or u.paused_at is not null);
alter table memberships add column standing text not null generated always as (
  case when paused_at is not null or account_paused then 'inactive' when registered then 'active' else 'waiting' end) stored;
create index memberships_by_standing on memberships (organisation_id, standing, sort_name, user_id) include (expires_at) where removed_at is null;
create index memberships_by_expiry on memberships (organisation_id, expires_at) where removed_at is null and standing = 'waiting';

create or replace function copy_sort_name() returns trigger language plpgsql as $$
begin
  -- "for share" waits for a change under way, so that the copy is never of what is gone.
  select u.sort_name, u.registered_at is not null, u.paused_at is not null into new.sort_name, new.registered, new.account_paused
    from users u where u.id = new.user_id for share;
  return new;
end $$;

create or replace function carry_sort_name() returns trigger language plpgsql as $$
begin
  update memberships set sort_name = new.sort_name, registered = new.registered_at is not null, account_paused = new.paused_at is not null where user_id = new.id;
  return null;
end $$;
drop trigger carry_sort_name on users;
create trigger carry_sort_name after update on users for each row
  when (old.sort_name is distinct from new.sort_name
     or (old.registered_at is null) <> (new.registered_at is null) or (old.paused_at is null) <> (new.paused_at is null))
  execute function carry_sort_name();

-- The stretches of 0001 for more than one list: everybody ('all'), and everybody of one standing. An older version reads "all" through the view.
alter table member_counts rename to member_stretches;
alter table member_stretches add column list text not null default 'all';
alter table member_stretches drop constraint member_counts_pkey;
insert into member_stretches (organisation_id, list, from_name, from_user, members)
  select organisation_id, standing,
         case when part = 0 then '' else (array_agg(sort_name order by n))[1] end,
         case when part = 0 then '00000000-0000-0000-0000-000000000000'::uuid else (array_agg(user_id order by n))[1] end,
         count(*)
  from (select organisation_id, standing, sort_name, user_id, n, (n - 1) / 256 as part
        from (select organisation_id, standing, sort_name, user_id,
                     row_number() over (partition by organisation_id, standing order by sort_name, user_id) as n
              from memberships where removed_at is null) numbered) parts
  group by organisation_id, standing, part;
alter table member_stretches alter column list drop default, add primary key (organisation_id, list, from_name, from_user) include (members);
create view member_counts as select organisation_id, from_name, from_user, members from member_stretches where list = 'all';

create type stretch_change as (organisation_id uuid, list text, sort_name text, user_id uuid, change int);

create or replace function count_members() returns trigger language plpgsql as $$
declare
  changes  stretch_change[];
  stretch  member_stretches;
  next_one member_stretches;
begin
  if tg_op in ('INSERT', 'UPDATE') then
    changes := array(select row(organisation_id, list, sort_name, user_id, 1)::stretch_change
                     from now_there cross join lateral (values ('all'), (standing)) as lists (list) where removed_at is null);
  end if;
  if tg_op in ('DELETE', 'UPDATE') then
    changes := changes || array(select row(organisation_id, list, sort_name, user_id, -1)::stretch_change
                                from was_there cross join lateral (values ('all'), (standing)) as lists (list) where removed_at is null);
  end if;
  if tg_op = 'UPDATE' then -- keep what moved
    changes := array(select row(organisation_id, list, sort_name, user_id, sum(change))::stretch_change from unnest(changes)
                     group by organisation_id, list, sort_name, user_id having sum(change) <> 0);
  end if;
  if coalesce(cardinality(changes), 0) = 0 then return null; end if;

  -- One writer an organisation at a time, always in the same order: no deadlock, and a count never misses a row it cannot see yet.
  perform 1 from organisations where id in (select organisation_id from unnest(changes)) order by id for no key update;

  insert into member_stretches (organisation_id, list, from_name, from_user, members)
    select distinct organisation_id, list, '', '00000000-0000-0000-0000-000000000000'::uuid, 0 from unnest(changes)
    on conflict do nothing;

  update member_stretches c set members = c.members + d.change
  from (select s.organisation_id, s.list, s.from_name, s.from_user, sum(x.change)::int as change
        from unnest(changes) x cross join lateral (
          select organisation_id, list, from_name, from_user from member_stretches
          where organisation_id = x.organisation_id and list = x.list and (from_name, from_user) <= (x.sort_name, x.user_id)
          order by from_name desc, from_user desc limit 1) s
        group by 1, 2, 3, 4) d
  where (c.organisation_id, c.list, c.from_name, c.from_user) = (d.organisation_id, d.list, d.from_name, d.from_user);

  delete from member_stretches where members = 0 and from_name <> '' and organisation_id in (select organisation_id from unnest(changes));

  for stretch in select * from member_stretches where members > 512 and organisation_id in (select organisation_id from unnest(changes)) loop
    select * into next_one from member_stretches
      where organisation_id = stretch.organisation_id and list = stretch.list and (from_name, from_user) > (stretch.from_name, stretch.from_user)
      order by from_name, from_user limit 1;
    delete from member_stretches
      where (organisation_id, list, from_name, from_user) = (stretch.organisation_id, stretch.list, stretch.from_name, stretch.from_user);
    insert into member_stretches (organisation_id, list, from_name, from_user, members)
      select stretch.organisation_id, stretch.list,
             case when part = 0 then stretch.from_name else (array_agg(sort_name order by n))[1] end,
             case when part = 0 then stretch.from_user else (array_agg(user_id order by n))[1] end,
             count(*)
      from (select sort_name, user_id, n, (n - 1) / 256 as part
            from (select sort_name, user_id, row_number() over (order by sort_name, user_id) as n
                  from memberships
                  where organisation_id = stretch.organisation_id and removed_at is null and (stretch.list = 'all' or standing = stretch.list)
                    and (sort_name, user_id) >= (stretch.from_name, stretch.from_user)
                    and (next_one.from_user is null or (sort_name, user_id) < (next_one.from_name, next_one.from_user))) numbered) parts
      group by part;
  end loop;
  return null;
end $$;

drop type member_change;
