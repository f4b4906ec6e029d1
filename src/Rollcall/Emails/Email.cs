using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Addresses;

namespace Rollcall.Emails;

/// <summary>How a message reaches a person.</summary>
internal enum Channel
{
    Email,

    /// <summary>A text message to a mobile number.</summary>
    Text,
}

/// <summary>
/// An email: its facts, subject and words, one kind per file. The outbox stores the facts; the words are rendered from
/// them when the email is sent. Register a new kind in <see cref="Kinds"/>. Renaming or removing a fact would break
/// rows that are still waiting.
/// </summary>
internal abstract record Email
{
    private static readonly Dictionary<string, Type> Kinds = new(StringComparer.Ordinal)
    {
        ["added"] = typeof(AddedToOrganisation),
        ["added-to-another"] = typeof(AddedToAnother),
        ["welcome"] = typeof(Welcome),
        ["reset-password"] = typeof(ResetPassword),
        ["sign-in-changed"] = typeof(SignInChanged),
        ["passkey-changed"] = typeof(PasskeyChanged),
        ["provider-connected"] = typeof(ProviderConnected),
        ["confirm-address"] = typeof(ConfirmAddress),
        ["code-by-email"] = typeof(CodeByEmail),
        ["code-by-text"] = typeof(CodeByText),
        ["support-added"] = typeof(SupportAdded),
        ["support-removed"] = typeof(SupportRemoved),
        ["reminder"] = typeof(Reminder),
        ["removed"] = typeof(Removed),
        ["merged"] = typeof(Merged),
        ["details-changed"] = typeof(DetailsChanged),
        ["address-changed"] = typeof(AddressChanged),
        ["address-change-asked"] = typeof(AddressChangeAsked),
    };

    /// <summary>
    /// The kinds that this version can send. During an upgrade there may be others, which a newer instance sends.
    /// </summary>
    public static string[] KnownKinds { get; } = [.. Kinds.Keys];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The recipient's first name, if known.</summary>
    public string? FirstName { get; init; }

    /// <summary>The recipient's last name, if known.</summary>
    public string? LastName { get; init; }

    /// <summary>Lower is sent first: a person waits at the screen for a code, and no one waits for a notice.</summary>
    [JsonIgnore]
    public virtual short Priority => 20;

    [JsonIgnore]
    public virtual Channel Channel => Channel.Email;

    /// <summary>An email older than this is not sent, because it is no longer useful. Null if it always is.</summary>
    [JsonIgnore]
    public virtual TimeSpan? WorthSendingFor => null;

    public abstract string Subject(Letterhead from);

    public abstract IEnumerable<Block> Body(Letterhead from, string to);

    [JsonIgnore]
    public string Kind => Kinds.Single(k => k.Value == GetType()).Key;

    public string ToJson() => JsonSerializer.Serialize(this, GetType(), Json);

    /// <exception cref="JsonException">The row was not written by this version of the product.</exception>
    public static Email FromJson(string kind, string json) =>
        Kinds.TryGetValue(kind, out var type) && JsonSerializer.Deserialize(json, type, Json) is Email email
            ? email
            : throw new JsonException($"There is no email of the kind '{kind}'.");

    /// <summary>
    /// Every email begins with the reader's name, which tells it from a mass mailing. The name may have been typed by
    /// someone else, so it is left out if it does not look like a name.
    /// </summary>
    protected Paragraph Greeting =>
        new(
            PersonName.FullName(FirstName, LastName, "") is { Length: > 0 } name && PersonName.IsFitForEmails(name)
                ? $"Dear {name}"
                : "Hello"
        );

    /// <summary>The person who added the reader, to follow "by".</summary>
    /// <param name="name">Null for the support team.</param>
    /// <param name="organisation">The admin's organisation; null for support staff.</param>
    protected static string Inviter(string? name, string? organisation, Letterhead from) =>
        name is not null && PersonName.IsFitForEmails(name) ? name
        : name is null || organisation is null ? from.SupportName
        : $"an admin at {organisation}";
}
