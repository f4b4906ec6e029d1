using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Users;

/// <summary>Events in the words of a person.</summary>
internal static class History
{
    private static readonly (string Fact, string Label)[] Facts =
    [
        ("firstName", "first name"),
        ("lastName", "last name"),
        ("email", "email address"),
    ];

    /// <summary>
    /// The records whose events are the history of this person: theirs, and those that were merged into it.
    /// </summary>
    public static async Task<Guid[]> RecordsOfAsync(Db db, Guid userId, CancellationToken cancellation) =>
        [userId, .. await db.Users.Where(u => u.MergedInto == userId).Select(u => u.Id).ToListAsync(cancellation)];

    /// <summary>What an organisation reads support staff as, at the start of a sentence.</summary>
    public static string SupportTeam(RollcallOptions options) =>
        char.ToUpperInvariant(options.SupportName[0]) + options.SupportName[1..];

    /// <param name="actor">Who did it, if not by the name that was written down.</param>
    public static string InWords(AuditEvent e, string? organisation, string? actor = null)
    {
        var by = actor ?? e.ActorName;
        return e.Kind switch
        {
            AuditKinds.Added => $"{by} added them to {organisation}",
            AuditKinds.Removed => $"{by} removed them from {organisation}",
            AuditKinds.RemovalUndone => $"{by} undid their removal from {organisation}",
            AuditKinds.AccessReviewed =>
                $"{by} reviewed their access to {organisation} and {(Kept(e.Data) ? "kept them" : "removed them")}",
            AuditKinds.Reminded => "Their invitation was about to expire, so a reminder was due",
            AuditKinds.DetailsChanged => $"{by} changed their {Changes(e.Data)}",
            AuditKinds.RoleChanged => $"{by} {AccessChange(e.Data, organisation)}",
            AuditKinds.RoleNotConfirmed => $"Their role at {organisation} changed to {Fact(e.Data, "to")}: "
                + $"the person who gave them {Fact(e.Data, "from")} no longer had permission to",
            AuditKinds.AreasNotConfirmed => AreasNotConfirmed(e.Data, organisation),
            AuditKinds.Paused => $"{by} paused their access to {organisation}{Reason(e.Data)}",
            AuditKinds.Resumed => $"{by} resumed their access to {organisation}",
            AuditKinds.AccountPaused => $"{by} paused their account{Reason(e.Data)}",
            AuditKinds.AccountResumed => $"{by} resumed their account",
            AuditKinds.Merged => Fact(e.Data, "howChecked") is { } howChecked
                ? $"{by} merged the record for {Fact(e.Data, "gone")} into the record for {Fact(e.Data, "kept")}. "
                    + $"How they checked it was the same person: {howChecked}"
                : $"{by} merged the record for {Fact(e.Data, "gone")} into this one",
            AuditKinds.InvitationSentAgain => e.ActorId is null
                ? "Asked for a new invitation link"
                : $"{by} asked for their invitation to be resent",
            AuditKinds.SecretChanged => "We sent them a new link, because all older links ended",
            AuditKinds.RegistrationStarted => "Started creating their account",
            AuditKinds.Registered => "Created their account",
            AuditKinds.TermsAccepted => $"Accepted version {Version(e.Data)} of the terms and conditions",
            AuditKinds.SupportAdded => $"{by} made them a support user",
            AuditKinds.SupportRemoved => $"{by} removed them from the support users",
            AuditKinds.SignedIn => "Signed in",
            AuditKinds.SignInRefused =>
                "Someone tried to sign in with their email address and a wrong password or security code",
            AuditKinds.SignedOutEverywhere => "Signed out everywhere",
            AuditKinds.PasswordResetAsked => "A link to reset their password was requested",
            AuditKinds.PasswordChanged => "Changed their password",
            AuditKinds.SecondFactorAdded => "Set up another way to get security codes",
            AuditKinds.SecondFactorRemoved => "Removed a way to get security codes",
            AuditKinds.SecondFactorsReset => $"{by} removed their security codes, passkeys and recovery codes. "
                + $"How they checked who asked: {Fact(e.Data, "howChecked")}",
            AuditKinds.IdentityUnlinked =>
                $"{by} removed the link to {Fact(e.Data, "email") ?? "an account"} at {Fact(e.Data, "issuer")}. "
                    + $"How they checked who asked: {Fact(e.Data, "howChecked")}",
            AuditKinds.MobileChanged => "Changed their mobile phone number",
            AuditKinds.PasskeyAdded => "Added a passkey",
            AuditKinds.PasskeyRemoved => "Removed a passkey",
            AuditKinds.RecoveryCodesMade => "Created new recovery codes",
            AuditKinds.AddressChangeAsked => "Asked to change their email address",
            AuditKinds.SignedOut => "Signed out",
            AuditKinds.IdentityLinked => "Started signing in through another service",
            AuditKinds.ProviderAddressTaken => $"Signed in through another service as {Fact(e.Data, "email")}, "
                + "which is someone else’s email address here",
            _ => $"{by}: {e.Kind}",
        };
    }

    internal static string? Fact(string json, string name)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(name).GetString();
    }

    /// <summary>The role, the service areas, or both: whichever changed.</summary>
    private static string AccessChange(string json, string? organisation)
    {
        using var document = JsonDocument.Parse(json);
        var data = document.RootElement;
        var (from, to) = (data.GetProperty("from").GetString(), data.GetProperty("to").GetString());
        var (had, has) = (Areas("areasFrom"), Areas("areasTo"));
        var role = from == to ? null : $"their role at {organisation} from {from} to {to}";
        var areas = had == has ? null : $"what they can use at {organisation} from {had} to {has}";
        return $"changed {string.Join(" and ", new[] { role, areas }.OfType<string>())}";

        string Areas(string fact)
        {
            var names = data.TryGetProperty(fact, out var all)
                ? all.EnumerateArray().Select(area => area.GetString())
                : [];
            return string.Join(", ", names.Order(StringComparer.CurrentCulture)) is { Length: > 0 } some
                ? some
                : "everything";
        }
    }

    private static string AreasNotConfirmed(string json, string? organisation)
    {
        using var document = JsonDocument.Parse(json);
        var data = document.RootElement;
        if (data.GetProperty("paused").GetBoolean())
        {
            return $"They were paused at {organisation}: the person who gave them access no longer had any of the same "
                + "access when they first signed in";
        }

        var areas = string.Join(", ", data.GetProperty("to").EnumerateArray().Select(area => area.GetString()));
        return $"Their access at {organisation} became {areas}: the person who gave it no longer had more when they "
            + "first signed in";
    }

    private static string Reason(string json) => Fact(json, "reason") is { } reason ? $": {reason}" : "";

    private static int Version(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("version").GetInt32();
    }

    /// <summary>"Grace Hopper kept Ada Lovelace", by the names of that day.</summary>
    public static string Review(AuditEvent e, string? actor) =>
        $"{actor ?? e.ActorName} {(Kept(e.Data) ? "kept" : "removed")} {Fact(e.Data, "name")}";

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
        return string.Join(
            ", ",
            from fact in Facts
            let before = was.GetProperty(fact.Fact).GetString()
            let after = became.GetProperty(fact.Fact).GetString()
            where before != after
            select $"{fact.Label} from {before ?? "nothing"} to {after ?? "nothing"}"
        );
    }
}
