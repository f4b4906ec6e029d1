using System.Text;
using Microsoft.EntityFrameworkCore;
using Rollcall.Host;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Organisations;

public sealed class ImportTests(TheApp app)
{
    private static async Task<(int Code, string[] Lines)> ImportAsync(Instance host, byte[] file)
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, file, TestContext.Current.CancellationToken);
            using var output = new StringWriter();
            var code = await OrganisationImport.RunAsync(
                host.Services,
                path,
                output,
                TestContext.Current.CancellationToken
            );
            return (code, output.ToString().TrimEnd().Split(Environment.NewLine));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Task<(int Code, string[] Lines)> ImportAsync(Instance host, string file) =>
        ImportAsync(host, Encoding.UTF8.GetBytes(file));

    [Fact]
    public async Task A_file_is_imported_once_however_often_it_is_run()
    {
        await using var host = await app.StartAsync([]);
        const string File =
            "\uFEFFname,code,town\r\nAda School,A1,Ely\r\n\"Smith, Jones & Co\",B2,\r\n\r\nYsgol Tŷ Gwyn,C3,Bangor\r\n";
        Assert.Equal((0, "3 added, 0 unchanged, 0 changed, 0 refused"), await SummaryAsync(host, File));
        Assert.Equal((0, "0 added, 3 unchanged, 0 changed, 0 refused"), await SummaryAsync(host, File));
        Assert.Equal(3, await host.InDbAsync(db => db.AuditEvents.CountAsync()));
        Assert.Equal(
            (0, "0 added, 2 unchanged, 1 changed, 0 refused"),
            await SummaryAsync(host, File.Replace("Bangor", "Bala", StringComparison.Ordinal))
        );
        var organisations = await host.InDbAsync(db => db.Organisations.OrderBy(o => o.Code).ToListAsync());
        Assert.Equal(["Ada School", "Smith, Jones & Co", "Ysgol Tŷ Gwyn"], organisations.Select(o => o.Name));
        Assert.Equal("Bala", organisations[2].Details["town"]);
        Assert.Empty(organisations[1].Details);
        var page = await (await host.SupportAsync()).GetAsync(Links.Organisation(organisations[2].Id));
        Assert.Equal(("C3", "Bala"), (page.Value("Code"), page.Value("town")));

        static async Task<(int, string)> SummaryAsync(Instance host, string file)
        {
            var (code, lines) = await ImportAsync(host, file);
            return (code, Assert.Single(lines));
        }
    }

    [Fact]
    public async Task A_bad_row_is_reported_with_its_line_and_reason_and_stops_nothing()
    {
        await using var host = await app.StartAsync([]);
        var rows = new List<byte>(
            Encoding.UTF8.GetBytes(
                "code,name,town\nA1,Ada School,Ely\n,No "
                    + "code,Ely\nB2,,Ely\nC3,Too,many,columns\nD4,\"Unclosed,Ely\nE5,Good "
                    + "School,Ely\nA1,Again,Ely\na1,Other case,Ely\n"
                    + $"F6,{new string('n', 201)},Ely\nG7,"
            )
        );
        rows.AddRange([0xC9, 0x63, 0x6F, 0x6C, 0x65]); // "École" in Latin-1
        rows.AddRange(Encoding.UTF8.GetBytes(",Ely\nH8,Last School,Ely\n"));
        var (code, lines) = await ImportAsync(host, [.. rows]);
        Assert.Equal(1, code);
        Assert.Equal(
            [
                "Line 3: Enter a code",
                "Line 4: Enter a name",
                "Line 5: It has 4 columns, and the header row has 3",
                "Line 6: A quotation mark is in the wrong place",
                "Line 8: Code A1 is on line 2 already",
                "Line 9: Code a1 is on line 2 already",
                "Line 10: Name must be 200 characters or fewer",
                "Line 11: It is not in UTF-8",
                "3 added, 0 unchanged, 0 changed, 8 refused",
            ],
            lines
        );
        Assert.Equal(
            ["Ada School", "Good School", "Last School"],
            await host.InDbAsync(db => db.Organisations.OrderBy(o => o.Name).Select(o => o.Name).ToListAsync())
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("title,number\nA,1\n")]
    [InlineData("name\nA\n")]
    public async Task A_file_without_the_columns_is_refused_with_what_it_needs(string file)
    {
        var (code, lines) = await ImportAsync(app.Main, file);
        Assert.Equal(
            (1, "The first line must be a header row with the columns name and code"),
            (code, Assert.Single(lines))
        );
    }
}
