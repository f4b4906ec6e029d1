using Npgsql;

namespace Rollcall.Data;

/// <summary>
/// Grants the service's role exactly the rights it needs. The role owns nothing, so it cannot drop or disable what
/// protects the audit log; see docs/decisions/0028.
/// </summary>
internal static class DatabaseRoles
{
    /// <summary>Tables that the service only reads.</summary>
    private static readonly string[] ReadOnly = ["schema_migrations", "secret_check", "audit_retention"];

    /// <summary>Evidence: the service can insert, but not update or delete.</summary>
    private static readonly string[] AppendOnly = ["audit_events", "terms_versions", "terms_acceptances"];

    /// <summary>
    /// Sets the rights of <paramref name="worker"/> on everything that the connection's role owns in its schema.
    /// </summary>
    /// <exception cref="StartException">The service's role could give itself more rights.</exception>
    public static async Task GrantAsync(NpgsqlConnection owner, string worker, CancellationToken cancellation)
    {
        await using var transaction = await owner.BeginTransactionAsync(cancellation);
        await RefuseAsync(owner, worker, cancellation);
        await using var grant = new NpgsqlCommand(
            """
            select set_config('rollcall.worker', $1, true), set_config('rollcall.read_only', $2, true),
              set_config('rollcall.append_only', $3, true)
            """,
            owner
        )
        {
            Parameters =
            {
                new() { Value = worker },
                new() { Value = $"{{{string.Join(',', ReadOnly)}}}" },
                new() { Value = $"{{{string.Join(',', AppendOnly)}}}" },
            },
        };
        await grant.ExecuteNonQueryAsync(cancellation);
        await using var rights = new NpgsqlCommand(
            """
            do $$ declare
              worker text := current_setting('rollcall.worker');
              it record;
            begin
              if not has_schema_privilege(worker, current_schema(), 'usage') then
                execute format('grant usage on schema %I to %I', current_schema(), worker);
              end if;
              for it in select c.oid::regclass as name, c.relkind,
                  case when c.relname = any(current_setting('rollcall.read_only')::text[]) then 'select'
                       when c.relname = any(current_setting('rollcall.append_only')::text[]) then 'select, insert'
                       else 'select, insert, update, delete' end as rights
                from pg_class c where c.relnamespace = current_schema()::regnamespace
                  and c.relowner = current_user::regrole and c.relkind in ('r', 'p', 'v', 'S')
              loop
                execute format('revoke all on %s from %I', it.name, worker);
                execute format(case when it.relkind = 'S' then 'grant usage, select on sequence %s to %I'
                                    else 'grant ' || it.rights || ' on %s to %I' end, it.name, worker);
              end loop;
              for it in select p.oid::regprocedure as name from pg_proc p
                where p.pronamespace = current_schema()::regnamespace
                  and p.proowner = current_user::regrole and p.prokind = 'f'
              loop
                execute format('grant execute on function %s to %I', it.name, worker);
              end loop;
            end $$
            """,
            owner
        );
        await rights.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static async Task RefuseAsync(NpgsqlConnection owner, string worker, CancellationToken cancellation)
    {
        await using var ask = new NpgsqlCommand(
            """
            select current_user,
                   (select rolsuper from pg_roles where rolname = $1) or pg_has_role($1, current_user, 'member')
                     or pg_has_role($1, (select nspowner from pg_namespace where nspname = current_schema()), 'member'),
                   (select pg_get_userbyid(relowner) from pg_class where oid = 'audit_events'::regclass)
            """,
            owner
        )
        {
            Parameters = { new() { Value = worker } },
        };
        await using var row = await ask.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        var role = row.GetString(0);
        var couldGrantItselfMore = row.GetBoolean(1);
        var tables = row.GetString(2);
        if (tables != role)
        {
            throw new StartException(
                $"The tables belong to the role {tables}, not to {role}, which ConnectionStrings:RollcallOwner names. "
                    + $"Run `reassign owned by {tables} to {role}` in the database as a superuser."
            );
        }

        if (couldGrantItselfMore)
        {
            throw new StartException(
                $"The role {worker}, which ConnectionStrings:Rollcall names, could change the record of what "
                    + $"happened: it is a superuser, a member of {role}, or owns the database or its schema. "
                    + "Name a role that owns nothing."
            );
        }
    }
}
