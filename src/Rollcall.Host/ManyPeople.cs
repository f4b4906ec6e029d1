using Microsoft.EntityFrameworkCore;
using Rollcall.Data;

namespace Rollcall.Host;

/// <summary>
/// Made-up people in numbers: one organisation of as many as are asked for, two fifths of whom have not come yet, and 200 schools of 50. Set-based,
/// with triggers off and indexes made at the end, which is what makes a million a matter of a minute; what the triggers would have written is
/// written here. Needs a superuser, as the embedded server's owner is.
/// </summary>
internal static class ManyPeople
{
    public const string Trust = "LM0";

    /// <summary>In the caller's transaction.</summary>
    public static async Task SeedAsync(
        Db db,
        DemonstrationPeople like,
        int people,
        string[] firstNames,
        string[] lastNames
    )
    {
        var (now, began) = (like.Now, like.Began);
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(10));
        await db.Database.ExecuteSqlRawAsync(
            """
            set local session_replication_role = replica;
            set local maintenance_work_mem = '256MB';
            set local work_mem = '256MB';
            create temp table indexes on commit drop as
              select i.indexrelid::regclass as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
              where i.indrelid in ('users'::regclass, 'memberships'::regclass) and not exists (select from pg_constraint c where c.conindid = i.indexrelid);
            do $$ declare i record; begin
              for i in select * from indexes loop execute 'drop index ' || i.name; end loop;
            end $$;
            """
        );
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into organisations (id, name, code, created_at)
            select uuidv7(), case n when 0 then 'Longmeadow Trust' else 'Longmeadow School ' || n end, 'LM' || n, {began} from generate_series(0, 200) n
            """
        );
        await db.Database.ExecuteSqlAsync(
            $"""
            create temp table made on commit drop as
              select uuidv7() as id, o.id as organisation, n, i, i % 5 < 3 as registered, i % 20 = 7 as paused
              from generate_series(0, 200) n join organisations o on o.code = 'LM' || n, generate_series(1, case n when 0 then {people} else 50 end) i
            """
        );
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into users (id, email, email_key, first_name, last_name, created_at, registered_at, last_signed_in_at)
            select id, e, e, ({firstNames}::text[])[1 + abs(hashint8(i::int8 * 7919 + n)) % {firstNames.Length}], ({lastNames}::text[])[1 + abs(hashint8(i::int8 * 104729 + n)) % {lastNames.Length}],
                   case when registered then {began} else {now} - case when i % 2 = 0 then 4 else 10 end * interval '1 day' end,
                   case when registered then {began} + interval '1 day' end, seen
            from (select *, 'person' || i || '.' || n || '@longmeadow.example' as e, case when registered then {now} - i % 400 * interval '1 day' end as seen from made) m
            """
        );
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into memberships (id, organisation_id, user_id, role, added_at, paused_at, expires_at, sort_name, registered, late)
            select uuidv7(), organisation, m.id, case i when 1 then {like.Admin} else {like.Member} end, u.created_at, case when paused then {now} end,
                   case when not m.registered and {like.LinksExpire} then {now} + case when i % 2 = 0 then 3 else -3 end * interval '1 day' end, u.sort_name, m.registered, not m.registered and not paused and i % 2 = 1 and {like.LinksExpire}
            from made m join users u using (id)
            """
        );
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into member_stretches (organisation_id, list, from_name, from_user, members)
            select organisation_id, list,
                   case when part = 0 then '' else (array_agg(sort_name order by n))[1] end,
                   case when part = 0 then '00000000-0000-0000-0000-000000000000'::uuid else (array_agg(user_id order by n))[1] end,
                   count(*)
            from (select organisation_id, list, sort_name, user_id, n, (n - 1) / 256 as part
                  from (select organisation_id, list, sort_name, user_id, row_number() over (partition by organisation_id, list order by sort_name, user_id) as n
                        from memberships cross join lateral unnest(lists_of(standing, late)) list
                        where organisation_id in (select organisation from made)) numbered) parts
            group by organisation_id, list, part
            """
        );
        await db.Database.ExecuteSqlRawAsync(
            """
            do $$ declare i record; begin
              for i in select * from indexes loop execute i.definition; end loop;
            end $$;
            analyze users, memberships, member_stretches, organisations;
            """
        );
    }
}
