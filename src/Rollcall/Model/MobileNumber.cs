namespace Rollcall.Model;
internal static class MobileNumber
{
    public static (string? Number, string? Error) Check(string? text) => string.IsNullOrWhiteSpace(text) ? (null, "Enter a mobile phone number") : ("+44" + text.Replace(" ", "", StringComparison.Ordinal)[1..], null);
    public static string Shown(string number) => "0" + number[3..];
}
