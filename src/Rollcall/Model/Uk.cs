using System.Globalization;

namespace Rollcall.Model;

/// <summary>Dates and times in GOV.UK style, in UK time.</summary>
internal static class Uk
{
    private static readonly TimeZoneInfo London = TimeZoneInfo.FindSystemTimeZoneById("Europe/London");
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    /// <summary>"5:30pm on 14 November 2026".</summary>
    public static string DateAndTime(DateTimeOffset instant)
    {
        var local = TimeZoneInfo.ConvertTime(instant, London);
        return $"{Time(local)} on {local.ToString("d MMMM yyyy", English)}";
    }

    /// <summary>Sortable in a spreadsheet: "2026-11-14 17:30".</summary>
    public static string Sortable(DateTimeOffset instant) =>
        TimeZoneInfo.ConvertTime(instant, London).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>"14 November 2026".</summary>
    public static string Date(DateTimeOffset instant) =>
        TimeZoneInfo.ConvertTime(instant, London).ToString("d MMMM yyyy", English);

    /// <summary>"14 November 2026".</summary>
    public static string Date(DateOnly date) => date.ToString("d MMMM yyyy", English);

    private static string Time(DateTimeOffset local) =>
        (local.Hour, local.Minute) switch
        {
            (0, 0) => "midnight",
            (12, 0) => "midday",
            var (hour, minute) => local.ToString(minute == 0 ? "%h" : "h:mm", English) + (hour < 12 ? "am" : "pm"),
        };
}
