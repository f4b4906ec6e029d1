using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Rollcall.Emails;
using Rollcall.Emails.Senders;

namespace Rollcall.Tests.Emails;

public class EmailServicesTests
{
    [Theory]
    [InlineData(EmailSenderKind.Mailbox, typeof(MailboxSender))]
    [InlineData(EmailSenderKind.Smtp, typeof(SmtpSender))]
    public async Task The_setting_chooses_the_sender(EmailSenderKind kind, Type sender)
    {
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<Links>()
            .AddSingleton<Rollcall.Security.Secret>()
            .AddSingleton(NpgsqlDataSource.Create("Host=nowhere.invalid"))
            .Configure<RollcallOptions>(o => o.Email.Sender = kind)
            .AddEmails()
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        Assert.IsType(sender, services.GetRequiredService<IEmailSender>());
        Assert.IsType<Postman>(Assert.Single(services.GetServices<IHostedService>()));
    }
}
