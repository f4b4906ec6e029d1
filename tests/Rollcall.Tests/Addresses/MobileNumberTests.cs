using Rollcall.Addresses;

namespace Rollcall.Tests.Addresses;

public sealed class MobileNumberTests
{
    [Theory]
    [InlineData("07700 900123", "+447700900123", "07700 900123")]
    [InlineData("07700900123", "+447700900123", "07700 900123")]
    [InlineData("+44 7700 900123", "+447700900123", "07700 900123")]
    [InlineData("+44 (0)7700 900123", "+447700900123", "07700 900123")]
    [InlineData("0044 7700 900123", "+447700900123", "07700 900123")]
    [InlineData("0044 (0) 7700-900-123", "+447700900123", "07700 900123")]
    [InlineData("447700900123", "+447700900123", "07700 900123")]
    [InlineData("7700 900123", "+447700900123", "07700 900123")]
    [InlineData(" 07700\u00A0900\u200B123 ", "+447700900123", "07700 900123")]
    [InlineData("(07700) 900–123", "+447700900123", "07700 900123")]
    [InlineData("07700.900/123", "+447700900123", "07700 900123")]
    [InlineData("０７７００９００１２３", "+447700900123", "07700 900123")]
    [InlineData("07624 311111", "+447624311111", "07624 311111")] // Isle of Man
    [InlineData("+353 87 123 4567", "+353871234567", "+353 871234567")]
    [InlineData("00353871234567", "+353871234567", "+353 871234567")]
    [InlineData("+1 (202) 555-0143", "+12025550143", "+1 2025550143")]
    [InlineData("71234567890", "+71234567890", "+7 1234567890")]
    [InlineData("+91 98765 43210", "+919876543210", "+91 9876543210")]
    public void A_Mobile_Is_understood_as_people_type_it(string typed, string kept, string shown)
    {
        Assert.Equal((kept, null), MobileNumber.Check(typed));
        Assert.Equal(shown, MobileNumber.Shown(kept));
        Assert.Equal((kept, null), MobileNumber.Check(shown)); // what is shown is understood again
    }

    [Theory]
    [InlineData(null, "Enter a mobile phone number")]
    [InlineData(" \u200B ", "Enter a mobile phone number")]
    [InlineData("phone", "Enter a mobile phone number, like 07700 900 982 or +44 7700 900 982")]
    [InlineData("07700 90O123", "Enter a mobile phone number, like 07700 900 982 or +44 7700 900 982")]
    [InlineData("07700+900123", "Enter a mobile phone number, like 07700 900 982 or +44 7700 900 982")]
    [InlineData("-", "Enter a mobile phone number, like 07700 900 982 or +44 7700 900 982")]
    [InlineData(".", "Enter a mobile phone number, like 07700 900 982 or +44 7700 900 982")]
    [InlineData("–", "Enter a mobile phone number, like 07700 900 982 or +44 7700 900 982")]
    [InlineData("+", "Enter a mobile phone number, like 07700 900 982 or +44 7700 900 982")]
    [InlineData("+999 1234567", "Enter a mobile phone number, like 07700 900 982 or +44 7700 900 982")]
    [InlineData("٠٧٧٠٠٩٠٠١٢٣", "Enter a mobile phone number, like 07700 900 982 or +44 7700 900 982")]
    [InlineData("020 7946 0000", "Enter a mobile phone number. This number cannot receive text messages")]
    [InlineData("+44 161 496 0000", "Enter a mobile phone number. This number cannot receive text messages")]
    [InlineData("0808 157 0192", "Enter a mobile phone number. This number cannot receive text messages")]
    [InlineData("07012 345678", "Enter a mobile phone number. This number cannot receive text messages")]
    [InlineData("07600 123456", "Enter a mobile phone number. This number cannot receive text messages")]
    [InlineData("07700 90012", "Mobile phone number is too short. Check that no digits are missing")]
    [InlineData("07700 9001234", "Mobile phone number is too long. Check that it does not have too many digits")]
    [InlineData("+353 871", "Mobile phone number is too short. Check that no digits are missing")]
    [InlineData("+353 8712345678901", "Mobile phone number is too long. Check that it does not have too many digits")]
    public void A_Mobile_Says_what_is_wrong(string? typed, string error) =>
        Assert.Equal((null, error), MobileNumber.Check(typed));

    [Fact]
    public void A_Mobile_A_hundred_thousand_characters_are_no_problem() =>
        Assert.NotNull(MobileNumber.Check(new string('7', 100_000)).Error);
}
