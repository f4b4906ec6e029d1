using System.Globalization;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Host;

/// <summary>
/// Sample people with a consistent history: added, registered, signed in, paused. Each is added one minute after the
/// one before.
/// </summary>
internal sealed class DemonstrationPeople(
    Db db,
    DateTimeOffset now,
    RollcallOptions options,
    Secret secret,
    string? passwordHash
)
{
    private readonly Roles roles = Roles.Of(options);
    private readonly List<(User User, Membership Membership)> memberships = [];
    private readonly List<User> registeredPeople = [];

    /// <summary>When the service started: two years ago, before anyone was added or signed in.</summary>
    public DateTimeOffset Began { get; } = now.AddYears(-2);

    public DateTimeOffset Now => now;
    public int Count { get; private set; }

    public string Member => roles.All[0].Key;

    /// <summary>The role that manages users, or the only role.</summary>
    public string Admin => roles.All.LastOrDefault(role => role.ManagesUsers)?.Key ?? Member;

    /// <summary>Whether invitation links expire.</summary>
    public bool LinksExpire => options.InvitationHours is not null;

    public User Add(string first, string last, bool registered)
    {
        var email = string.Create(
            CultureInfo.InvariantCulture,
            $"{Plain(first)}.{Plain(last)}{(Count++ < 10 ? "" : Count)}@example.com"
        );
        // Every 13th person has not signed in for long enough to be due for a review.
        var seen = now.AddDays(Count % 13 == 12 ? -250 - Count : -Count % 40).AddMinutes(-Count * 37);
        var added = registered ? Began.AddMinutes(Count) : Invited;
        var user = new User
        {
            Email = email,
            EmailKey = email,
            FirstName = first,
            LastName = last,
            CreatedAt = added,
            RegisteredAt = registered ? added.AddDays(1) : null,
            PasswordHash = registered ? passwordHash : null,
            PasswordSetAt = registered && passwordHash is not null ? added.AddDays(1) : null,
            LastSignedInAt = registered ? seen : null,
        };
        db.Add(user);
        if (registered)
        {
            registeredPeople.Add(user);
            var method = passwordHash is null ? SignInMethods.Development : SignInMethods.Password;
            Record(new Registered(method), user.RegisteredAt!.Value, user, actor: user);
        }

        return user;
    }

    public User AddSupport(string first, string last)
    {
        var user = Add(first, last, registered: true);
        user.SupportSince = user.CreatedAt;
        Record(new SupportUserAdded(user.Email, KnownBefore: false), user.CreatedAt, user);
        return user;
    }

    public Membership Join(User user, Organisation organisation, string role)
    {
        var membership = new Membership
        {
            OrganisationId = organisation.Id,
            UserId = user.Id,
            Role = role,
            AddedAt = user.CreatedAt,
        };
        db.Add(membership);
        memberships.Add((user, membership));
        Record(new MemberAdded(user.Email, role, KnownElsewhere: false), membership.AddedAt, user, organisation.Id);
        if (user.RegisteredAt is null)
        {
            Invite(user, membership);
        }

        return membership;
    }

    public void Pause(User user, Membership membership)
    {
        membership.PausedAt = user.LastSignedInAt!.Value.AddHours(1);
        Record(new MemberPaused(Reason: null), membership.PausedAt.Value, user, membership.OrganisationId);
    }

    /// <summary>Saves service areas and limits every third person to one of them.</summary>
    public void Divide(Organisation organisation, string[] names)
    {
        var areas = names
            .Select(name => new ServiceArea
            {
                OrganisationId = organisation.Id,
                Name = name,
                CreatedAt = Began,
            })
            .ToList();
        if (areas.Count == 0)
        {
            return;
        }

        db.AddRange(areas);
        db.SaveChanges();

        var limited = memberships
            .Where(m => m.Membership.OrganisationId == organisation.Id && m.Membership.Role == Member)
            .Where((_, i) => i % 3 == 2);
        db.AddRange(
            limited.Select(
                (m, i) =>
                    new AccessGrant
                    {
                        OrganisationId = m.Membership.OrganisationId,
                        MembershipId = m.Membership.Id,
                        ServiceAreaId = areas[i % areas.Count].Id,
                    }
            )
        );
    }

    /// <summary>Publishes terms that every registered person accepted when they created their account.</summary>
    public async Task PublishAsync(string? markdown, User by)
    {
        if (string.IsNullOrWhiteSpace(markdown))
        {
            return;
        }

        var terms = new TermsVersion
        {
            Number = 1,
            Markdown = markdown,
            TextHash = TermsVersion.Hash(markdown),
            PublishedAt = Began,
            PublishedBy = by.Id,
        };
        db.Add(terms);
        await db.SaveChangesAsync();
        foreach (var user in registeredPeople)
        {
            db.Add(
                new TermsAcceptance
                {
                    UserId = user.Id,
                    VersionId = terms.Id,
                    TextHash = terms.TextHash,
                    AcceptedAt = user.RegisteredAt!.Value,
                }
            );
        }
    }

    /// <summary>One in three invitations was sent long enough ago to have expired.</summary>
    private DateTimeOffset Invited => now.AddDays(Count % 3 == 0 ? -9 : -3);

    /// <summary>Adds an invitation as if its email had been sent. The mailbox has no email for it.</summary>
    private void Invite(User user, Membership membership)
    {
        var id = Guid.CreateVersion7(user.CreatedAt);
        membership.ExpiresAt = options.InvitationHours is { } hours ? user.CreatedAt.AddHours(hours) : null;
        db.Add(
            new Invitation
            {
                Id = id,
                OrganisationId = membership.OrganisationId,
                MembershipId = membership.Id,
                UserId = user.Id,
                Email = user.Email,
                TokenHash = LinkToken.Hash(LinkToken.Of(secret, LinkToken.Invitation, id))!,
                SentAt = user.CreatedAt,
                ExpiresAt = membership.ExpiresAt,
            }
        );
    }

    private void Record(Event happened, DateTimeOffset at, User user, Guid? organisation = null, User? actor = null) =>
        db.Add(
            new AuditEvent
            {
                Id = Guid.CreateVersion7(at),
                At = at,
                Kind = happened.Kind,
                ActorId = actor?.Id,
                ActorName = actor?.DisplayName ?? "Rollcall",
                BySupport = actor?.SupportSince is not null,
                OrganisationId = organisation,
                UserId = user.Id,
                Data = happened.ToJson(),
            }
        );

    private static string Plain(string name) =>
        string.Concat(name.Normalize(System.Text.NormalizationForm.FormD).Where(char.IsAsciiLetter)).ToLowerInvariant();
}
