using Microsoft.EntityFrameworkCore;
using Rollcall.Data;

namespace Rollcall.Host;

/// <summary>
/// Made-up people in numbers: one organisation of as many as are asked for, two fifths of whom have not come yet, and
/// 200 schools of 50. A million take about a minute, because triggers are off and indexes are made at the end; what the
/// triggers would have written is written here. Needs a superuser, as the embedded server's owner is.
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
        var now = like.Now;
        var began = like.Began;
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(10));
        await db.Database.ExecuteSqlRawAsync(
            """
            set local session_replication_role = replica;
            set local maintenance_work_mem = '256MB';
            set local work_mem = '256MB';
            create temp table indexes on commit drop as
              select i.indexrelid::regclass as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
              where i.indrelid in ('users'::regclass, 'memberships'::regclass)
                and not exists (select from pg_constraint c where c.conindid = i.indexrelid);
            do $$ declare i record; begin
              for i in select * from indexes loop execute 'drop index ' || i.name; end loop;
            end $$;
            """
        );
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into organisations (id, name, code, created_at)
            select gen_random_uuid(), case n when 0 then 'Longmeadow Trust' else 'Longmeadow School ' || n end,
                   'LM' || n, {began}
            from generate_series(0, 200) n
            """
        );
        await db.Database.ExecuteSqlAsync(
            $"""
            create temp table made on commit drop as
              select gen_random_uuid() as id, o.id as organisation, n, i, i % 5 < 3 as registered, i % 20 = 7 as paused
              from generate_series(0, 200) n join organisations o on o.code = 'LM' || n,
                   generate_series(1, case n when 0 then {people} else 50 end) i
              order by 1
            """
        );
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into users (
              id, email, email_key, first_name, last_name, created_at, registered_at, last_signed_in_at)
            select id, e, e,
                   ({firstNames}::text[])[1 + abs(hashint8(i::int8 * 7919 + n)) % {firstNames.Length}],
                   ({lastNames}::text[])[1 + abs(hashint8(i::int8 * 104729 + n)) % {lastNames.Length}],
                   case when registered then {began}
                        else {now} - case when i % 2 = 0 then 4 else 10 end * interval '1 day' end,
                   case when registered then {began} + interval '1 day' end, seen
            from (
              select *, 'person' || i || '.' || n || '@longmeadow.example' as e,
                     case when registered then {now} - i % 400 * interval '1 day' end as seen
              from made) m
            """
        );
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into memberships (
              id, organisation_id, user_id, role, added_at, paused_at, expires_at, sort_name, registered)
            select gen_random_uuid(), organisation, m.id, case i when 1 then {like.Admin} else {like.Member} end,
                   u.created_at, case when paused then {now} end,
                   case when not m.registered and {like.LinksExpire}
                        then {now} + case when i % 2 = 0 then 3 else -3 end * interval '1 day' end,
                   u.sort_name, m.registered
            from made m join users u using (id)
            """
        );
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into member_counts
            select organisation_id, standing, counted_on(standing, expires_at), count(*)
            from memberships where organisation_id in (select organisation from made) group by 1, 2, 3
            """
        );
        await db.Database.ExecuteSqlRawAsync(
            """
            do $$ declare i record; begin
              for i in select * from indexes loop execute i.definition; end loop;
            end $$;
            analyze users, memberships, member_counts, organisations;
            """
        );
    }
}
