using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Emails.Senders;

namespace Rollcall.Emails;

internal static class EmailServices
{
    /// <summary>Adds the email services. They need NpgsqlDataSource, TimeProvider, Links and the options.</summary>
    public static IServiceCollection AddEmails(this IServiceCollection services) =>
        services
            .AddSingleton<OutboxInstances>()
            .AddSingleton<Deliveries>()
            .AddSingleton<Letterhead>()
            .AddSingleton<IEmailSender>(provider =>
            {
                var options = provider.GetRequiredService<IOptions<RollcallOptions>>();
                var notify = new Lazy<NotifySender>(() => new(options, provider.GetRequiredService<TimeProvider>()));
                IEmailSender emails = options.Value.Email.Sender switch
                {
                    EmailSenderKind.Smtp => new SmtpSender(options, provider.GetRequiredService<TimeProvider>()),
                    EmailSenderKind.Notify => notify.Value,
                    _ => new MailboxSender(provider.GetRequiredService<NpgsqlDataSource>()),
                };
                return options.Value.Email.Sender == EmailSenderKind.Smtp && options.Value.Notify.SendsTexts
                    ? new ByChannel(emails, notify.Value)
                    : emails;
            })
            .AddSingleton<OutboxSender>()
            .AddHostedService<Postman>();
}
