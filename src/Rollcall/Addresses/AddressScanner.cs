using System.Buffers;

namespace Rollcall.Addresses;

/// <summary>
/// Scans a text once, line by line and word by word. A word with "@" is meant as an address. The text since the
/// previous address (from <c>told</c>) is its name, or punctuation, or an entry of its own. Each character is read a
/// fixed number of times, so the time is linear in the length of the text.
/// </summary>
internal sealed class AddressScanner
{
    private const int LongestText = 200;

    private static readonly SearchValues<char> LineBreaks = SearchValues.Create("\r\n\u2028\u2029");

    private readonly List<AddressEntry> entries = [];
    private readonly Dictionary<string, int> lines = new(StringComparer.Ordinal);
    private string text = "";
    private int line;

    public IReadOnlyList<AddressEntry> Entries => entries;

    public void Read(string whole)
    {
        text = whole;
        line = 0;
        for (var start = 0; start <= text.Length; )
        {
            line++;
            var length = text.AsSpan(start).IndexOfAny(LineBreaks);
            var end = length < 0 ? text.Length : start + length;
            ReadLine(start, end);
            start = end + (text.AsSpan(end).StartsWith("\r\n", StringComparison.Ordinal) ? 2 : 1);
        }
    }

    /// <summary>Scans the text of one file cell. Repeats are counted across all cells read so far.</summary>
    public IReadOnlyList<AddressEntry> ReadCell(string cell, int atLine)
    {
        entries.Clear();
        text = cell.AsSpan().IndexOfAny(LineBreaks) < 0 ? cell : cell.ReplaceLineEndings(" ");
        line = atLine;
        ReadLine(0, text.Length);
        return entries;
    }

    public AddressEntry NotValid(string row, int atLine, string problem)
    {
        text = row;
        line = atLine;
        return new(line, Shown(0, text.Length), null, null, null) { Problem = problem };
    }

    private void ReadLine(int start, int end)
    {
        if (!AddressWords.HasAt(text, start, end))
        {
            Tell(start, end); // Without an "@" the cell is free text, so its commas separate no addresses.
            return;
        }

        var told = start;
        var first = entries.Count;
        var addresses = 0;
        var addressEntry = -1;
        var addressStart = start;
        var addressEnd = start;
        var before = -1;
        for (var i = start; i < end; )
        {
            if (AddressWords.IsBoundary(text[i]))
            {
                before = AddressWords.IsSpace(text[i]) ? before : -1;
                i++;
                continue;
            }

            var word = i;
            i = AddressWords.WordEnd(text, word, end);
            if (!AddressWords.HasAt(text, word, i))
            {
                before = word;
                continue;
            }

            // A space around the "@", or a comma in place of the last dot, splits one attempt into two words.
            var from = AddressWords.IsAt(text[word]) && before >= told ? before : word;
            i = AddressWords.IsAt(text[i - 1])
                ? AddressWords.EndAfterSpace(text, i, end)
                : AddressWords.EndAfterComma(text, word, i, end);
            var stop = i;
            while (stop < end && text[stop] == '>')
            {
                stop++;
            }

            if (TellAddress(told, from, i, stop, addressStart, first))
            {
                addressEntry = entries.Count - 1;
                addressStart = from;
                addresses++;
            }

            told = stop;
            addressEnd = stop;
            before = -1;
            i = stop;
        }

        TellOthers(told, end, first);
        if (
            addresses == 1
            && entries.Count > first + 1
            && text.AsSpan(start, end - start).Contains('\t')
            && !AddressPunctuation.LooksLikeHost(text, start, addressStart)
            && !AddressPunctuation.LooksLikeHost(text, addressEnd, end)
        )
        {
            // In a spreadsheet row with one address, the other cells are about the same person.
            entries[first] = entries[addressEntry] with
            {
                Text = Shown(start, end),
            };
            entries.RemoveRange(first + 1, entries.Count - first - 1);
        }
    }

    /// <returns>
    /// False for an address that only repeats the one before it, as in "jane@x.uk &lt;mailto:jane@x.uk&gt;".
    /// </returns>
    private bool TellAddress(int told, int start, int end, int stop, int lastStart, int first)
    {
        var (from, to) = AddressPunctuation.Inner(text, start, end);
        var word = text[from..to];
        _ = EmailAddress.TryParse(word, out var address);
        var bracketed =
            (start > told && text[start - 1] == '<') || text.AsSpan(start, from - start).IndexOfAny('(', '[') >= 0;
        if (
            bracketed
            && address is not null
            && entries.Count > first
            && address.Equals(entries[^1].Address)
            && AddressPunctuation.IsNothing(text, told, start)
            && text.AsSpan(told, start - told).IndexOfAny(",;\t") < 0
        )
        {
            entries[^1] = entries[^1] with { Text = Shown(lastStart, stop) };
            return false;
        }

        // A word between two addresses joins them: "a@x.uk and b@x.uk".
        var separator = text.AsSpan(told, start - told).LastIndexOfAny(AddressWords.Separators);
        if (
            address is not null
            && from == start
            && (separator >= 0 || entries.Count == first)
            && AddressPunctuation.FirstHalf(text, told + separator + 1, start, address) is >= 0 and var split
        )
        {
            TellOthers(told, split, first);
            entries.Add(
                new(line, Shown(split, stop), null, null, null) { Problem = EmailAddress.WhyNot(text[split..to]) }
            );
            return true;
        }

        var nameStart = bracketed ? AddressWords.NameStart(text, told, start) : start;
        TellOthers(told, nameStart, first);
        int? firstLine = null;
        if (address is not null && !lines.TryAdd(address.Key, line))
        {
            firstLine = lines[address.Key];
        }

        entries.Add(
            new(line, Shown(nameStart, stop), address, firstLine, AddressSuggestion.For(word, address))
            {
                Problem = address is null ? EmailAddress.WhyNot(word) : null,
            }
        );
        return true;
    }

    /// <summary>
    /// Adds text that is not an address, one entry between separators. A name in parentheses belongs to the address
    /// before it.
    /// </summary>
    private void TellOthers(int from, int to, int first)
    {
        while (from < to)
        {
            var length = text.AsSpan(from, to - from).IndexOfAny(AddressWords.Separators);
            var end = length < 0 ? to : from + length;
            var words = text.AsSpan(from, end - from).Trim();
            var isName =
                words is ['(', .., ')']
                && entries.Count > first
                && entries[^1].Address is not null
                && !AddressWords.Separators.Contains(text[from - 1])
                && !AddressPunctuation.LooksLikeHost(text, from, end);
            if (!isName)
            {
                Tell(from, end);
            }

            from = end + 1;
        }
    }

    private void Tell(int from, int to)
    {
        if (!AddressPunctuation.IsNothing(text, from, to))
        {
            entries.Add(new(line, Shown(from, to), null, null, null) { Problem = EmailAddress.WhyNot(text[from..to]) });
        }
    }

    private string Shown(int from, int to)
    {
        var shown = text.AsSpan(from, to - from).Trim();
        if (shown.Length <= LongestText)
        {
            return shown.ToString();
        }

        var length = char.IsHighSurrogate(shown[LongestText - 1]) ? LongestText - 1 : LongestText;
        return $"{shown[..length]}…";
    }
}
