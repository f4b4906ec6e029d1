using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;

namespace Rollcall.Host;

/// <summary>
/// Adds the organisations of a CSV file with a header row, or brings them up to date; <c>code</c> tells which is which. Columns beyond
/// <c>name</c> and <c>code</c> are kept under their headings. A bad row is reported and stops nothing; the same file again changes nothing.
/// </summary>
internal static class OrganisationImport
{
    private const int LongestDetail = 2000;
    private const int RowsPerTransaction = 500;

    /// <returns>0 when every row was taken, 1 when some were refused or the file cannot be read.</returns>
    public static async Task<int> RunAsync(IServiceProvider services, string file, TextWriter output, CancellationToken cancellation = default)
    {
        if (!File.Exists(file))
        {
            await output.WriteLineAsync($"There is no file {file}");
            return 1;
        }
        using var reader = new StreamReader(file, Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        return await RunAsync(services, reader, output, cancellation);
    }

    internal static async Task<int> RunAsync(IServiceProvider services, TextReader reader, TextWriter output, CancellationToken cancellation)
    {
        var badQuotes = false;
        using var csv = new CsvReader(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            TrimOptions = TrimOptions.Trim,
            BadDataFound = _ => badQuotes = true,
            MissingFieldFound = null,
            DetectColumnCountChanges = false,
        });
        if (!await csv.ReadAsync() || !csv.ReadHeader() || csv.HeaderRecord is not { } headers || Column(headers, "name") is not { } nameColumn || Column(headers, "code") is not { } codeColumn)
        {
            await output.WriteLineAsync("The first line must be a header row with the columns name and code");
            return 1;
        }

        var counts = new Dictionary<ImportOutcome, int>();
        var firstLines = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var (refused, more, line) = (0, true, csv.Parser.RawRow + 1);
        while (more)
        {
            await using var scope = services.CreateAsyncScope();
            var (db, organising, clock) = (scope.ServiceProvider.GetRequiredService<Db>(), scope.ServiceProvider.GetRequiredService<Organising>(), scope.ServiceProvider.GetRequiredService<TimeProvider>());
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            for (var row = 0; row < RowsPerTransaction && (more = await csv.ReadAsync()); row++)
            {
                var (name, code, details, error) = Check(csv, headers, nameColumn, codeColumn, badQuotes);
                if (error is null && !firstLines.TryAdd(code!, line))
                    error = $"code {code} is on line {firstLines[code!]} already";
                if (error is null)
                {
                    var outcome = await organising.ImportAsync(name!, code!, details, clock.GetUtcNow(), cancellation);
                    counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
                }
                else
                {
                    refused++;
                    await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Line {line}: {error}"));
                }
                (badQuotes, line) = (false, csv.Parser.RawRow + 1);
            }
            await transaction.CommitAsync(cancellation);
        }
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{counts.GetValueOrDefault(ImportOutcome.Added)} added, {counts.GetValueOrDefault(ImportOutcome.Unchanged)} unchanged, {counts.GetValueOrDefault(ImportOutcome.Changed)} changed, {refused} refused"));
        return refused == 0 ? 0 : 1;
    }

    private static (string? Name, string? Code, SortedDictionary<string, string> Details, string? Error) Check(CsvReader csv, string[] headers, int nameColumn, int codeColumn, bool badQuotes)
    {
        var details = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var fields = csv.Parser.Record!;
        if (badQuotes)
            return (null, null, details, "a quotation mark is in the wrong place");
        if (fields.Length != headers.Length)
            return (null, null, details, $"has {fields.Length} columns, and the header row has {headers.Length}");
        if (fields.Any(field => field.Contains('\uFFFD', StringComparison.Ordinal)))
            return (null, null, details, "is not in UTF-8");
        var (name, nameError) = Organisation.CheckName(fields[nameColumn]);
        var (code, codeError) = Organisation.CheckCode(fields[codeColumn]);
        for (var i = 0; i < headers.Length; i++)
        {
            var (heading, value) = (PlainText.Clean(headers[i]), PlainText.Clean(fields[i]));
            if (i == nameColumn || i == codeColumn || heading.Length == 0 || value.Length == 0)
                continue;
            if (value.Length > LongestDetail)
                return (null, null, details, $"{heading} is longer than {LongestDetail} characters");
            details[heading] = value;
        }
        return (name, code, details, nameError ?? codeError ?? (code is null ? "Enter a code" : null));
    }

    private static int? Column(string[] headers, string name)
        => Array.FindIndex(headers, header => header.Trim().Equals(name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var index ? index : null;
}
