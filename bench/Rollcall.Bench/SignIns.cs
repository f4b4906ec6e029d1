using System.Diagnostics;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.Security;

namespace Rollcall.Bench;

/// <summary>
/// How much of signing in with a password is the password's hash. Processor time, because that is what runs out; the
/// client's is counted against us.
/// </summary>
internal static class SignIns
{
    private const int Rounds = 9,
        PerRound = 10;
    private const string Password = "correct horse battery";

    public static async Task MeasureAsync()
    {
        await using var running = await Running.StartAsync(people: 0);
        var app = running.App;
        var db = running.Db;
        var passwords = app.Services.GetRequiredService<Passwords>();
        var hash = passwords.Hash(Password);
        var user = await db.Users.OrderBy(u => u.Id).FirstAsync(u => u.RegisteredAt != null && u.SupportSince == null);
        await db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(u => u.SetProperty(x => x.PasswordHash, hash));
        using var handler = new SocketsHttpHandler
        {
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
        };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(app.Urls.First()) };
        using var page = await client.GetAsync("/sign-in");
        var cookie = page.Headers.GetValues("Set-Cookie").First().Split(';')[0];
        var token = (await page.Content.ReadAsStringAsync())
            .Split("name=\"__RequestVerificationToken\"")[1]
            .Split("value=\"")[1]
            .Split('"')[0];

        Task SignInAsync() => PostAsync(user.Email, Password, expected: HttpStatusCode.Redirect);

        async Task PostAsync(string email, string password, HttpStatusCode expected)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in")
            {
                Content = new FormUrlEncodedContent([
                    new("Email", email),
                    new("Password", password),
                    new("__RequestVerificationToken", token),
                ]),
            };
            request.Headers.Add("Cookie", cookie);
            using var response = await client.SendAsync(request);
            if (response.StatusCode != expected)
            {
                throw new InvalidOperationException($"Signing in answered {response.StatusCode}");
            }
        }

        Task HashAsync()
        {
            passwords.Verify(hash, Password);
            return Task.CompletedTask;
        }

        var alone = new List<double>();
        var whole = new List<double>();
        await SecondsAsync(SignInAsync); // warm
        for (var round = 0; round < Rounds; round++)
        {
            alone.Add(await SecondsAsync(HashAsync));
            whole.Add(await SecondsAsync(SignInAsync));
        }
        double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);
        Console.WriteLine(
            $"""

            Signing in with a password, {Rounds} rounds of {PerRound}, processor time of one core, without the database
              the hash alone      {Median(alone) * 1000, 7:0.0} ms   {1 / Median(alone), 5:0.0} a second
              the whole sign-in   {Median(whole) * 1000, 7:0.0} ms   {1 / Median(whole), 5:0.0} a second
              the hash is {Median(alone.Zip(whole, (a, w) => a / w)):P1} of it
            """
        );
        await new Race("What an observer can measure: one refused sign-in")
            .Add("a wrong password", 5, () => PostAsync(user.Email, "wrong horse battery", HttpStatusCode.OK))
            .Add(
                "an address without an account",
                5,
                () => PostAsync("unknown@example.org", "wrong horse battery", HttpStatusCode.OK)
            )
            .RunAsync();
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        for (var i = 0; i < PerRound; i++)
        {
            await work();
        }

        return (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds / PerRound;
    }
}
