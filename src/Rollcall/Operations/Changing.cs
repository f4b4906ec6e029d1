using Microsoft.EntityFrameworkCore;
using Npgsql;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>A person's name and email address as they were, or as they shall be.</summary>
internal sealed record Details(string? FirstName, string? LastName, string Email)
{
    public static Details Of(User user) => new(user.FirstName, user.LastName, user.Email);
}

/// <summary>An email that a change causes, and what it is for in the words of the check page.</summary>
internal sealed record Notice(string To, string Purpose, Email Email);

/// <summary>Somebody else changed the same person since the form was opened.</summary>
internal sealed record Conflict(Details Now);

/// <summary>Changes a person's name or email address, wherever they belong.</summary>
internal sealed class Changing(Db db, Recording recording)
{
    /// <summary>Whether the console's rules let the viewer change this person's name and email address now.</summary>
    /// <param name="elsewhere">The person also belongs to another organisation: its people would see the change too, so only support may.</param>
    public static (bool Name, bool Email) May(Viewer viewer, ConsoleOptions rules, User user, bool elsewhere)
    {
        bool Allows(EditPolicy policy) => policy == EditPolicy.Always || (policy == EditPolicy.UntilFirstSignIn && user.RegisteredAt is null);
        var shared = elsewhere && !viewer.IsSupport;
        return (!shared && Allows(rules.EditName), !shared && Allows(rules.EditEmail));
    }

    /// <summary>Changes, records and queues the emails, in the caller's transaction. <paramref name="before"/> is what the form was opened with.</summary>
    public async Task<(Conflict? Conflict, Refusal? Refusal)> ChangeAsync(
        Viewer by, Organisation organisation, Guid userId, Details before, Details after, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.LockOrganisationsOfAsync(userId, cancellation);
        var user = await db.Users.FromSql($"select * from users where id = {userId} for update").SingleAsync(cancellation);
        if (Details.Of(user) != before)
            return (new(Details.Of(user)), null);
        if (before == after)
            return (null, null);

        if (!EmailAddress.TryParse(after.Email, out var email))
            return (null, new("Email", EmailAddress.WrongFormat));
        (user.FirstName, user.LastName, user.Email, user.EmailKey) = (after.FirstName, after.LastName, email.Display, email.Key);
        recording.Add(AuditKinds.DetailsChanged, by, now, organisation.Id, user.Id, new { from = before, to = after });
        var membership = await db.Memberships.Where(m => m.OrganisationId == organisation.Id && m.UserId == userId && m.RemovedAt == null)
            .Select(m => m.Id).SingleAsync(cancellation);
        if (before.Email != after.Email)
            await Outbox.SupersedeAsync(db, membership, now, cancellation);
        foreach (var notice in Notices(by, organisation, user, before, after))
            Outbox.Enqueue(db, notice.To, notice.Email, membership, now);
        try
        {
            await db.SaveChangesAsync(cancellation);
            return (null, null);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { ConstraintName: "one_user_per_email" })
        {
            return (null, new("Email", EmailAddress.InUse));
        }
    }

    /// <summary>The emails that the change sends. The check page shows these very ones, so that it promises nothing that does not happen.</summary>
    public static IEnumerable<Notice> Notices(Viewer by, Organisation organisation, User user, Details before, Details after)
    {
        if (before == after || user.PausedAt is not null)
            yield break;
        var changedBy = by.IsSupport ? null : organisation.Name;
        var addressChanged = before.Email != after.Email;
        if (user.RegisteredAt is not null)
            yield return new(after.Email, "to tell them what was changed", new DetailsChanged(before.FirstName == after.FirstName ? null : after.FirstName,
                before.LastName == after.LastName ? null : after.LastName, addressChanged ? after.Email : null, changedBy)
            { FirstName = after.FirstName, LastName = after.LastName });
        else if (addressChanged)
            yield return new(after.Email, $"to tell them that they were added to {organisation.Name} and how to sign in",
                new Added(organisation.Id, organisation.Name, by.IsSupport ? null : by.Name) { FirstName = after.FirstName, LastName = after.LastName });
        if (addressChanged)
            yield return new(before.Email, "to tell them that it is no longer used", new AddressChanged { FirstName = after.FirstName, LastName = after.LastName });
    }
}
