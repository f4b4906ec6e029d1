using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Reminds people of an invitation that they have not accepted, once for each link, before it expires.
/// </summary>
internal sealed class InvitationReminders(Db db, AuditLog audit, IOptions<RollcallOptions> options)
{
    public const int AtOnce = 500;

    /// <summary>
    /// Marks the invitations, records it and queues the emails. Instances that do this at the same time share the work.
    /// </summary>
    /// <returns>How many; <see cref="AtOnce"/> when there may be more.</returns>
    public async Task<int> RemindAsync(DateTimeOffset now)
    {
        if (options.Value.RemindHoursBefore is not { } hours)
        {
            return 0;
        }

        var program = new Actor(null, now);
        var reminded = await db.InTransactionAsync<Result<List<Due>>>(async () =>
        {
            var due = await TakeDueAsync(now, TimeSpan.FromHours(hours));
            foreach (var one in due)
            {
                Outbox.Enqueue(db, one.Email, Of(one), one.Membership, now);
                audit.Add(program, new InvitationReminded(one.Email), one.Organisation, one.Person);
            }

            return due;
        });
        return reminded.Value!.Count;
    }

    /// <summary>
    /// Those whose link ends soon. A link that lives no longer than that is left out: its reminder would follow at
    /// once.
    /// </summary>
    private Task<List<Due>> TakeDueAsync(DateTimeOffset now, TimeSpan before) =>
        db
            .Database.SqlQuery<Due>(
                $"""
                with d as materialized (
                  select i.id, i.email, i.expires_at, m.id as membership, m.organisation_id, o.name, u.id as person,
                    u.first_name, u.last_name, u.registered_at, o.sign_in_methods,
                    (select nullif(trim(concat_ws(' ', b.first_name, b.last_name)), '')
                     from users b where b.id = m.added_by and b.support_since is null) as added_by
                  from invitations i
                  join memberships m on m.organisation_id = i.organisation_id and m.id = i.membership_id
                    and m.removed_at is null and m.paused_at is null
                  join users u on u.id = i.user_id
                    and (m.awaited or (u.paused_at is null and u.registered_at is null))
                  join organisations o on o.id = m.organisation_id
                  where i.reminded_at is null and i.accepted_at is null and i.withdrawn_at is null
                    and i.superseded_at is null and i.expires_at > {now} and i.expires_at <= {now + before}
                    and i.sent_at < i.expires_at - {before}
                  order by i.expires_at limit {AtOnce} for update of i skip locked)
                update invitations i set reminded_at = {now} from d
                where i.organisation_id = d.organisation_id and i.id = d.id
                returning d.id as "Id", d.email as "Email", d.expires_at as "Until", d.membership as "Membership",
                  d.organisation_id as "Organisation", d.name as "Name", d.person as "Person",
                  d.first_name as "FirstName", d.last_name as "LastName",
                  d.registered_at is not null as "HasAccount", d.added_by as "AddedBy",
                  d.sign_in_methods as "SignInMethods"
                """
            )
            .ToListAsync();

    /// <summary>A person who has an account needs no link.</summary>
    private Email Of(Due one) =>
        one.HasAccount
            ? new AddedToAnother(one.Organisation, one.Name, one.AddedBy)
            {
                FirstName = one.FirstName,
                LastName = one.LastName,
                SignsInWith = options.Value.SignIn.OnlyProviders(one.SignInMethods),
            }
            : new Reminder(one.Name, one.Id, one.Until)
            {
                FirstName = one.FirstName,
                LastName = one.LastName,
                AddedBy = one.AddedBy,
                SignsInWith = options.Value.SignIn.OnlyProviders(one.SignInMethods),
            };

    internal sealed record Due(
        Guid Id,
        string Email,
        DateTimeOffset Until,
        Guid Membership,
        Guid Organisation,
        string Name,
        Guid Person,
        string? FirstName,
        string? LastName,
        bool HasAccount,
        string? AddedBy,
        string[]? SignInMethods
    );
}

/// <summary>Polls every ten seconds. Safe on several instances.</summary>
internal sealed class Reminders(IServiceScopeFactory scopes, TimeProvider clock, ILogger<Reminders> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(10));
        await Periodic.RunAsync(timer, atOnce: true, "send reminders", RemindAsync, log, stoppingToken);
    }

    private async Task RemindAsync(CancellationToken stopping)
    {
        await using var scope = scopes.CreateAsyncScope();
        var reminders = scope.ServiceProvider.GetRequiredService<InvitationReminders>();
        while (await reminders.RemindAsync(clock.GetUtcNow()) == InvitationReminders.AtOnce)
        {
            stopping.ThrowIfCancellationRequested();
            scope.ServiceProvider.GetRequiredService<Db>().ChangeTracker.Clear();
        }
    }
}
