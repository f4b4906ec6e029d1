using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>Lists where the viewer is signed in, and ends sessions they do not recognise (ASVS 5.0, 7.5.2).</summary>
internal sealed class SessionsModel(Db db, AuditLog audit, Current current, Banner banner) : PageModel
{
    private const string SignedOut = "All your other devices have been signed out. ";

    public IReadOnlyList<Row> Sessions { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation) => Sessions = await OfAsync(db, current, cancellation);

    /// <summary>The viewer's sessions, this one first.</summary>
    internal static async Task<IReadOnlyList<Row>> OfAsync(Db db, Current current, CancellationToken cancellation)
    {
        var longest = current.Now - Session.Longest;
        var idle = current.Now - Session.Idle;
        var rows = await db
            .Database.SqlQuery<Stored>(
                $"""
                select id as "Id", created_at as "CreatedAt", seen_at as "SeenAt", method as "Method",
                  ip_address as "IpAddress", user_agent as "UserAgent"
                from sessions
                where user_id = {current.Viewer.UserId} and created_at > {longest} and seen_at > {idle}
                order by seen_at desc, id
                """
            )
            .ToListAsync(cancellation);
        var sessions = rows.Select(r => new Row(
            r.Id,
            r.CreatedAt,
            r.SeenAt,
            r.Method,
            r.IpAddress,
            Device(r.UserAgent),
            r.Id == current.Session!.Id
        ));
        return [.. sessions.OrderByDescending(s => s.IsThis)];
    }

    /// <summary>Ends one session.</summary>
    public async Task<IActionResult> OnPostEndAsync([FromForm] Guid id)
    {
        await db.Database.ExecuteSqlAsync(
            $"delete from sessions where id = {id} and user_id = {current.Viewer.UserId}"
        );
        audit.Add(current.Actor, new UserSignedOut(), user: current.Viewer.UserId);
        await db.SaveChangesAsync();
        return Redirect(banner.Then(Links.Sessions, "That device has been signed out."));
    }

    /// <summary>
    /// The viewer did not begin this session. Ends all but their own, and leads to changing the password that may be
    /// known.
    /// </summary>
    public async Task<IActionResult> OnPostNotMineAsync([FromForm] Guid id, CancellationToken cancellation)
    {
        var me = current.Viewer.UserId;
        var found = await db
            .Database.SqlQuery<Guid>($"select id from sessions where id = {id} and user_id = {me}")
            .ToListAsync(cancellation);
        if (found.Count == 0)
        {
            return Redirect(Links.Sessions);
        }

        await db.InTransactionAsync(async () =>
        {
            await db.EndSessionsAsync(me, except: current.Session!.Id);
            await db.ForgetDevicesAsync(me, current.Now);
            audit.Add(current.Actor, new SignedOutEverywhere(NotMine: true), user: me);
            return Result.Done;
        });
        var hasPassword = await db.Users.AnyAsync(u => u.Id == me && u.PasswordHash != null, cancellation);
        return current.Options.SignIn.Passwords && hasPassword
            ? Redirect(
                banner.Then(
                    Links.ChangePassword,
                    SignedOut + "Change your password now, because someone else may know it."
                )
            )
            : Redirect(
                banner.Then(
                    Links.Sessions,
                    SignedOut
                        + "Change your password at the service you sign in with, because someone else may know it."
                )
            );
    }

    /// <summary>The browser and the system as far as they are known: enough to recognise one's own phone.</summary>
    private static string Device(string? agent)
    {
        string? Among(params (string Mark, string Name)[] marks) =>
            Array.Find(marks, m => agent?.Contains(m.Mark, StringComparison.Ordinal) == true).Name;
        var browser = Among(
            ("Edg/", "Edge"),
            ("OPR/", "Opera"),
            ("SamsungBrowser/", "Samsung Internet"),
            ("Firefox/", "Firefox"),
            ("FxiOS/", "Firefox"),
            ("CriOS/", "Chrome"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari")
        );
        var system = Among(
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Windows", "Windows"),
            ("Mac OS X", "Mac"),
            ("CrOS", "Chromebook"),
            ("Linux", "Linux")
        );
        return (browser, system) switch
        {
            (null, null) => "Another device",
            (null, _) => system,
            (_, null) => browser,
            _ => $"{browser} on {system}",
        };
    }

    private sealed record Stored(
        Guid Id,
        DateTimeOffset CreatedAt,
        DateTimeOffset SeenAt,
        string Method,
        string? IpAddress,
        string? UserAgent
    );

    internal sealed record Row(
        Guid Id,
        DateTimeOffset CreatedAt,
        DateTimeOffset SeenAt,
        string Method,
        string? IpAddress,
        string Device,
        bool IsThis
    );
}
