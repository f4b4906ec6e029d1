using System.Globalization;
using System.Text;
using Rollcall.Security;
using Rollcall.Tests.Account;

namespace Rollcall.Tests.Security;

public sealed class TotpTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>RFC 4226, appendix D.</summary>
    [Theory]
    [InlineData(0, "755224")]
    [InlineData(1, "287082")]
    [InlineData(2, "359152")]
    [InlineData(3, "969429")]
    [InlineData(4, "338314")]
    [InlineData(5, "254676")]
    [InlineData(6, "287922")]
    [InlineData(7, "162583")]
    [InlineData(8, "399871")]
    [InlineData(9, "520489")]
    public void Trust39_RFC_4226_appendix_D(long counter, string code) =>
        Assert.Equal(code, Totp.Code(Secret, counter));

    /// <summary>RFC 6238, appendix B, SHA-1.</summary>
    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void Trust39_RFC_6238_appendix_B(long seconds, string code)
    {
        Assert.Equal(code, Totp.Code(Secret, seconds / 30, digits: 8));
        Assert.Equal(seconds / 30, Totp.Step(Secret, code[2..], DateTimeOffset.FromUnixTimeSeconds(seconds), null));
    }

    [Theory]
    [InlineData(-60, false)]
    [InlineData(-30, true)]
    [InlineData(0, true)]
    [InlineData(30, true)]
    [InlineData(60, false)]
    public void Trust39_A_clock_may_be_one_step_off_and_no_more(int secondsOff, bool accepted)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_015);
        var code = AuthenticatorApp.Code(Totp.Base32(Secret), now.AddSeconds(secondsOff));
        Assert.Equal(accepted, Totp.Step(Secret, code, now, null) is not null);
    }

    [Fact]
    public void Trust39_A_step_that_was_used_and_every_older_one_is_refused()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_015);
        var step = now.ToUnixTimeSeconds() / 30;
        Assert.Null(Totp.Step(Secret, Totp.Code(Secret, step), now, step));
        Assert.Null(Totp.Step(Secret, Totp.Code(Secret, step - 1), now, step));
        Assert.Equal(step + 1, Totp.Step(Secret, Totp.Code(Secret, step + 1), now, step));
    }

    [Theory]
    [InlineData("287 082", true)]
    [InlineData(" 287-082 ", true)]
    [InlineData("28708", false)]
    [InlineData("2870820", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("２８７０８２", false)]
    public void D19_Spaces_and_hyphens_do_not_matter(string? typed, bool accepted) =>
        Assert.Equal(accepted, Totp.Step(Secret, typed, DateTimeOffset.FromUnixTimeSeconds(59), null) is not null);

    [Fact]
    public void A_secret_has_160_bits_and_reads_back_from_its_letters()
    {
        var secret = Totp.NewSecret();
        Assert.Equal(20, secret.Length);
        Assert.Matches("^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$", Totp.Base32(secret));
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        Assert.NotNull(Totp.Step(secret, AuthenticatorApp.Code(Totp.Base32(secret), now), now, null));
        Assert.Equal(
            string.Create(
                CultureInfo.InvariantCulture,
                $"otpauth://totp/A%20B:a%2Bb%40c.org"
                    + $"?secret={Totp.Base32(secret).Replace(" ", "", StringComparison.Ordinal)}&issuer=A%20B"
            ),
            Totp.Address("A B", "a+b@c.org", secret)
        );
    }
}
