using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Users;

/// <summary>Events in the words of a person.</summary>
internal static class History
{
    private static readonly (string Fact, string Label)[] Facts = [("firstName", "first name"), ("lastName", "last name"), ("email", "email address")];

    /// <summary>The records whose events are the history of this person: theirs, and those that were merged into it.</summary>
    public static async Task<Guid[]> RecordsOfAsync(Db db, Guid userId, CancellationToken cancellation)
        => [userId, .. await db.Users.Where(u => u.MergedInto == userId).Select(u => u.Id).ToListAsync(cancellation)];

    /// <param name="actor">Who did it, if not by the name that was written down.</param>
    public static string InWords(AuditEvent e, string? organisation, string? actor = null)
    {
        var by = actor ?? e.ActorName;
        return e.Kind switch
        {
            AuditKinds.Added => $"{by} added them to {organisation}",
            AuditKinds.Removed => $"{by} removed them from {organisation}",
            AuditKinds.RemovalUndone => $"{by} took back that they were removed from {organisation}",
            AuditKinds.AccessReviewed => $"{by} reviewed their access to {organisation} and {(Kept(e.Data) ? "kept" : "ended")} it",
            AuditKinds.Reminded => "It was time to remind them of the invitation",
            AuditKinds.DetailsChanged => $"{by} changed their {Changes(e.Data)}",
            AuditKinds.RoleChanged => $"{by} changed what they may do at {organisation} from {Fact(e.Data, "from")} to {Fact(e.Data, "to")}",
            AuditKinds.RoleNotConfirmed => $"Their role at {organisation} became {Fact(e.Data, "to")}: whoever had given them {Fact(e.Data, "from")} could not give it any more when they first signed in",
            AuditKinds.Paused => $"{by} paused them at {organisation}{Reason(e.Data)}",
            AuditKinds.Resumed => $"{by} resumed them at {organisation}",
            AuditKinds.AccountPaused => $"{by} paused their account{Reason(e.Data)}",
            AuditKinds.AccountResumed => $"{by} resumed their account",
            AuditKinds.Merged => Fact(e.Data, "howChecked") is { } howChecked
                ? $"{by} merged the record of {Fact(e.Data, "gone")} into that of {Fact(e.Data, "kept")}. How it was checked that both are the same person: {howChecked}"
                : $"{by} merged the record of {Fact(e.Data, "gone")} into theirs",
            AuditKinds.InvitationSentAgain => e.ActorId is null ? "They asked for the invitation to be sent again" : $"{by} asked for the invitation to be sent again",
            AuditKinds.RegistrationStarted => "They began to create their account",
            AuditKinds.Registered => "They completed their account",
            AuditKinds.TermsAccepted => $"They accepted version {Version(e.Data)} of the terms and conditions",
            AuditKinds.SupportAdded => $"{by} made them a support user",
            AuditKinds.SupportRemoved => $"{by} removed them from the support users",
            AuditKinds.SignedIn => "They signed in",
            AuditKinds.SignInRefused => "Somebody tried to sign in with their address and a wrong password or security code",
            AuditKinds.SignedOutEverywhere => "They signed out everywhere",
            AuditKinds.PasswordResetAsked => "A link to a new password was asked for",
            AuditKinds.PasswordChanged => "They changed their password",
            AuditKinds.SecondFactorAdded => "They set up another way to get security codes",
            AuditKinds.SecondFactorRemoved => "They removed a way to get security codes",
            AuditKinds.SecondFactorsReset => $"{by} removed their ways to get security codes. How it was checked that they had asked: {Fact(e.Data, "howChecked")}",
            AuditKinds.IdentityUnlinked => $"{by} ended the link to {Fact(e.Data, "email") ?? "somebody"} at {Fact(e.Data, "issuer")}. How it was checked that they had asked: {Fact(e.Data, "howChecked")}",
            AuditKinds.MobileChanged => "They changed their mobile phone number",
            AuditKinds.PasskeyAdded => "They added a passkey",
            AuditKinds.PasskeyRemoved => "They removed a passkey",
            AuditKinds.RecoveryCodesMade => "They made new recovery codes",
            AuditKinds.AddressChangeAsked => "They asked to use another email address",
            AuditKinds.SignedOut => "They signed out",
            AuditKinds.IdentityLinked => "They began to sign in through another service",
            AuditKinds.ProviderAddressTaken => $"They signed in through another service, which calls them {Fact(e.Data, "email")}: that is the email address of somebody else here",
            _ => $"{by}: {e.Kind}",
        };
    }

    private static string? Fact(string json, string name)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(name).GetString();
    }

    private static string Reason(string json) => Fact(json, "reason") is { } reason ? $": {reason}" : "";

    private static int Version(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("version").GetInt32();
    }

    /// <summary>"Grace Hopper kept Ada Lovelace", by the names of that day.</summary>
    public static string Review(AuditEvent e, string? actor) => $"{actor ?? e.ActorName} {(Kept(e.Data) ? "kept" : "removed")} {Fact(e.Data, "name")}";

    private static bool Kept(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("kept").GetBoolean();
    }

    private static string Changes(string json)
    {
        using var document = JsonDocument.Parse(json);
        var data = document.RootElement;
        var (was, became) = (data.GetProperty("from"), data.GetProperty("to"));
        return string.Join(", ", from fact in Facts
                                 let before = was.GetProperty(fact.Fact).GetString()
                                 let after = became.GetProperty(fact.Fact).GetString()
                                 where before != after
                                 select $"{fact.Label} from {before ?? "nothing"} to {after ?? "nothing"}");
    }
}
