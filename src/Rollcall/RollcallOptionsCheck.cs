using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Rollcall.Web;

namespace Rollcall;

/// <summary>Validates the settings when the application starts, and reports all errors at once.</summary>
internal sealed partial class RollcallOptionsCheck(IHostEnvironment environment) : IValidateOptions<RollcallOptions>
{
    /// <summary>Parses a network; a single IP address becomes a network of one.</summary>
    public static IPNetwork Network(string proxy) =>
        IPAddress.TryParse(proxy, out var address)
            ? new(address, address.GetAddressBytes().Length * 8)
            : IPNetwork.Parse(proxy);

    public ValidateOptionsResult Validate(string? name, RollcallOptions options)
    {
        var wrong = new List<string>();
        foreach (
            var (section, value) in (IEnumerable<(string, object)>)
                [
                    ("Rollcall", options),
                    ("Rollcall:Support", options.Support),
                    ("Rollcall:Organisation", options.Organisation),
                    ("Rollcall:Privacy", options.Privacy),
                    ("Rollcall:Accessibility", options.Accessibility),
                    ("Rollcall:Limits", options.Limits),
                    ("Rollcall:Retention", options.Retention),
                    ("Rollcall:Notify", options.Notify),
                    ("Rollcall:Email", options.Email),
                    ("Rollcall:Email:Smtp", options.Email.Smtp),
                    .. options.Roles.Select((role, i) => ($"Rollcall:Roles:{i}", (object)role)),
                    .. options.SignIn.Providers.Select(
                        (provider, i) => ($"Rollcall:SignIn:Providers:{i}", (object)provider)
                    ),
                ]
        )
        {
            var results = new List<ValidationResult>();
            Validator.TryValidateObject(value, new(value), results, validateAllProperties: true);
            wrong.AddRange(results.Select(r => $"{section}: {r.ErrorMessage}"));
        }
        if (!options.PublicBaseUrl.IsAbsoluteUri || options.PublicBaseUrl.Scheme is not ("http" or "https"))
        {
            wrong.Add("Rollcall:PublicBaseUrl must be an address such as https://people.example.com");
        }
        else if (options.PublicBaseUrl.AbsolutePath != "/")
        {
            wrong.Add("Rollcall:PublicBaseUrl must have no path: the pages are at the root of the host");
        }
        else if (!environment.IsDevelopment() && options.PublicBaseUrl.Scheme != Uri.UriSchemeHttps)
        {
            wrong.Add("Rollcall:PublicBaseUrl must start with https:// outside Development");
        }

        if (
            options.ServiceUrl is { } service
            && !(
                service.IsAbsoluteUri
                && (
                    service.Scheme == Uri.UriSchemeHttps
                    || (environment.IsDevelopment() && service.Scheme == Uri.UriSchemeHttp)
                )
            )
        )
        {
            wrong.Add("Rollcall:ServiceUrl must be an address that starts with https://, or empty");
        }
        if (
            options.AskForMobile == true
            && options.MobileReason.Trim().Length == 0
            && options.Email.Sender != EmailSenderKind.Mailbox
            && !options.Notify.SendsTexts
        )
        {
            wrong.Add(
                "Rollcall:MobileReason must say what mobile numbers are for: "
                    + "AskForMobile is on, and no security codes can be sent to them"
            );
        }
        if (options.Secret is { Length: > 0 } secret && !Security.Secret.IsValid(secret))
        {
            wrong.Add("Rollcall:Secret must be at least 32 bytes in base 64, such as from openssl rand -base64 32");
        }

        if (!environment.IsDevelopment() && string.IsNullOrWhiteSpace(options.ServicePurpose))
        {
            wrong.Add(
                "Rollcall:ServicePurpose is missing: what people use the service for, to follow “You can use it to”"
            );
        }

        if (!environment.IsDevelopment() && options.Email.Sender == EmailSenderKind.Mailbox)
        {
            wrong.Add("Rollcall:Email:Sender must not be Mailbox outside Development: no one would get their email");
        }

        if (
            !environment.IsDevelopment()
            && options.Email.Sender == EmailSenderKind.Smtp
            && options.Email.Smtp is { StartTls: false, UserName.Length: > 0 }
        )
        {
            wrong.Add(
                "Rollcall:Email:Smtp:StartTls must be on where UserName is set: "
                    + "the password would be sent unencrypted"
            );
        }
        if (OwnPrivacyText.Problem(options.Privacy.File) is { } problem)
        {
            wrong.Add($"Rollcall:Privacy:File {options.Privacy.File} {problem}");
        }

        wrong.AddRange(Notify(options).Select(mistake => "Rollcall:Notify:" + mistake));
        wrong.AddRange(
            options.SignIn.Providers.SelectMany(
                (provider, i) =>
                    provider
                        .Mistakes(environment.IsDevelopment())
                        .Select(mistake => $"Rollcall:SignIn:Providers:{i}: {mistake}")
            )
        );
        if (
            options.SignIn.Providers.DistinctBy(p => p.Key, StringComparer.Ordinal).Count()
            < options.SignIn.Providers.Count
        )
        {
            wrong.Add("Rollcall:SignIn:Providers: two have the same Key");
        }

        if (!options.SignIn.Passwords && options.SignIn.Providers.Count == 0)
        {
            wrong.Add("Rollcall:SignIn: without passwords and without a provider no one can sign in");
        }

        if (options.Roles.DistinctBy(r => r.Key, StringComparer.Ordinal).Count() < options.Roles.Count)
        {
            wrong.Add("Rollcall:Roles: two have the same Key");
        }

        if (options.Roles.Count > 1 && !options.Roles.Any(r => r.ManagesUsers))
        {
            wrong.Add("Rollcall:Roles: one of several must have ManagesUsers, or only support can manage users");
        }

        wrong.AddRange(
            options
                .TrustedProxies.Where(proxy => !IPAddress.TryParse(proxy, out _) && !IPNetwork.TryParse(proxy, out _))
                .Select(proxy =>
                    $"Rollcall:TrustedProxies: {proxy} is neither an address nor a network such as 10.0.0.0/8"
                )
        );
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private IEnumerable<string> Notify(RollcallOptions options)
    {
        var notify = options.Notify;
        var isSender = options.Email.Sender == EmailSenderKind.Notify;
        if (notify.ApiKey.Length == 0 && (isSender || notify.TextTemplate is not null))
        {
            yield return "ApiKey is missing";
        }
        else if (notify.ApiKey.Length > 0 && !ApiKey().IsMatch(notify.ApiKey))
        {
            yield return "ApiKey must be the whole key as Notify shows it when you create it: a name and two IDs, "
                + "joined by hyphens";
        }

        if (isSender && notify.EmailTemplate is null)
        {
            yield return "EmailTemplate is missing: the id of a template with the subject ((subject)) and the message "
                + "((body))";
        }

        if (
            !notify.BaseUrl.IsAbsoluteUri
            || (
                notify.BaseUrl.Scheme != Uri.UriSchemeHttps
                && !(environment.IsDevelopment() && notify.BaseUrl.Scheme == Uri.UriSchemeHttp)
            )
        )
        {
            yield return "BaseUrl must start with https://";
        }
    }

    [GeneratedRegex(
        "^.+-[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}-[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex ApiKey();
}
