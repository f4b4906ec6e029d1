namespace Rollcall.Addresses;

internal enum AddressKind
{
    Recognised,

    /// <summary>An address that an earlier entry has already.</summary>
    Repeated,

    NotValid,
}

/// <summary>One thing that somebody typed or pasted into a list of addresses.</summary>
/// <param name="Line">Where it stands; the first line is 1.</param>
/// <param name="Text">As typed, with the name beside the address, cut to what a page can show.</param>
/// <param name="FirstLine">For a repeated address, the line that has it first.</param>
/// <param name="Suggestion"> What was probably meant. Also beside a recognised address: nothing is wrong with
/// name@gmial.com but that nobody lives there. </param>
internal sealed record AddressEntry(int Line, string Text, EmailAddress? Address, int? FirstLine, string? Suggestion)
{
    public AddressKind Kind =>
        Address is null ? AddressKind.NotValid
        : FirstLine is null ? AddressKind.Recognised
        : AddressKind.Repeated;

    /// <summary>Why it is no address, to follow "It"; null for one that is.</summary>
    public string? Problem { get; init; }

    /// <summary>The other columns of an uploaded file.</summary>
    public AddressDetails Details { get; init; } = AddressDetails.None;
}

/// <summary>What an uploaded file says about an address, as it stands there; null where it says nothing.</summary>
internal sealed record AddressDetails(string? FirstName, string? LastName, string? ServiceArea, string? Role)
{
    public static AddressDetails None { get; } = new(null, null, null, null);
}

/// <summary>
/// The addresses in a text, however they are separated and whatever stands around them. Assets/address-list.js counts
/// the same way while somebody types; tests hold the two together.
/// </summary>
internal static partial class AddressList
{
    /// <summary>
    /// Everything that was typed, in its order. Nothing is left out but names, bullets, numbers, labels and brackets
    /// beside an address.
    /// </summary>
    public static IReadOnlyList<AddressEntry> Parse(string text)
    {
        var scanner = new AddressScanner();
        scanner.Read(text);
        return scanner.Entries;
    }
}
