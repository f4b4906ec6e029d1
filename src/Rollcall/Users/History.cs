using System.Text.Json;
using Rollcall.Model;

namespace Rollcall.Users;

/// <summary>Events in the words of a person.</summary>
internal static class History
{
    private static readonly (string Fact, string Label)[] Facts = [("firstName", "first name"), ("lastName", "last name"), ("email", "email address")];

    public static string InWords(AuditEvent e, string? organisation) => e.Kind switch
    {
        AuditKinds.Added => $"{e.ActorName} added them to {organisation}",
        AuditKinds.Removed => $"{e.ActorName} removed them from {organisation}",
        AuditKinds.DetailsChanged => $"{e.ActorName} changed their {Changes(e.Data)}",
        AuditKinds.Registered => "They signed in for the first time",
        AuditKinds.SignedIn => "They signed in",
        AuditKinds.SignedOut => "They signed out",
        AuditKinds.IdentityLinked => "They began to sign in through another service",
        AuditKinds.ProviderAddressTaken => $"They signed in through another service, which calls them {Fact(e.Data, "email")}: that is the email address of somebody else here",
        _ => $"{e.ActorName}: {e.Kind}",
    };

    private static string? Fact(string json, string name)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(name).GetString();
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
