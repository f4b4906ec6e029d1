using System.ComponentModel.DataAnnotations;
using Rollcall.Addresses;

namespace Rollcall;

/// <summary>How emails are sent.</summary>
public sealed class EmailOptions
{
    /// <summary>
    /// Which sender to use: the development mailbox (shown at /dev/mailbox, sends nothing), an SMTP server or GOV.UK
    /// Notify. The mailbox is refused outside Development.
    /// </summary>
    public EmailSenderKind Sender { get; set; } = EmailSenderKind.Mailbox;

    /// <summary>The From address. Its domain's SPF and DKIM records must allow the SMTP server.</summary>
    [Required, EmailAddress]
    public string From { get; set; } = "no-reply@example.com";

    /// <summary>The SMTP server, used if <see cref="Sender"/> is <see cref="EmailSenderKind.Smtp"/>.</summary>
    public SmtpOptions Smtp { get; set; } = new();
}

/// <summary>The ways to send email.</summary>
public enum EmailSenderKind
{
    /// <summary>Stored in the database and shown at /dev/mailbox. Refused outside Development.</summary>
    Mailbox,

    /// <summary>Sent through an SMTP server.</summary>
    Smtp,

    /// <summary>Sent through GOV.UK Notify.</summary>
    Notify,
}

/// <summary>A GOV.UK Notify account.</summary>
public sealed class NotifyOptions
{
    /// <summary>
    /// The API key as Notify shows it when it is created: a name, the service ID and the secret key, joined by hyphens.
    /// </summary>
    public string ApiKey { get; set; } = "";

    /// <summary>
    /// The ID of the email template. Its subject must be <c>((subject))</c> and its message <c>((body))</c>. Required
    /// if Notify is the sender.
    /// </summary>
    public Guid? EmailTemplate { get; set; }

    /// <summary>
    /// The ID of the text message template. Its message must be <c>((body))</c>. Null, the default: no codes are sent
    /// by text message.
    /// </summary>
    public Guid? TextTemplate { get; set; }

    /// <summary>The address of Notify's API. Must be https outside Development.</summary>
    public Uri BaseUrl { get; set; } = new("https://api.notifications.service.gov.uk");

    /// <summary>
    /// How many messages one instance sends to Notify in a minute, by default 3,000: Notify's limit for all instances
    /// together.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MessagesAMinute { get; set; } = 3000;

    internal bool SendsTexts => ApiKey.Length > 0 && TextTemplate is not null;
}

/// <summary>An SMTP server.</summary>
public sealed class SmtpOptions
{
    /// <summary>The host name.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>The port: 1 to 65,535, by default 587 (submission with STARTTLS).</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    /// <summary>
    /// Whether to require STARTTLS and check the certificate. On by default. Turn it off only for a relay on the same
    /// machine.
    /// </summary>
    public bool StartTls { get; set; } = true;

    /// <summary>The user name. Empty by default: no authentication.</summary>
    public string UserName { get; set; } = "";

    /// <summary>The password for <see cref="UserName"/>.</summary>
    public string Password { get; set; } = "";
}
