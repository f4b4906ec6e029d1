using System.Globalization;

namespace Rollcall.Web;

/// <summary>Dates and times as GOV.UK writes them, in the time of the United Kingdom.</summary>
internal static class Uk
{
    private static readonly TimeZoneInfo London = TimeZoneInfo.FindSystemTimeZoneById("Europe/London");
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    /// <summary>"14 November 2026 at 5:30pm".</summary>
    public static string DateAndTime(DateTimeOffset instant)
    {
        var local = TimeZoneInfo.ConvertTime(instant, London);
        return $"{local.ToString("d MMMM yyyy", English)} at {local.ToString("h:mm", English)}{(local.Hour < 12 ? "am" : "pm")}";
    }
}
