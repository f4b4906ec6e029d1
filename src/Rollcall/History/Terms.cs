namespace Rollcall.History;

/// <param name="TextHash">The SHA-256 of the text, in hexadecimal.</param>
internal sealed record TermsPublished(int? Version, string? TextHash) : Event("terms-published")
{
    public override string Sentence(EventContext context) =>
        $"{context.By} published {(Version is null ? "" : $"version {Version} of ")}the terms and conditions";
}

internal sealed record TermsAccepted(int? Version, string? TextHash) : Event("terms-accepted")
{
    public override string Sentence(EventContext context) =>
        $"Accepted {(Version is null ? "" : $"version {Version} of ")}the terms and conditions";
}
