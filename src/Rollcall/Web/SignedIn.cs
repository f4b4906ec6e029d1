using System.Text.Json;
using Npgsql;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Web;

/// <summary>
/// The person behind a session, their memberships and the organisation in the URL: one query for each request.
/// </summary>
/// <param name="NeedsTerms">They have not accepted the current terms.</param>
/// <param name="Organisation">The organisation in the address, whether or not they belong to it.</param>
internal sealed record SignedIn(
    SessionFacts Session,
    string? FirstName,
    string? LastName,
    string Email,
    bool IsSupport,
    bool IsRegistered,
    bool IsPaused,
    bool NeedsTerms,
    IReadOnlyList<SignedInMembership> Memberships,
    Organisation? Organisation
)
{
    /// <summary>
    /// Writes "last seen" at most once in <paramref name="seenEvery"/>, so that reading a page seldom writes. Null: the
    /// session has ended.
    /// </summary>
    public static async Task<SignedIn?> FindAsync(
        NpgsqlDataSource database,
        byte[] sessionHash,
        DateTimeOffset now,
        TimeSpan seenEvery,
        Guid? organisationId
    )
    {
        await using var command = database.Command(
            """
            with seen as (
              update sessions set seen_at = $4
              where id_hash = $1 and created_at > $2 and seen_at > $3 and seen_at < $5)
            select s.id, s.user_id, s.method, s.confirmed_at, u.first_name, u.last_name, u.email,
                   u.support_since is not null, u.registered_at is not null, u.paused_at is not null,
                   not exists (
                     select from terms_acceptances a where a.user_id = u.id and a.version_id = terms.id)
                   and terms.id is not null,
                   m.organisation_id, m.role, m.paused_at is not null, m.awaited,
                   array(
                     select g.service_area_id from access_grants g
                     where g.organisation_id = m.organisation_id and g.membership_id = m.id),
                   o.sign_in_methods, o.second_factor_required,
                   here.id, here.name, here.code, here.details::text, here.second_factor_required,
                   here.sign_in_methods, here.area_word, here.bulk_invitations_a_day, here.created_at
            from sessions s
            join users u on u.id = s.user_id
            left join lateral (select id from terms_versions order by number desc limit 1) terms on true
            left join memberships m on m.user_id = u.id and m.removed_at is null
            left join organisations o on o.id = m.organisation_id
            left join organisations here on here.id = $6
            where s.id_hash = $1 and s.created_at > $2 and s.seen_at > $3
            """,
            sessionHash,
            now - Web.Session.Longest,
            now - Web.Session.Idle,
            now,
            now - seenEvery,
            organisationId ?? Guid.Empty
        );
        await using var row = await command.ExecuteReaderAsync();
        if (!await row.ReadAsync())
        {
            return null;
        }

        var person = new SignedIn(
            new(row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.GetFieldValue<DateTimeOffset?>(3)),
            row.OrNull<string>(4),
            row.OrNull<string>(5),
            row.GetString(6),
            IsSupport: row.GetBoolean(7),
            IsRegistered: row.GetBoolean(8),
            IsPaused: row.GetBoolean(9),
            NeedsTerms: row.GetBoolean(10),
            [],
            row.IsDBNull(18) ? null : ReadOrganisation(row)
        );
        var memberships = new List<SignedInMembership>();
        do
        {
            if (!row.IsDBNull(11))
            {
                memberships.Add(
                    new(
                        row.GetGuid(11),
                        row.GetString(12),
                        IsPaused: row.GetBoolean(13),
                        IsAwaited: row.GetBoolean(14),
                        row.GetFieldValue<Guid[]>(15),
                        row.OrNull<string[]>(16),
                        DemandsSecondFactor: row.GetBoolean(17)
                    )
                );
            }
        } while (await row.ReadAsync());

        return person with
        {
            Memberships = memberships,
        };
    }

    private static Organisation ReadOrganisation(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(18),
            Name = row.GetString(19),
            Code = row.OrNull<string>(20),
            Details = new(
                JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(21))!,
                StringComparer.Ordinal
            ),
            SecondFactorRequired = row.GetBoolean(22),
            SignInMethods = row.OrNull<string[]>(23),
            AreaWord = row.OrNull<string>(24),
            BulkInvitationsADay = row.GetFieldValue<int?>(25),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(26),
        };
}

/// <param name="IsAwaited">They have not opened this organisation yet.</param>
/// <param name="Areas">The service areas they are limited to; none for all of them.</param>
/// <param name="SignInMethods">The ways it allows; null: as the service's settings say.</param>
internal sealed record SignedInMembership(
    Guid OrganisationId,
    string Role,
    bool IsPaused,
    bool IsAwaited,
    Guid[] Areas,
    string[]? SignInMethods,
    bool DemandsSecondFactor
);
