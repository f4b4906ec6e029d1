using System.Text;
using CsvHelper;

namespace Rollcall.Addresses;

internal static partial class AddressList
{
    /// <summary>
    /// Reads addresses from a CSV file row by row, so a caller that stops early has read no further. Columns are found
    /// by their headings. Without headings, addresses are taken from the first column, or from the only column that has
    /// any.
    /// </summary>
    public static IEnumerable<AddressEntry> ParseCsv(Stream file) => new AddressFile().Read(file);
}

/// <summary>Holds rows back only until it is clear which column has the addresses.</summary>
internal sealed class AddressFile
{
    private const int RowsToGuessFrom = 20;
    private const int LongestRow = 16 * 1024;

    private static readonly string[] AddressNames =
    [
        "emailaddress",
        "email",
        "workemail",
        "mail",
        "emailaddresses",
        "emails",
        "address",
    ];
    private static readonly string[] FirstNames = ["firstname", "givenname", "forename", "first"];
    private static readonly string[] LastNames = ["lastname", "surname", "familyname", "last"];
    private static readonly string[] AreaNames = ["servicearea", "area"];
    private static readonly string[] RoleNames = ["role"];

    private readonly AddressScanner scanner = new();
    private readonly HashSet<long> misquoted = [];
    private int line;
    private bool ended;

    private sealed record Row(int Line, string[] Cells, bool IsBroken);

    private sealed record Columns(int Address, int First, int Last, int Area, int Role);

    public IEnumerable<AddressEntry> Read(Stream file)
    {
        using var reader = new StreamReader(
            file,
            Windows1252.Utf8,
            detectEncodingFromByteOrderMarks: true,
            leaveOpen: true
        );
        using var csv = CsvReader.Create(
            reader,
            new CsvReaderOptions
            {
                HasHeader = false,
                TrimWhitespace = true,
                TrackLineNumbers = true,
                // An unclosed quotation mark then costs one row, not the rest of the file.
                AllowLineBreaksInQuotes = false,
                MaxRecordSize = LongestRow,
                OnMalformedRecord = record => misquoted.Add(record.LineNumber),
            },
            leaveOpen: true
        );
        var first = new List<Row>();
        while (first.Count < RowsToGuessFrom && Next(csv) is { } row)
        {
            first.Add(row);
        }

        if (first.Count == 0)
        {
            yield break;
        }

        var columns = Headings(first[0]);
        if (columns is not null)
        {
            first.RemoveAt(0);
        }

        columns ??= new(-1, -1, -1, -1, -1);
        if (columns.Address < 0)
        {
            columns = columns with { Address = Guess(first) };
        }

        foreach (var entry in first.SelectMany(row => Entries(row, columns)))
        {
            yield return entry;
        }

        while (Next(csv) is { } row)
        {
            foreach (var entry in Entries(row, columns))
            {
                yield return entry;
            }
        }
    }

    private Row? Next(CsvReader csv)
    {
        try
        {
            while (!ended && csv.Read())
            {
                line = (int)csv.LineNumber;
                var row = new Row(
                    line,
                    [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)],
                    misquoted.Remove(line)
                );
                if (Array.Exists(row.Cells, cell => !AddressPunctuation.IsNothing(cell, 0, cell.Length)))
                {
                    return row;
                }
            }

            return null;
        }
        catch (CsvFormatException)
        {
            // An unterminated row is reported like any other; the rows before it are kept.
            ended = true;
            return new Row(line + 1, ["…"], IsBroken: true);
        }
    }

    /// <summary>Null when the first row already holds data.</summary>
    private static Columns? Headings(Row row)
    {
        if (row.Cells.Any(cell => cell.Contains('@', StringComparison.Ordinal)))
        {
            return null;
        }

        var headings = Array.ConvertAll(row.Cells, cell => string.Concat(cell.Where(char.IsLetter)).ToLowerInvariant());
        int Column(string[] names) =>
            names.Select(name => Array.IndexOf(headings, name)).FirstOrDefault(index => index >= 0, -1);
        var columns = new Columns(
            Column(AddressNames),
            Column(FirstNames),
            Column(LastNames),
            Column(AreaNames),
            Column(RoleNames)
        );
        return columns is { Address: < 0, First: < 0, Last: < 0, Area: < 0, Role: < 0 } ? null : columns;
    }

    private static int Guess(List<Row> rows)
    {
        var columns = rows.SelectMany(row =>
                Enumerable.Range(0, row.Cells.Length).Where(i => EmailAddress.TryParse(row.Cells[i], out _))
            )
            .Distinct()
            .ToList();
        return columns is [var only] ? only : 0;
    }

    private IEnumerable<AddressEntry> Entries(Row row, Columns columns)
    {
        string? Cell(int column) =>
            column >= 0 && column < row.Cells.Length && !string.IsNullOrWhiteSpace(row.Cells[column])
                ? row.Cells[column].Trim()
                : null;
        var found = row.IsBroken ? [] : scanner.ReadCell(Cell(columns.Address) ?? "", row.Line);
        if (found.Count == 0)
        {
            // A row without an address is still reported, so that no row goes missing.
            return
            [
                scanner.NotValid(
                    string.Join(", ", row.Cells),
                    row.Line,
                    row.IsBroken ? "has a quotation mark that is not closed" : "has no email address"
                ),
            ];
        }

        var details = new AddressDetails(
            Cell(columns.First),
            Cell(columns.Last),
            Cell(columns.Area),
            Cell(columns.Role)
        );
        return [.. found.Select(entry => entry with { Details = details })];
    }
}

/// <summary>UTF-8, with invalid bytes read as Windows-1252, which Excel's "CSV" uses in western Europe.</summary>
internal static class Windows1252
{
    public static Encoding Utf8 { get; } =
        Encoding.GetEncoding("utf-8", EncoderFallback.ReplacementFallback, new Fallback());

    private const string From80 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";

    private sealed class Fallback : DecoderFallback
    {
        public override int MaxCharCount => 4;

        public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer();
    }

    /// <summary>Returns each byte that is not valid UTF-8 as its Windows-1252 character.</summary>
    private sealed class Buffer : DecoderFallbackBuffer
    {
        private byte[] bytes = [];
        private int next;

        public override int Remaining => bytes.Length - next;

        public override bool Fallback(byte[] bytesUnknown, int index)
        {
            bytes = bytesUnknown;
            next = 0;
            return bytes.Length > 0;
        }

        public override char GetNextChar() =>
            next == bytes.Length ? '\0'
            : bytes[next++] is var one && one is >= 0x80 and < 0xA0 ? From80[one - 0x80]
            : (char)one;

        public override bool MovePrevious()
        {
            next -= next > 0 ? 1 : 0;
            return next > 0;
        }

        public override void Reset()
        {
            bytes = [];
            next = 0;
        }
    }
}
