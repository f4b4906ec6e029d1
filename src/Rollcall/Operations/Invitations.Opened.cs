using Microsoft.EntityFrameworkCore;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>A link that a person opened, and what it was sent for.</summary>
/// <param name="Organisation">Null for an invitation to the support team.</param>
internal sealed record OpenedLink(
    LinkState State,
    Invitation? Invitation,
    User? User,
    Organisation? Organisation,
    Membership? Membership,
    string? InvitedBy
)
{
    public static readonly OpenedLink Unknown = new(LinkState.Unknown, null, null, null, null, null);

    /// <summary>Whether the person may come in this way: "password" or a provider's key.</summary>
    public bool Allows(RollcallOptions options, string way) =>
        (way == SignInMethods.Password ? options.SignIn.Passwords : options.SignIn.Provider(way) is not null)
        && (Organisation?.SignInMethods?.Contains(way) ?? true);
}

internal sealed partial class Invitations
{
    /// <summary>What the link with this token is worth now. Changes nothing.</summary>
    public async Task<OpenedLink> FindAsync(string? token, DateTimeOffset now, CancellationToken cancellation)
    {
        if (LinkToken.Hash(token) is not { } hash)
        {
            return OpenedLink.Unknown;
        }

        var found = await (
            from i in db.Invitations
            where i.TokenHash == hash
            join u in db.Users on i.UserId equals u.Id
            from m in db
                .Memberships.Where(m => m.OrganisationId == i.OrganisationId && m.Id == i.MembershipId)
                .DefaultIfEmpty()
            from o in db.Organisations.Where(o => o.Id == m!.OrganisationId).DefaultIfEmpty()
            from inviter in db.Users.Where(b => b.Id == i.InvitedBy && b.SupportSince == null).DefaultIfEmpty()
            select new
            {
                Invitation = i,
                User = u,
                Membership = m,
                Organisation = o,
                By = inviter,
            }
        )
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellation);
        if (found is null)
        {
            return OpenedLink.Unknown;
        }

        var state = found.Invitation.State(now);
        if (found.Membership?.RemovedAt is not null)
        {
            state = LinkState.Withdrawn; // whatever had become of the link before
        }
        else if (
            state is LinkState.Live or LinkState.Expired or LinkState.Superseded
            && found.User.RegisteredAt is not null
        )
        {
            state = LinkState.Used; // by a newer one, or they came another way
        }
        else if (
            state is LinkState.Live or LinkState.Expired or LinkState.Superseded
            && (found.User.PausedAt ?? found.Membership?.PausedAt) is not null
        )
        {
            state = LinkState.Paused;
        }

        return new(state, found.Invitation, found.User, found.Organisation, found.Membership, found.By?.DisplayName);
    }
}
