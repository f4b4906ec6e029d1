using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>An email that a change sends, and what it is for in the words of the check page.</summary>
/// <param name="Email">
/// Null: the invitation, with a new link, of every organisation that has invited the person.
/// </param>
internal sealed record Notice(string To, string Purpose, Email? Email);

/// <summary>The emails of a change. The check page shows what is sent, so that it promises nothing else.</summary>
internal sealed partial class ChangeDetails
{
    /// <summary>The emails that the change would send, for the check page.</summary>
    public async Task<IReadOnlyList<Notice>> NoticesAsync(
        Viewer viewer,
        Organisation organisation,
        User account,
        Membership here,
        Details before,
        Details after,
        CancellationToken cancellation
    )
    {
        var others =
            viewer.IsSupport
            && await db.Memberships.AnyAsync(
                m => m.UserId == account.Id && m.Id != here.Id && m.RemovedAt == null && m.PausedAt == null,
                cancellation
            );
        var seen = Disclosure.Seen(viewer, account, here);
        return [.. Notices(viewer, organisation, seen, here, others, before, after)];
    }

    /// <param name="others">Whether another organisation, where the person is not paused, has invited them.</param>
    private IEnumerable<Notice> Notices(
        Viewer by,
        Organisation organisation,
        User user,
        Membership here,
        bool others,
        Details before,
        Details after
    )
    {
        if (before == after || user.PausedAt is not null)
        {
            yield break;
        }

        var addressChanged =
            before.Email != after.Email
            && (!EmailAddress.TryParse(after.Email, out var email) || email.Key != user.EmailKey);
        if (user.RegisteredAt is not null)
        {
            yield return new(
                after.Email,
                "to tell them what was changed",
                new DetailsChanged(
                    NewFirstName: before.FirstName == after.FirstName ? null : after.FirstName,
                    NewLastName: before.LastName == after.LastName ? null : after.LastName,
                    NewEmailAddress: before.Email == after.Email ? null : after.Email,
                    ChangedBy: by.IsSupport ? null : organisation.Name
                )
                {
                    FirstName = after.FirstName,
                    LastName = after.LastName,
                }
            );
        }
        else if (addressChanged)
        {
            List<string> inviters = [];
            if (here.PausedAt is null)
            {
                inviters.Add(organisation.Name);
            }

            if (others)
            {
                inviters.Add("each other organisation that has invited them");
            }

            if (user.SupportSince is not null)
            {
                inviters.Add(options.Value.SupportName);
            }

            if (inviters.Count > 0)
            {
                var comma = inviters.Count > 1 ? "," : "";
                yield return new(
                    after.Email,
                    $"to tell them they have been added to {Sentence.And(inviters)}{comma} and how to sign in",
                    null
                );
            }

            yield return new(
                before.Email,
                "to tell them their invitation has been withdrawn",
                Withdrawn(organisation, before)
            );
        }

        if (addressChanged && user.RegisteredAt is not null)
        {
            var changed = new AddressChanged { FirstName = after.FirstName, LastName = after.LastName };
            yield return new(before.Email, "to tell them it is no longer used", changed);
        }
    }

    /// <summary>
    /// To the address that was invited, with the names that were typed: the same whether it is known elsewhere or not.
    /// </summary>
    private static Removed Withdrawn(Organisation organisation, Details before) =>
        new(organisation.Name, EverSignedIn: false) { FirstName = before.FirstName, LastName = before.LastName };

    /// <summary>
    /// A withdrawn invitation belongs to the old address: it does not move with the membership, nor end with a removal
    /// that is undone.
    /// </summary>
    private static Guid? MembershipOf(Email email, Membership here) => email is Removed ? null : here.Id;
}
