using Npgsql;
using Rollcall.Data;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Data;

/// <summary>
/// The organisation is in every key of what belongs to one, so that it can move to a database of its own
/// (docs/decisions/0033).
/// </summary>
public sealed class SchemaTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>
    /// A table with rows that belong to no organisation, and the column of its primary key that says whose a row is.
    /// </summary>
    private static readonly Dictionary<string, string> Others = new(StringComparer.Ordinal)
    {
        ["audit_events"] = "owner_id", // the organisation; else the person; else the service
        ["drafts"] = "viewer_id",
    };

    [Fact]
    public async Task Every_table_of_an_organisation_has_it_in_its_keys()
    {
        await using var database = NpgsqlDataSource.Create(app.Main.Database);
        Assert.Empty(await MistakesAsync(database));
    }

    [Theory]
    [InlineData(
        "create table notes (id uuid primary key, organisation_id uuid not null references organisations)",
        "notes: organisation_id is not in the primary key"
    )]
    [InlineData(
        "create table notes (organisation_id uuid not null)",
        "notes: organisation_id is not in the primary key"
    )]
    [InlineData(
        "create table notes (organisation_id uuid, id uuid, primary key (id))",
        "notes: organisation_id is not in the primary key"
    )]
    [InlineData(
        """
            create unique index on memberships (id);
            create table notes (organisation_id uuid, membership_id uuid references memberships (id),
              primary key (organisation_id, membership_id))
            """,
        "notes: a foreign key to memberships lacks organisation_id"
    )]
    [InlineData(
        """
            create table notes (organisation_id uuid, other_id uuid, membership_id uuid,
              primary key (organisation_id, membership_id),
              foreign key (other_id, membership_id) references memberships)
            """,
        "notes: a foreign key to memberships lacks organisation_id"
    )]
    [InlineData(
        """
            create table notes (id uuid primary key, other_id uuid, membership_id uuid,
              foreign key (other_id, membership_id) references memberships)
            """,
        "notes: a foreign key to memberships lacks organisation_id"
    )]
    public async Task A_table_without_it_is_found(string sql, string mistake)
    {
        await using var database = Connection.To(app.OwnerOf(await app.NewDatabaseAsync()));
        await using var plant = database.CreateCommand(sql);
        await plant.ExecuteNonQueryAsync(Stop);
        Assert.Equal([mistake], await MistakesAsync(database));
    }

    private static async Task<List<string>> MistakesAsync(NpgsqlDataSource database)
    {
        var mistakes = new List<string>();
        await using var tables = database.CreateCommand(
            $"""
            {Columns}
            select owned.name, keys.columns from owned
            left join keys on keys.name = owned.name and keys.contype = 'p' order by 1
            """
        );
        await using (var rows = await tables.ExecuteReaderAsync(Stop))
        {
            while (await rows.ReadAsync(Stop))
            {
                var table = rows.GetString(0);
                var column = Others.GetValueOrDefault(table, "organisation_id");
                if (rows.IsDBNull(1) || !rows.GetFieldValue<string[]>(1).Contains(column))
                {
                    mistakes.Add($"{table}: {column} is not in the primary key");
                }
            }
        }

        await using var references = database.CreateCommand(
            $"""
            {Columns}
            select keys.name, keys.target, keys.columns, keys.target_columns from keys
            join owned on owned.name = keys.target where keys.contype = 'f' order by 1, 2
            """
        );
        await using (var rows = await references.ExecuteReaderAsync(Stop))
        {
            while (await rows.ReadAsync(Stop))
            {
                var pairs = rows.GetFieldValue<string[]>(2).Zip(rows.GetFieldValue<string[]>(3));
                if (!pairs.Contains(("organisation_id", "organisation_id")))
                {
                    mistakes.Add($"{rows.GetString(0)}: a foreign key to {rows.GetString(1)} lacks organisation_id");
                }
            }
        }

        return mistakes;
    }

    /// <summary>
    /// The tables with an organisation, and all primary and foreign keys with their columns in order.
    /// </summary>
    private const string Columns = """
        with owned as (
          select c.relname::text as name
          from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'organisation_id'
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')),
        keys as (
          select conrelid::regclass::text as name, confrelid::regclass::text as target, contype,
            array(select attname::text from unnest(conkey) with ordinality k (number, place)
                  join pg_attribute on attrelid = conrelid and attnum = number order by place) as columns,
            array(select attname::text from unnest(confkey) with ordinality k (number, place)
                  join pg_attribute on attrelid = confrelid and attnum = number order by place) as target_columns
          from pg_constraint where connamespace = 'public'::regnamespace and contype in ('p', 'f'))
        """;
}
