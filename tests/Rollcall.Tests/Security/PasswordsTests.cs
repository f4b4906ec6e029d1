using Rollcall.Security;

namespace Rollcall.Tests.Security;

public sealed class PasswordsTests
{
    private static readonly Passwords Passwords = new(new CommonPasswords());
    private static readonly string[] Own =
    [
        "Publish courses",
        "Hillview School",
        "Zoë",
        "O’Brien",
        "zoe.obrien@hillview.example",
        "dragon77@hillview.example",
    ];

    [Theory]
    [InlineData("🐑🐏🐐🦌🐂🐄🐖🐗🐪🐫🦙🦒🐘🦏", false, "15")] // 14 code points in 28 chars
    [InlineData("🐑🐏🐐🦌🐂🐄🐖🐗🐪🐫🦙🦒🐘🦏🦛", false, null)]
    [InlineData("blue gate sky", false, "15")]
    [InlineData("blue gate sky", true, null)]
    [InlineData("blue gates.", true, "12")]
    [InlineData("e\u0301te\u0301 grange a\u0302", true, null)] // twelve once composed, fifteen as typed
    [InlineData("e\u0301te\u0301 grange a\u0302", false, "15")]
    public void D18_Trust25_Length_is_counted_in_code_points(string password, bool secondFactor, string? least) =>
        Assert.Equal(
            least is null ? null : $"Password must be {least} characters or more",
            Passwords.Problem(password, secondFactor, [])
        );

    [Fact]
    public void D18_Trust26_A_thousand_characters_are_enough_and_more_is_an_error_and_never_cut()
    {
        var long1000 = string.Concat(
            Enumerable.Range(0, 1000).Select(i => (char)('a' + (i * (i + 3) / 2 + i / 7) % 26))
        );
        Assert.Null(Passwords.Problem(long1000, false, []));
        Assert.Equal("Password must be 1,000 characters or fewer", Passwords.Problem(long1000 + "x", false, []));
        Assert.False(Passwords.Verify(Passwords.Hash(long1000[..72]), long1000[..73]).Right);
        Assert.False(Passwords.Verify(Passwords.Hash(long1000[..64]), long1000[..65]).Right);
        Assert.True(Passwords.Verify(Passwords.Hash(long1000), long1000).Right);
    }

    [Fact]
    public void Trust28_Whatever_may_be_set_can_be_signed_in_with_however_its_keyboard_writes_it()
    {
        // Three letters in each Korean syllable: 3,000 chars as a Mac may send them, 1,000 once composed.
        var composed = string.Concat(
            Enumerable.Range(0, 1000).Select(i => (char)('각' + 28 * ((i * (i + 3) / 2 + i / 7) % 399)))
        );
        var typed = composed.Normalize(System.Text.NormalizationForm.FormD);
        Assert.Equal((1000, 3000), (composed.Length, typed.Length));
        Assert.Null(Passwords.Problem(typed, false, []));
        Assert.True(Passwords.Verify(Passwords.Hash(typed), typed).Right);
        Assert.False(Passwords.Verify(Passwords.Hash(typed), typed + "a").Right);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void S4_10_A_password_must_be_there(string? password) =>
        Assert.Equal("Enter a password", Passwords.Problem(password, true, []));

    [Theory]
    [InlineData("               ")]
    [InlineData("aaaaaaaaaaaaaaaa")]
    [InlineData("abcabcabcabcabcabc")]
    [InlineData("passwordpasswordpassword")]
    [InlineData("qwertyuiopasdfghjkl")]
    [InlineData("123456789012345")]
    [InlineData("abcdefghijklmnopqrst")]
    [InlineData("zyxwvutsrqponmlkji")]
    [InlineData("HillviewSchool2026")]
    [InlineData("publish courses!!")]
    [InlineData("zoe.obrien@hillview")]
    [InlineData("Zoë O’Brien 123456")]
    [InlineData("hillview hillview 1")]
    [InlineData("Hillview dragon77")]
    [InlineData("dragon77 hillview 2026!")]
    [InlineData("letmein7letmein7")]
    [InlineData("Kx9!fq2LzKx9!fq2Lz")]
    public void Trust27_What_is_guessed_first_is_refused_with_the_reason(string password) =>
        Assert.StartsWith(
            "Choose another password: ",
            Passwords.Problem(password, false, Own),
            StringComparison.Ordinal
        );

    [Fact]
    public void Trust27_The_list_of_known_passwords_is_long_and_case_does_not_matter()
    {
        var list = new CommonPasswords();
        Assert.True(list.Count > 40_000, $"{list.Count} passwords");
        foreach (var known in new[] { "unbelievable", "1q2w3e4r5t6y", "UNBELIEVABLE", "motherfucker" })
        {
            Assert.Equal("many people use this one", list.Why(known, []));
        }
    }

    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("unbelievable unicorn tea")]
    [InlineData("my password is a poem")]
    [InlineData("hillview is where I work")]
    [InlineData("pwysau ŵyn gwanwyn")]
    [InlineData("hillview 1984 stands on a hill")]
    [InlineData("slate roof rain slate roof rain")]
    public void Trust26_A_good_one_may_contain_a_common_word_and_anything_else(string password) =>
        Assert.Null(Passwords.Problem(password, false, Own));

    [Fact]
    public void Trust28_It_is_kept_slow_salted_and_by_the_newest_rules()
    {
        var hash = Passwords.Hash("correct horse battery");
        Assert.NotEqual(hash, Passwords.Hash("correct horse battery"));
        var bytes = Convert.FromBase64String(hash);
        Assert.Equal(2u, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(1))); // HMAC-SHA512
        Assert.Equal(220_000u, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(5)));
        Assert.Equal((true, null), Passwords.Verify(hash, "correct horse battery"));
        var old = new Microsoft.AspNetCore.Identity.PasswordHasher<object>(
            Microsoft.Extensions.Options.Options.Create(
                new Microsoft.AspNetCore.Identity.PasswordHasherOptions { IterationCount = 100_000 }
            )
        ).HashPassword(new(), "correct horse battery");
        var (right, rehashed) = Passwords.Verify(old, "correct horse battery");
        Assert.True(right);
        Assert.Equal((true, null), Passwords.Verify(rehashed, "correct horse battery"));
    }

    [Fact]
    public void Trust28_Two_spellings_of_one_character_are_one_password_and_half_a_character_is_no_error()
    {
        Assert.True(Passwords.Verify(Passwords.Hash("e\u0301te\u0301 grange haute"), "été grange haute").Right);
        Assert.True(Passwords.Verify(Passwords.Hash("half a \ud83d character"), "half a \ud83d character").Right);
        Assert.False(Passwords.Verify(Passwords.Hash(" spaces at both ends "), "spaces at both ends").Right);
    }

    [Fact]
    public void Trust29_Without_an_account_nothing_is_right() =>
        Assert.Equal((false, null), Passwords.Verify(null, "nobody has this one"));
}
