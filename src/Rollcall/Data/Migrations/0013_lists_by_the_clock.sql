-- Pending and Expired as lists of their own, so that the last page of half a million costs what the first one does. The column "late" is no status: it
-- says whether the link had run out when somebody last looked. Whoever looks brings the few up to date that have become so since (Users/People.cs).

-- Nothing is counted twice or missed while the lists are made; who only reads goes on reading. Organisations first, as every writer locks them.
lock table organisations in exclusive mode;
lock table memberships in share row exclusive mode;
update memberships set late = true where removed_at is null and standing = 'waiting' and expires_at <= now();

-- The lists that somebody stands in. An older version reads "waiting"; this one its two halves.
create function lists_of(standing text, late boolean) returns text[] language sql immutable parallel safe
return case when standing <> 'waiting' then array['all', standing] else array['all', standing, case when late then 'expired' else 'pending' end] end;

create or replace function count_members() returns trigger language plpgsql as $$
declare
  changes  stretch_change[];
  stretch  member_stretches;
  next_one member_stretches;
begin
  if tg_op in ('INSERT', 'UPDATE') then
    changes := array(select row(organisation_id, list, sort_name, user_id, 1)::stretch_change
                     from now_there n cross join lateral unnest(lists_of(n.standing, n.late)) as list where removed_at is null);
  end if;
  if tg_op in ('DELETE', 'UPDATE') then
    changes := changes || array(select row(organisation_id, list, sort_name, user_id, -1)::stretch_change
                                from was_there w cross join lateral unnest(lists_of(w.standing, w.late)) as list where removed_at is null);
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
                  where organisation_id = stretch.organisation_id and removed_at is null and stretch.list = any(lists_of(standing, late))
                    and (sort_name, user_id) >= (stretch.from_name, stretch.from_user)
                    and (next_one.from_user is null or (sort_name, user_id) < (next_one.from_name, next_one.from_user))) numbered) parts
      group by part;
  end loop;
  return null;
end $$;

insert into member_stretches (organisation_id, list, from_name, from_user, members)
  select organisation_id, list,
         case when part = 0 then '' else (array_agg(sort_name order by n))[1] end,
         case when part = 0 then '00000000-0000-0000-0000-000000000000'::uuid else (array_agg(user_id order by n))[1] end,
         count(*)
  from (select organisation_id, list, sort_name, user_id, n, (n - 1) / 256 as part
        from (select organisation_id, case when late then 'expired' else 'pending' end as list, sort_name, user_id,
                     row_number() over (partition by organisation_id, late order by sort_name, user_id) as n
              from memberships where removed_at is null and standing = 'waiting') numbered) parts
  group by organisation_id, list, part;
