using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Dev;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Tests.Account;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Security;

/// <summary>
/// Codes that are sent, recovery codes and authenticator apps against the real database, many at once.
/// </summary>
public sealed class CodesTests(TheApp app)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<T> WithAsync<TService, T>(Instance host, Func<TService, Task<T>> work)
        where TService : notnull
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    private Task<string?> IssueAsync(Guid owner, string purpose = "test") =>
        WithAsync<OneTimeCodes, string?>(app.Main, c => c.IssueAsync(owner, purpose, Cancellation));

    private Task<CodeCheck> CheckAsync(Guid owner, string? typed, string purpose = "test") =>
        WithAsync<OneTimeCodes, CodeCheck>(app.Main, c => c.CheckAsync(owner, purpose, typed, Cancellation));

    private static string Other(string code) => code == "000000" ? "111111" : "000000";

    [Fact]
    public async Task Trust37_Of_fifty_right_answers_at_once_one_is_right()
    {
        var owner = Guid.NewGuid();
        var code = await IssueAsync(owner);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => CheckAsync(owner, code)));
        Assert.Equal(1, answers.Count(a => a == CodeCheck.Right));
    }

    [Fact]
    public async Task Trust38_Five_tries_and_a_new_code_gives_no_more()
    {
        var owner = Guid.NewGuid();
        var code = (await IssueAsync(owner))!;
        var wrong = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => CheckAsync(owner, Other(code))));
        Assert.Equal((5, 15), (wrong.Count(a => a == CodeCheck.Wrong), wrong.Count(a => a == CodeCheck.TooMany)));
        Assert.Equal(CodeCheck.TooMany, await CheckAsync(owner, code));
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update one_time_codes set created_at = created_at - interval '1 minute' where owner = {owner}"
            )
        );
        var next = await IssueAsync(owner);
        Assert.NotNull(next);
        Assert.Equal(CodeCheck.TooMany, await CheckAsync(owner, next));
    }

    [Fact]
    public async Task Trust37_A_code_is_bound_to_its_owner_and_purpose_and_replaced_by_the_next()
    {
        var owner = Guid.NewGuid();
        var other = Guid.NewGuid();
        var code = (await IssueAsync(owner))!;
        var theirs = await IssueAsync(other);
        Assert.Matches("^[0-9]{6}$", code);
        if (theirs != code)
        {
            Assert.Equal(CodeCheck.Wrong, await CheckAsync(other, code));
        }

        Assert.Equal(CodeCheck.Expired, await CheckAsync(owner, code, "another purpose"));
        Assert.Null(await IssueAsync(owner)); // a moment ago
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update one_time_codes set created_at = created_at - interval '1 minute' where owner = {owner}"
            )
        );
        var next = (await IssueAsync(owner))!;
        if (next != code)
        {
            Assert.Equal(CodeCheck.Wrong, await CheckAsync(owner, code));
        }

        Assert.Equal(CodeCheck.Right, await CheckAsync(owner, $" {next[..3]}-{next[3..]} "));
        Assert.Equal(CodeCheck.Expired, await CheckAsync(owner, next)); // used
    }

    [Fact]
    public async Task Trust37_At_most_five_codes_are_sent_within_an_hour()
    {
        var owner = Guid.NewGuid();
        for (var i = 0; i < 5; i++)
        {
            Assert.NotNull(await IssueAsync(owner));
            await app.InDbAsync(db =>
                db.Database.ExecuteSqlAsync(
                    $"update one_time_codes set created_at = created_at - interval '1 minute' where owner = {owner}"
                )
            );
        }
        Assert.Null(await IssueAsync(owner));
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update one_time_codes set first_at = first_at - interval '1 hour' where owner = {owner}"
            )
        );
        Assert.NotNull(await IssueAsync(owner));
    }

    [Fact]
    public async Task Trust37_A_code_lives_ten_minutes_and_no_table_holds_it()
    {
        var clock = new DevClock();
        await using var host = await app.StartAsync(
            [],
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        var owner = Guid.NewGuid();
        var code = (await WithAsync<OneTimeCodes, string?>(host, c => c.IssueAsync(owner, "test", Cancellation)))!;
        var row = await host.InDbAsync(db =>
            db.Database.SqlQuery<string>($"select c::text as \"Value\" from one_time_codes c where owner = {owner}")
                .SingleAsync()
        );
        Assert.DoesNotContain(
            code,
            row.Replace(owner.ToString(), "", StringComparison.Ordinal).Split(',')[2],
            StringComparison.Ordinal
        );
        clock.Forward(TimeSpan.FromMinutes(10));
        Assert.Equal(
            CodeCheck.Expired,
            await WithAsync<OneTimeCodes, CodeCheck>(host, c => c.CheckAsync(owner, "test", code, Cancellation))
        );
    }

    [Fact]
    public async Task Trust39_Of_fifty_equal_codes_of_an_app_at_once_one_is_right_and_its_key_rests_sealed()
    {
        var user = await app.Main.MakeUserAsync();
        var key = Totp.NewSecret();
        await WithAsync<Authenticators, int>(
            app.Main,
            async a =>
            {
                await a.SaveAsync(user.Id, key, 0, Cancellation);
                return 0;
            }
        );
        var code = AuthenticatorApp.Code(Totp.Base32(key), DateTimeOffset.UtcNow);
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(_ => WithAsync<Authenticators, bool>(app.Main, a => a.CheckAsync(user.Id, code, Cancellation)))
        );
        Assert.Equal(1, answers.Count(right => right));
        var stored = await app.InDbAsync(db =>
            db.Database.SqlQuery<byte[]>($"select secret as \"Value\" from authenticators where user_id = {user.Id}")
                .SingleAsync()
        );
        Assert.Equal(-1, stored.AsSpan().IndexOf(key));
    }

    [Fact]
    public async Task Trust43_Recovery_codes_have_80_bits_work_once_whatever_the_spelling_and_are_not_kept()
    {
        var user = await app.Main.MakeUserAsync();
        var other = await app.Main.MakeUserAsync();
        var codes = await WithAsync<RecoveryCodes, IReadOnlyList<string>>(
            app.Main,
            r => r.ReplaceAsync(user.Id, Cancellation)
        );
        Assert.Equal(10, codes.Distinct().Count());
        Assert.All(codes, code => Assert.Matches("^([a-hj-km-np-z0-9]{4}-){3}[a-hj-km-np-z0-9]{4}$", code));
        Task<bool> UseAsync(User who, string typed) =>
            WithAsync<RecoveryCodes, bool>(app.Main, r => r.UseAsync(who.Id, typed, Cancellation));
        Assert.False(await UseAsync(other, codes[0]));
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(_ => UseAsync(user, codes[0].ToUpperInvariant().Replace("-", " ", StringComparison.Ordinal)))
        );
        Assert.Equal(1, answers.Count(right => right));
        Assert.True(await UseAsync(user, codes[1].Replace('0', 'O')));
        Assert.Equal(8, await WithAsync<RecoveryCodes, int>(app.Main, r => r.LeftAsync(user.Id, Cancellation)));
        await WithAsync<RecoveryCodes, IReadOnlyList<string>>(app.Main, r => r.ReplaceAsync(user.Id, Cancellation));
        Assert.False(await UseAsync(user, codes[2]));
    }

    [Fact]
    public async Task Trust43_Two_who_make_new_codes_at_once_leave_ten_that_work()
    {
        var user = await app.Main.MakeUserAsync();
        var made = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(_ =>
                    WithAsync<RecoveryCodes, IReadOnlyList<string>>(
                        app.Main,
                        r => r.ReplaceAsync(user.Id, Cancellation)
                    )
                )
        );
        Assert.Equal(10, await WithAsync<RecoveryCodes, int>(app.Main, r => r.LeftAsync(user.Id, Cancellation)));
        var working = new List<int>();
        foreach (var codes in made)
        {
            working.Add(
                await WithAsync<RecoveryCodes, bool>(app.Main, r => r.UseAsync(user.Id, codes[0], Cancellation)) ? 1 : 0
            );
        }

        Assert.Equal(1, working.Sum()); // those of one answer, not some of each
    }

    [Fact]
    public async Task Trust37_A_code_whose_message_was_not_queued_does_not_exist()
    {
        var owner = Guid.NewGuid();
        await using (var scope = app.Main.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<Rollcall.Data.Db>();
            await using var transaction = await db.Database.BeginTransactionAsync(Cancellation);
            var lost = await scope
                .ServiceProvider.GetRequiredService<OneTimeCodes>()
                .IssueAsync(owner, "test", Cancellation);
            Assert.NotNull(lost);
            await transaction.RollbackAsync(Cancellation);
            Assert.Equal(CodeCheck.Expired, await CheckAsync(owner, lost));
        }
        Assert.NotNull(await IssueAsync(owner)); // and no one has to wait
    }

    [Fact]
    public async Task Trust30_Tries_are_counted_by_all_instances_together_before_they_are_looked_at_and_never_block_for_good()
    {
        var clock = new StandingClock();
        await using var one = await app.StartAsync(
            [],
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        await using var two = await app.StartAsync(
            [],
            one.Database,
            services => services.AddSingleton<TimeProvider>(clock)
        );
        Throttle On(Instance host) => host.Services.GetRequiredService<Throttle>();
        var key = Some.Email();
        var allowed = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(i => On(i % 2 == 0 ? one : two).TryAsync("test", key, Cancellation))
        );
        Assert.Equal(6, allowed.Count(yes => yes)); // five that are free, and the one that the wait begins with
        foreach (var wait in new[] { 4, 16, 64, 256, 900, 900 })
        {
            clock.Forward(TimeSpan.FromSeconds(wait - 1));
            Assert.False(await On(one).TryAsync("test", key, Cancellation));
            clock.Forward(TimeSpan.FromSeconds(1));
            Assert.True(await On(two).TryAsync("test", key, Cancellation));
        }
        Assert.True(await On(one).TryAsync("another purpose", key, Cancellation));
        Assert.False(await On(one).TryAsync("test", key, Cancellation));
        await On(two).ForgiveAsync("test", key, Cancellation);
        Assert.True(await On(one).TryAsync("test", key, Cancellation));
        Assert.Equal(
            0,
            await one.InDbAsync(db =>
                db.Database.SqlQuery<int>(
                        $"select count(*)::int as \"Value\" from throttles t where t::text like '%' || {key} || '%'"
                    )
                    .SingleAsync()
            )
        );
    }
}
