using System.Globalization;
using Rollcall.Model;

namespace Rollcall.Tests.Support;

/// <summary>Values that do not matter, except that they are unique.</summary>
internal static class Some
{
    /// <summary>
    /// All of the same length, so that they sort in order of creation and none is a prefix of another.
    /// </summary>
    private static int last = 100_000;

    public static string Name(string kind) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind} {Interlocked.Increment(ref last)}");

    /// <summary>As it is stored.</summary>
    public static string Mobile() =>
        string.Create(CultureInfo.InvariantCulture, $"+4477{Interlocked.Increment(ref last):00000000}");

    public static string Email() =>
        string.Create(CultureInfo.InvariantCulture, $"person{Interlocked.Increment(ref last)}@example.org");

    /// <summary>An admin as their request knows them. What they hold in the database may have changed since.</summary>
    public static Viewer AdminOf(Organisation organisation, User admin) =>
        new(admin.Id, admin.DisplayName, admin.Email, false, [new(organisation.Id, Roles.Admin, true, [])]);
}
