using System.Text;
using CsvHelper;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;

namespace Rollcall.Host;

/// <summary>
/// Adds or updates the organisations in a CSV file with a header row. They are told apart by <c>code</c>. Columns
/// beyond <c>name</c> and <c>code</c> are kept under their headings. A bad row is reported and does not stop the
/// import. The same file again changes nothing.
/// </summary>
internal static class OrganisationImport
{
    private const int LongestDetail = 2000;
    private const int RowsPerTransaction = 500;

    /// <returns>0 when every row was imported, 1 when some were refused or the file cannot be read.</returns>
    public static async Task<int> RunAsync(
        IServiceProvider services,
        string file,
        TextWriter output,
        CancellationToken cancellation = default
    )
    {
        if (!File.Exists(file))
        {
            await output.WriteLineAsync($"There is no file {file}");
            return 1;
        }
        var badQuotes = new HashSet<long>();
        using var csv = CsvReader.FromFile(
            file,
            new CsvReaderOptions
            {
                Separator = ',',
                TrimWhitespace = true,
                TrackLineNumbers = true,
                AllowLineBreaksInQuotes = false, // a quotation mark that is never closed costs one row, not the rest
                OnMalformedRecord = record => badQuotes.Add(record.LineNumber),
            }
        );
        await csv.ReadHeaderAsync(cancellation);
        var headers = csv.Headers.ToArray();
        if (Column(headers, "name") is not { } nameColumn || Column(headers, "code") is not { } codeColumn)
        {
            await output.WriteLineAsync("The first line must be a header row with the columns name and code");
            return 1;
        }

        var counts = new Dictionary<ImportOutcome, int>();
        var firstLines = new Dictionary<string, long>(StringComparer.OrdinalIgnoreCase);
        var refused = 0;
        var more = true;
        while (more)
        {
            await using var scope = services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<Db>();
            var settings = scope.ServiceProvider.GetRequiredService<OrganisationSettings>();
            var clock = scope.ServiceProvider.GetRequiredService<TimeProvider>();
            await db.InTransactionAsync(async () =>
            {
                for (var row = 0; row < RowsPerTransaction && (more = await csv.ReadAsync(cancellation)); row++)
                {
                    var (name, code, details, error) = Check(
                        csv,
                        headers,
                        nameColumn,
                        codeColumn,
                        badQuotes.Contains(csv.LineNumber)
                    );
                    if (error is null && !firstLines.TryAdd(code!, csv.LineNumber))
                    {
                        error = $"Code {code} is on line {firstLines[code!]} already";
                    }

                    if (error is null)
                    {
                        var outcome = await settings.ImportAsync(new(null, clock.GetUtcNow()), name!, code!, details);
                        counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
                    }
                    else
                    {
                        refused++;
                        await output.WriteLineAsync($"Line {csv.LineNumber}: {error}");
                    }
                }

                return Result.Done;
            });
        }

        await output.WriteLineAsync(
            $"{counts.GetValueOrDefault(ImportOutcome.Added)} added, "
                + $"{counts.GetValueOrDefault(ImportOutcome.Unchanged)} unchanged, "
                + $"{counts.GetValueOrDefault(ImportOutcome.Changed)} changed, {refused} refused"
        );
        return refused == 0 ? 0 : 1;
    }

    private static (string? Name, string? Code, SortedDictionary<string, string> Details, string? Error) Check(
        CsvReader csv,
        string[] headers,
        int nameColumn,
        int codeColumn,
        bool badQuotes
    )
    {
        var details = new SortedDictionary<string, string>(StringComparer.Ordinal);
        (string?, string?, SortedDictionary<string, string>, string?) Refuse(string why) => (null, null, details, why);
        if (badQuotes)
        {
            return Refuse("A quotation mark is in the wrong place");
        }

        if (csv.FieldCount != headers.Length)
        {
            return Refuse($"It has {csv.FieldCount} columns, and the header row has {headers.Length}");
        }

        var fields = Enumerable.Range(0, headers.Length).Select(csv.GetString).ToArray();
        if (fields.Any(field => field.Contains(Rune.ReplacementChar.ToString(), StringComparison.Ordinal)))
        {
            return Refuse("It is not in UTF-8");
        }

        var (name, nameError) = Organisation.CheckName(fields[nameColumn]);
        var (code, codeError) = Organisation.CheckCode(fields[codeColumn]);
        for (var i = 0; i < headers.Length; i++)
        {
            var (heading, value) = (PlainText.OneLine(headers[i]), PlainText.OneLine(fields[i]));
            if (i == nameColumn || i == codeColumn || heading.Length == 0 || value.Length == 0)
            {
                continue;
            }

            if (value.Length > LongestDetail)
            {
                return Refuse($"Its {heading} is longer than {LongestDetail} characters");
            }

            details[heading] = value;
        }
        return (name, code, details, nameError ?? codeError ?? (code is null ? "Enter a code" : null));
    }

    private static int? Column(string[] headers, string name) =>
        Array.FindIndex(headers, header => header.Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
            is >= 0
                and var index
            ? index
            : null;
}
