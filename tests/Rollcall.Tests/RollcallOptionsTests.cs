using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Rollcall.Tests.Support;

namespace Rollcall.Tests;

/// <summary>What is wrong with the settings is said at the start, in words, and all of it at once.</summary>
public sealed class RollcallOptionsTests
{
    private static readonly Guid Template = NotifyStandIn.EmailTemplate;

    private static RollcallOptions Good() =>
        new()
        {
            PublicBaseUrl = new("https://people.example.com"),
            Secret = Convert.ToBase64String(new byte[32]),
            ServicePurpose = "publish courses",
            Email = { Sender = EmailSenderKind.Smtp },
        };

    private static string[] Mistakes(Action<RollcallOptions> change, string environment = "Production")
    {
        var options = Good();
        change(options);
        return [.. new RollcallOptionsCheck(new Environment(environment)).Validate(null, options).Failures ?? []];
    }

    public static TheoryData<string, Action<RollcallOptions>> Wrong() =>
        new()
        {
            {
                "Rollcall:Notify:ApiKey is missing",
                o =>
                {
                    o.Email.Sender = EmailSenderKind.Notify;
                    o.Notify.EmailTemplate = Template;
                }
            },
            { "Rollcall:Privacy:File /nowhere/privacy.md cannot be read", o => o.Privacy.File = "/nowhere/privacy.md" },
            { "Rollcall:Notify:ApiKey is missing", o => o.Notify.TextTemplate = Template },
            {
                "Rollcall:Notify:EmailTemplate is missing",
                o =>
                {
                    o.Email.Sender = EmailSenderKind.Notify;
                    o.Notify.ApiKey = NotifyStandIn.ApiKey;
                }
            },
            { "Rollcall:Notify:ApiKey must be the whole key", o => o.Notify.ApiKey = NotifyStandIn.Secret },
            {
                "Rollcall:Notify:BaseUrl must start with https://",
                o => o.Notify.BaseUrl = new("http://notify.example")
            },
            { "Rollcall:Notify: The field MessagesAMinute must be between", o => o.Notify.MessagesAMinute = 0 },
            { "Rollcall:Limits: The field AddressesInAList must be between", o => o.Limits.AddressesInAList = 0 },
            {
                "Rollcall:Roles:0: Key must be at most 50 lower-case letters",
                o =>
                    o.Roles.Add(
                        new()
                        {
                            Key = "Ad min",
                            Name = "Admin",
                            ManagesUsers = true,
                        }
                    )
            },
            {
                "Rollcall:Roles: two have the same Key",
                o =>
                {
                    foreach (var _ in "12")
                    {
                        o.Roles.Add(
                            new()
                            {
                                Key = "admin",
                                Name = "Admin",
                                ManagesUsers = true,
                            }
                        );
                    }
                }
            },
            {
                "Rollcall:Roles: one of several must have ManagesUsers",
                o =>
                {
                    foreach (var key in (string[])["a", "b"])
                    {
                        o.Roles.Add(new() { Key = key, Name = key });
                    }
                }
            },
            { "Rollcall:ServicePurpose is missing", o => o.ServicePurpose = " " },
            { "Rollcall:Secret must be at least 32 bytes", o => o.Secret = "c2hvcnQ=" },
            {
                "Rollcall:Email:Sender must not be Mailbox outside Development",
                o => o.Email.Sender = EmailSenderKind.Mailbox
            },
            {
                "Rollcall:Email:Smtp:StartTls must be on where UserName is set",
                o =>
                {
                    o.Email.Smtp.StartTls = false;
                    o.Email.Smtp.UserName = "rollcall";
                }
            },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_mistake_is_said_in_words(string mistake, Action<RollcallOptions> change) =>
        Assert.StartsWith(mistake, Assert.Single(Mistakes(change)), StringComparison.Ordinal);

    [Fact]
    public void Good_settings_are_taken_and_a_stand_in_for_Notify_only_in_Development()
    {
        Assert.Empty(Mistakes(_ => { }));
        Assert.Empty(
            Mistakes(o =>
            {
                o.Email.Sender = EmailSenderKind.Notify;
                o.Notify.ApiKey = NotifyStandIn.ApiKey;
                o.Notify.EmailTemplate = Template;
                o.Notify.TextTemplate = Template;
            })
        );
        Assert.Empty(Mistakes(o => o.Notify.BaseUrl = new("http://127.0.0.1:4010"), "Development"));
        Assert.Empty(Mistakes(o => o.ServicePurpose = "", "Development"));
        Assert.Empty(Mistakes(o => o.Email.Smtp.StartTls = false));
        Assert.Empty(
            Mistakes(
                o =>
                {
                    o.Email.Smtp.StartTls = false;
                    o.Email.Smtp.UserName = "rollcall";
                },
                "Development"
            )
        );
        Assert.Empty(Mistakes(o => o.Roles.Add(new() { Key = "member", Name = "Member" })));
    }

    private sealed class Environment(string name) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = name;
        public string ApplicationName { get; set; } = "";
        public string ContentRootPath { get; set; } = "";
        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
