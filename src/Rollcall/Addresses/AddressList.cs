namespace Rollcall.Addresses;

internal enum AddressKind
{
    Recognised,

    /// <summary>An earlier entry has the same address.</summary>
    Repeated,

    NotValid,
}

/// <summary>One entry in a typed or pasted list of addresses.</summary>
/// <param name="Line">The line it is on, from 1.</param>
/// <param name="Text">As typed, including the name beside the address, cut to what a page can show.</param>
/// <param name="FirstLine">For a repeated address, the line where it first appears.</param>
/// <param name="Suggestion">
/// What was probably meant. Also set for a valid address that is probably a slip, such as name@gmial.com.
/// </param>
internal sealed record AddressEntry(int Line, string Text, EmailAddress? Address, int? FirstLine, string? Suggestion)
{
    public AddressKind Kind =>
        Address is null ? AddressKind.NotValid
        : FirstLine is null ? AddressKind.Recognised
        : AddressKind.Repeated;

    /// <summary>Why this is not an address, to follow "It"; null for an address.</summary>
    public string? Problem { get; init; }

    /// <summary>The other columns of an uploaded file.</summary>
    public AddressDetails Details { get; init; } = AddressDetails.None;
}

/// <summary>
/// The other columns for an address in an uploaded file, as typed; null where a column is empty or missing.
/// </summary>
internal sealed record AddressDetails(string? FirstName, string? LastName, string? ServiceArea, string? Role)
{
    public static AddressDetails None { get; } = new(null, null, null, null);
}

/// <summary>
/// Finds the addresses in a text, whatever separates or surrounds them. Assets/address-scanner.js does the same in the
/// browser; tests compare the two.
/// </summary>
internal static partial class AddressList
{
    /// <summary>
    /// Every entry, in order. Only names, bullets, numbers, labels and brackets beside an address are left out.
    /// </summary>
    public static IReadOnlyList<AddressEntry> Parse(string text)
    {
        var scanner = new AddressScanner();
        scanner.Read(text);
        return scanner.Entries;
    }
}
