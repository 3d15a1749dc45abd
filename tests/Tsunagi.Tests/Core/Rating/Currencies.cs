using Tsunagi.Core.Rating;

namespace Tsunagi.Tests.Core.Rating;

public sealed class Currencies
{
    [Theory]
    [InlineData("JPY", 12345, "¥12,345")]
    [InlineData("JPY", -1, "-¥1")]
    [InlineData("USD", 123450, "$1,234.50")]
    [InlineData("USD", 5, "$0.05")]
    [InlineData("KWD", 1001, "KD 1.001")]
    public void Amount_is_written_with_its_minor_digits(string code, long minor, string text) => Assert.Equal(text, Currency.Find(code)!.Format(minor));

    [Fact]
    public void Every_currency_has_a_number_of_minor_digits_that_is_handled() => Assert.All(Currency.All, c => Assert.InRange(c.MinorPerUnit, 1, 1000));
}
