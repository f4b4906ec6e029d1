using System.Text.Json;
using Rollcall.Addresses;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Addresses;

/// <summary>A list and its entries, from the file that server and browser are both held to.</summary>
internal sealed record AddressListCase(string Name, string Text, IReadOnlyList<ExpectedEntry> Entries)
{
    public static string File { get; } = Repository.Path("tests", "Rollcall.Tests", "Addresses", "address-lists.json");

    public static IReadOnlyList<AddressListCase> All { get; } =
    [
        .. JsonSerializer.Deserialize<List<AddressListCase>>(
            System.IO.File.ReadAllText(File),
            JsonSerializerOptions.Web
        )!,
    ];
}

/// <summary>
/// An entry as the shared file writes it: what is not there is null, the line 1, the text that of the address.
/// </summary>
internal sealed record ExpectedEntry(int? Line, string? Text, string? Address, int? Repeats, string? Suggestion)
{
    public static ExpectedEntry Of(AddressEntry entry) =>
        new(entry.Line, entry.Text, entry.Address?.Display, entry.FirstLine, entry.Suggestion);

    public int? Line { get; } = Line ?? 1;

    public string? Text { get; } = Text ?? Address;
}
