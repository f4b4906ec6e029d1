namespace Rollcall.Model;

/// <summary>One thing that somebody entered in a list of addresses.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Address">Null when it is none.</param>
/// <param name="RepeatsLine">The line that has the same address already.</param>
/// <param name="Suggestion">What was probably meant, where that is likely.</param>
internal sealed record AddressEntry(int Line, string Text, EmailAddress? Address, int? RepeatsLine, string? Suggestion, string? FirstName = null, string? LastName = null);

internal static class AddressList
{
    public static IEnumerable<AddressEntry> Parse(string text)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            foreach (var piece in line.Split([',', ';', '\t', '\r', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (!EmailAddress.TryParse(piece, out var address))
                    yield return new(number, piece, null, null, null);
                else
                    yield return new(number, piece, address, seen.TryAdd(address.Key, number) ? null : seen[address.Key], null);
            }
        }
    }

    public static IEnumerable<AddressEntry> ParseCsv(Stream file)
    {
        using var reader = new StreamReader(file);
        return [.. Parse(reader.ReadToEnd())];
    }
}
