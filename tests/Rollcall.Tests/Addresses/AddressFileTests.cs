using System.Runtime.CompilerServices;
using System.Text;
using Rollcall.Addresses;

namespace Rollcall.Tests.Addresses;

public sealed class AddressFileTests
{
    [Theory]
    [InlineData("email,first name,last name,service area,role")]
    [InlineData("Email address;First name;Last name;Service area;Role")]
    [InlineData("E-MAIL\tGiven Name\tSURNAME\tArea\tROLE")]
    [InlineData("sep=;\nEmail Address;Forename;Family_name;area;role")]
    public void C_S4_3_Columns_are_found_by_their_headings(string headings)
    {
        var separator = headings.First(c => c is ',' or '\t' or ';');
        var entry = Assert.Single(
            Parse($"{headings}\n{string.Join(separator, "jane@x.uk", "Jane", "Doe", "Maths", "Admin")}\n")
        );
        Assert.Equal(new AddressDetails("Jane", "Doe", "Maths", "Admin"), entry.Details);
        Assert.Equal("jane@x.uk", entry.Address!.Display);
    }

    [Fact]
    public void C_S4_3_Columns_come_in_any_order_among_others()
    {
        var entries = Parse(
            "Ref,Role,Surname,E-mail,Phone\r\n1,Member,\"O\"\"Neil, Jr\",ann@x.uk,\r\n\r\n2,,,bob@x.uk,07\r\n"
        );
        Assert.Equal([("ann@x.uk", 2), ("bob@x.uk", 4)], entries.Select(entry => (entry.Address!.Display, entry.Line)));
        Assert.Equal(
            [new(null, "O\"Neil, Jr", null, "Member"), AddressDetails.None],
            entries.Select(entry => entry.Details)
        );
    }

    [Theory]
    [InlineData("a@x.uk\nb@x.uk")]
    [InlineData("a@x.uk,Ann\nb@x.uk,Bob\n")]
    [InlineData("Ann,a@x.uk\nBob,b@x.uk")]
    [InlineData("Ann;Doe;a@x.uk\n;;\nBob;Doe;b@x.uk")]
    [InlineData("name,contact\nAnn,Ann <a@x.uk>\nBob,b@x.uk")]
    public void C_S4_3_Without_headings_the_addresses_are_in_the_first_column_or_the_only_one(string file) =>
        Assert.Equal(
            ["a@x.uk", "b@x.uk"],
            Parse(file).Where(entry => entry.Address is not null).Select(entry => entry.Address!.Display)
        );

    [Fact]
    public void C_The_first_column_wins_when_two_have_addresses() =>
        Assert.Equal(["a@x.uk"], Parse("a@x.uk,manager@x.uk").Select(entry => entry.Address!.Display));

    [Fact]
    public void C_Repeats_and_what_is_not_valid_are_told_as_in_a_pasted_list()
    {
        var entries = Parse(
            "email,role\na@x.uk,Member\nA@X.UK,Admin\nplain,Member\n,Admin\nc@gmial.com,\n\"d@x.uk; e@x.uk\",Member\n"
        );
        Assert.Equal(
            [
                (2, "a@x.uk", AddressKind.Recognised, null, null),
                (3, "A@X.UK", AddressKind.Repeated, 2, null),
                (4, "plain", AddressKind.NotValid, null, null),
                (5, ", Admin", AddressKind.NotValid, null, null),
                (6, "c@gmial.com", AddressKind.Recognised, null, "c@gmail.com"),
                (7, "d@x.uk", AddressKind.Recognised, null, null),
                (7, "e@x.uk", AddressKind.Recognised, null, null),
            ],
            entries.Select(entry => (entry.Line, entry.Text, entry.Kind, entry.FirstLine, entry.Suggestion))
        );
    }

    [Fact]
    public void C_A_quotation_mark_that_is_never_closed_costs_its_row()
    {
        var entries = Parse("email,last name\na@x.uk,Doe\n\"b@x.uk,Doe\nc@x.uk,Doe\n");
        Assert.Equal(
            [(2, "a@x.uk"), (3, null), (4, "c@x.uk")],
            entries.Select(entry => (entry.Line, entry.Address?.Display))
        );
    }

    [Fact]
    public void C_A_row_without_an_end_is_told_and_what_came_before_it_stands()
    {
        var entries = Parse("a@x.uk\nb@x.uk\n" + new string('x', 1_000_000));
        Assert.Equal(
            [(1, "a@x.uk", "a@x.uk"), (2, "b@x.uk", "b@x.uk"), (3, null, "…")],
            entries.Select(entry => (entry.Line, entry.Address?.Display, entry.Text))
        );
    }

    [Fact]
    public void C_Bytes_are_read_as_UTF_8_or_as_Excel_writes_them()
    {
        const string File = "email,last name\nzoe@x.uk,Zoë Müller–O’Neil €5\n";
        var windows = File.Select(c =>
                c switch
                {
                    '–' => (byte)0x96,
                    '’' => (byte)0x92,
                    '€' => (byte)0x80,
                    _ => (byte)c,
                }
            )
            .ToArray();
        byte[][] files =
        [
            Encoding.UTF8.GetBytes(File),
            [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(File)],
            [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(File)],
            windows,
        ];
        foreach (var bytes in files)
        {
            using var stream = new MemoryStream(bytes);
            var entry = Assert.Single(AddressList.ParseCsv(stream));
            Assert.Equal(("zoe@x.uk", "Zoë Müller–O’Neil €5"), (entry.Address!.Display, entry.Details.LastName));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n,,\n ; \n")]
    [InlineData("email,role\n")]
    public void C_Nothing_in_the_file_is_nothing(string file) => Assert.Empty(Parse(file));

    [Fact]
    public void C_The_file_is_read_as_far_as_entries_are_taken_and_rows_are_not_kept()
    {
        using var endless = new Rows("a@x.uk,Ann,Doe,Maths,Member\n");
        Assert.Equal(10, AddressList.ParseCsv(endless).Take(10).Count());
        Assert.True(endless.Position < 1_000_000);

        using var another = new Rows("a@x.uk,Ann,Doe,Maths,Member\n");
        using var entries = AddressList.ParseCsv(another).GetEnumerator();
        Read(entries, 1000);
        var cells = Read(entries, 1000);
        GC.Collect();
        Assert.InRange(cells.Count(cell => cell.IsAlive), 0, 5); // the row that is being read

        // In a method of its own, so that nothing here holds what was read.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static List<WeakReference> Read(IEnumerator<AddressEntry> entries, int rows) =>
            Enumerable
                .Range(0, rows)
                .Select(_ =>
                {
                    Assert.True(entries.MoveNext());
                    return new WeakReference(entries.Current.Details.FirstName);
                })
                .ToList();
    }

    private static List<AddressEntry> Parse(string file)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(file));
        return [.. AddressList.ParseCsv(stream)];
    }

    /// <summary>The same row for ever.</summary>
    private sealed class Rows(string row) : Stream
    {
        private readonly byte[] bytes = Encoding.UTF8.GetBytes(row);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            for (var i = 0; i < count; i++)
            {
                buffer[offset + i] = bytes[Position++ % bytes.Length];
            }

            return count;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
