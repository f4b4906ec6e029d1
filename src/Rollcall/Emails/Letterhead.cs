using Microsoft.Extensions.Options;
using Rollcall.Addresses;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Emails;

/// <summary>
/// What every email needs to know about the service that sends it, and how an email becomes a message.
/// </summary>
internal sealed class Letterhead(IOptions<RollcallOptions> options, Links links, Secret secret)
{
    private readonly RollcallOptions settings = options.Value;

    public string ServiceName => PlainText.OneLine(settings.ServiceName);
    public string SupportName => PlainText.OneLine(settings.SupportName);
    public string SupportEmail => settings.SupportEmail;

    /// <summary>The right side of Message-ID: the domain that the emails come from.</summary>
    public string Domain => settings.Email.From[(settings.Email.From.LastIndexOf('@') + 1)..];

    public string Url(string path) => links.Absolute(path);

    /// <summary>The name of the site, as a phone compares it.</summary>
    public string Host => settings.PublicBaseUrl.Host;

    /// <summary>What a row holds of a secret: no one who reads the table can read it.</summary>
    public static string Seal(Secret secret, string text) =>
        Convert.ToBase64String(secret.Protect("message", System.Text.Encoding.UTF8.GetBytes(text)));

    public string Unseal(string @sealed) =>
        System.Text.Encoding.UTF8.GetString(secret.Unprotect("message", Convert.FromBase64String(@sealed)));

    /// <summary>The link of an invitation: made when the email is, so that no table holds it.</summary>
    public string RegisterUrl(Guid invitation) =>
        Url(Links.Register(LinkToken.Of(secret, LinkToken.Invitation, invitation)));

    public string ResetPasswordUrl(Guid reset) =>
        Url(Links.ResetPassword(LinkToken.Of(secret, LinkToken.PasswordReset, reset)));

    public string ConfirmEmailUrl(Guid change) =>
        Url(Links.ConfirmEmail(LinkToken.Of(secret, LinkToken.AddressChange, change)));

    /// <summary>
    /// Says what the service is for, to people who have never heard of it; nothing where the deployment does not say.
    /// </summary>
    public IEnumerable<Block> Purpose =>
        PlainText.OneLine(settings.ServicePurpose).TrimEnd('.') is { Length: > 0 } purpose
            ? [new Paragraph($"You can use {ServiceName} to {purpose}.")]
            : [];

    /// <summary>What a person who manages the users of this organisation can do; nothing for null.</summary>
    public IEnumerable<Block> Managing(string? organisation) =>
        organisation is null
            ? []
            : [new Paragraph($"You’ll be able to {settings.Organisation.Managing} at {organisation}.")];

    /// <summary>The providers where no one has a password; null where people can have one.</summary>
    public string? OnlyProviders => settings.SignIn.OnlyProviders(null);

    /// <summary>
    /// How to sign in. Where a provider is the only way, an invited person may have no account there.
    /// </summary>
    /// <param name="providers">Their names, where there is no other way; null where people can have a password
    /// here.</param>
    /// <param name="asUsual">The person has signed in before.</param>
    public static Paragraph SignInWith(string? providers, string to, bool asUsual = false) =>
        new(
            providers is not null
                ? $"You sign in with {providers}. If you do not have an account there, create one with {to}."
            : asUsual ? $"Sign in as you usually do, with this email address: {to}."
            : $"Sign in with this email address: {to}."
        );

    /// <summary>Stands before an invitation's link.</summary>
    public static Paragraph UseThisLink(DateTimeOffset? until) =>
        new(
            until is { } end
                ? $"To get started, use this link. It expires at {Uk.DateAndTime(end)} (UK time)."
                : "To get started, use this link."
        );

    /// <summary>The way to a person, after "If …".</summary>
    public IEnumerable<Block> Help(string when) =>
        [new Heading("Get help"), new Paragraph($"{when}, email {SupportEmail}.")];

    /// <summary>The brand's, as the pages have it; white text on it has a contrast of at least 5 : 1.</summary>
    private string Colour => settings.Branding == Branding.GovUk ? "#1d70b8" : "#106165";

    public RenderedEmail Render(Email email, string to, string messageId, DateTimeOffset now)
    {
        var label = PlainText.OneLine(settings.EnvironmentLabel);
        var subject = PlainText.OneLine((label.Length > 0 ? $"[{label}] " : "") + email.Subject(this));
        var blocks = email.Body(this, to).ToList();
        return new RenderedEmail(
            messageId,
            to,
            settings.Email.From,
            ServiceName,
            SupportEmail,
            subject,
            Blocks.ToText(blocks),
            Blocks.ToHtml(subject, ServiceName, Colour, blocks),
            now
        )
        {
            Channel = email.Channel,
            Markdown = Blocks.ToMarkdown(blocks),
        };
    }
}

/// <summary>A message ready to leave.</summary>
internal sealed record RenderedEmail(
    string MessageId,
    string To,
    string From,
    string FromName,
    string ReplyTo,
    string Subject,
    string Text,
    string Html,
    DateTimeOffset Date
)
{
    public Channel Channel { get; init; }

    /// <summary>The body in GOV.UK Notify's own small Markdown.</summary>
    public string Markdown { get; init; } = "";

    /// <summary>1 for the first time that it is handed over.</summary>
    public int Attempt { get; init; } = 1;
}
