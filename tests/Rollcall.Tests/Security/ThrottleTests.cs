using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Security;
using Rollcall.SignIn;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Security;

/// <summary>A right attempt must not use up what others need, and a wrong one must not be given back.</summary>
public sealed class ThrottleTests(TheApp app)
{
    private const int FewFree = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Trust30_A_network_where_many_sign_in_is_never_blocked_by_those_who_are_right()
    {
        var throttle = app.Main.Services.GetRequiredService<Throttle>();
        var network = Some.Email();
        for (var i = 0; i < 4 * FewFree; i++)
        {
            Assert.True(await throttle.TryAsync("test", network, Cancellation, FewFree));
            await throttle.GiveBackAsync("test", network, Cancellation);
        }
    }

    [Fact]
    public async Task Trust30_A_person_with_their_own_account_cannot_clear_the_wrong_tries_of_their_network()
    {
        var clock = new StandingClock();
        await using var host = await app.StartAsync(
            [],
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        var throttle = host.Services.GetRequiredService<Throttle>();
        var network = Some.Email();
        for (var wrong = 0; wrong < FewFree; wrong++)
        {
            Assert.True(await throttle.TryAsync("test", network, Cancellation, FewFree));
            Assert.True(await throttle.TryAsync("test", network, Cancellation, FewFree)); // the own account
            await throttle.GiveBackAsync("test", network, Cancellation);
        }
        foreach (var wait in new[] { 4, 16, 64, 256, 900 })
        {
            Assert.True(await throttle.TryAsync("test", network, Cancellation, FewFree));
            Assert.False(await throttle.TryAsync("test", network, Cancellation, FewFree));
            clock.Forward(TimeSpan.FromSeconds(wait));
            Assert.True(await throttle.TryAsync("test", network, Cancellation, FewFree)); // the own account again
            await throttle.GiveBackAsync("test", network, Cancellation);
        }
    }

    [Fact]
    public async Task Trust30_Nothing_is_given_back_to_a_network_that_never_tried()
    {
        var throttle = app.Main.Services.GetRequiredService<Throttle>();
        var network = Some.Email();
        await throttle.GiveBackAsync("test", network, Cancellation);
        Assert.True(await throttle.TryAsync("test", network, Cancellation, 1));
        await throttle.GiveBackAsync("test", network, Cancellation);
        await throttle.GiveBackAsync("test", network, Cancellation);
        Assert.True(await throttle.TryAsync("test", network, Cancellation, 1));
        Assert.True(await throttle.TryAsync("test", network, Cancellation, 1));
        Assert.False(await throttle.TryAsync("test", network, Cancellation, 1));
    }

    [Fact]
    public async Task Trust30_A_free_try_is_free_on_an_instance_whose_clock_is_behind()
    {
        var ahead = new StandingClock();
        ahead.Forward(TimeSpan.FromMinutes(1));
        await using var one = await app.StartAsync(
            [],
            services: services => services.AddSingleton<TimeProvider>(ahead)
        );
        await using var two = await app.StartAsync(
            [],
            one.Database,
            services => services.AddSingleton<TimeProvider>(new StandingClock())
        );
        for (var i = 0; i < 4; i++)
        {
            Assert.True(
                await (i % 2 == 0 ? one : two)
                    .Services.GetRequiredService<Throttle>()
                    .TryAsync("test", "both", Cancellation)
            );
        }
    }

    [Fact]
    public async Task Trust30_Tries_are_forgotten_and_swept_after_a_day_without_another()
    {
        var clock = new StandingClock();
        await using var host = await app.StartAsync(
            [],
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        var throttle = host.Services.GetRequiredService<Throttle>();
        for (var i = 0; i < 6; i++)
        {
            Assert.True(await throttle.TryAsync("test", "old", Cancellation));
        }

        clock.Forward(TimeSpan.FromHours(12));
        Assert.True(await throttle.TryAsync("test", "younger", Cancellation));
        clock.Forward(TimeSpan.FromHours(12.5));
        await host.CleanUpAsync();
        Assert.Equal(
            1,
            await host.InDbAsync(db =>
                db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from throttles").SingleAsync()
            )
        );
        for (var i = 0; i < 6; i++)
        {
            Assert.True(await throttle.TryAsync("test", "old", Cancellation));
        }
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void Trust30_A_network_is_one_IPv4_address_or_the_first_half_of_an_IPv6_address(
        string one,
        string other,
        bool same
    )
    {
        static string Of(string address)
        {
            var http = new DefaultHttpContext();
            http.Connection.RemoteIpAddress = IPAddress.Parse(address);
            return Network.Of(http);
        }
        Assert.Equal(same, Of(one) == Of(other));
    }
}

/// <summary>
/// A clock that moves only when told to, because seconds can pass between two lines of a test on a busy machine.
/// </summary>
internal sealed class StandingClock : TimeProvider
{
    private DateTimeOffset now = DateTimeOffset.UtcNow;

    public void Forward(TimeSpan by) => now += by;

    public override DateTimeOffset GetUtcNow() => now;
}
