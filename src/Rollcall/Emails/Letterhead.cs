using Microsoft.Extensions.Options;
using Rollcall.Addresses;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Emails;

/// <summary>What every email needs to know about the service that sends it. Renders emails.</summary>
internal sealed class Letterhead(IOptions<RollcallOptions> options, Links links, Secret secret)
{
    private readonly RollcallOptions settings = options.Value;

    public string ServiceName => PlainText.OneLine(settings.ServiceName);
    public string SupportName => PlainText.OneLine(settings.SupportName);
    public string SupportEmail => settings.SupportEmail;

    /// <summary>The right-hand side of the Message-ID: the domain that emails are sent from.</summary>
    public string Domain => settings.Email.From[(settings.Email.From.LastIndexOf('@') + 1)..];

    public string Url(string path) => links.Absolute(path);

    /// <summary>The site's host name, which phones compare for security codes.</summary>
    public string Host => settings.PublicBaseUrl.Host;

    /// <summary>Seals a secret for its row, so that the table alone does not reveal it.</summary>
    public static string Seal(Secret secret, string text) =>
        Convert.ToBase64String(secret.Protect("message", System.Text.Encoding.UTF8.GetBytes(text)));

    public string Unseal(string @sealed) =>
        System.Text.Encoding.UTF8.GetString(secret.Unprotect("message", Convert.FromBase64String(@sealed)));

    /// <summary>An invitation's link. It is made when the email is rendered, so that no table holds it.</summary>
    public string RegisterUrl(Guid invitation) =>
        Url(Links.Register(LinkToken.Of(secret, LinkToken.Invitation, invitation)));

    public string ResetPasswordUrl(Guid reset) =>
        Url(Links.ResetPassword(LinkToken.Of(secret, LinkToken.PasswordReset, reset)));

    public string ConfirmEmailUrl(Guid change) =>
        Url(Links.ConfirmEmail(LinkToken.Of(secret, LinkToken.AddressChange, change)));

    /// <summary>What the service is for, for people who have never heard of it; empty if not configured.</summary>
    public IEnumerable<Block> Purpose =>
        PlainText.OneLine(settings.ServicePurpose).TrimEnd('.') is { Length: > 0 } purpose
            ? [new Paragraph($"You can use {ServiceName} to {purpose}.")]
            : [];

    /// <summary>What the person can do as someone who manages this organisation's users; empty for null.</summary>
    public IEnumerable<Block> Managing(string? organisation) =>
        organisation is null
            ? []
            : [new Paragraph($"You’ll be able to {settings.Organisation.Managing} at {organisation}.")];

    /// <summary>The providers, if no one has a password; null if people can have one.</summary>
    public string? OnlyProviders => settings.SignIn.OnlyProviders(null);

    /// <summary>How to sign in. An invited person may not have an account at the provider yet.</summary>
    /// <param name="providers">
    /// The providers' names, if there is no other way; null if people can have a password.
    /// </param>
    /// <param name="asUsual">Whether the person has signed in before.</param>
    public static Paragraph SignInWith(string? providers, string to, bool asUsual = false) =>
        new(
            providers is not null
                ? $"You sign in with {providers}. If you do not have an account there, create one with {to}."
            : asUsual ? $"Sign in as you usually do, with this email address: {to}."
            : $"Sign in with this email address: {to}."
        );

    /// <summary>The paragraph before an invitation's link.</summary>
    public static Paragraph UseThisLink(DateTimeOffset? until) =>
        new(
            until is { } end
                ? $"To get started, use this link. It expires at {Uk.DateAndTime(end)} (UK time)."
                : "To get started, use this link."
        );

    /// <summary>How to get help, to follow "If …".</summary>
    public IEnumerable<Block> Help(string when) =>
        [new Heading("Get help"), new Paragraph($"{when}, email {SupportEmail}.")];

    /// <summary>The brand colour of the pages. White text on it has a contrast of at least 5:1.</summary>
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

/// <summary>A message ready to be sent.</summary>
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

    /// <summary>The body in GOV.UK Notify's own subset of Markdown.</summary>
    public string Markdown { get; init; } = "";

    /// <summary>1 for the first attempt.</summary>
    public int Attempt { get; init; } = 1;
}
