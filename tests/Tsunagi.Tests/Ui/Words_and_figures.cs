using Tsunagi.Ui.Format;

namespace Tsunagi.Tests.Ui;

public class Words_and_figures
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1 kB")]
    [InlineData(1_400_000, "1.4 MB")]
    [InlineData(2_487_216_000, "2.5 GB")]
    public void Sizes_are_decimal(long bytes, string written) => Assert.Equal(written, Formats.Bytes(bytes));

    [Theory]
    [InlineData(9_999, "en", "9,999")]
    [InlineData(12_345, "en", "12.3K")]
    [InlineData(184_320, "ja", "18.4万")]
    [InlineData(123_456_789, "ja", "1.2億")]
    [InlineData(2_500_000, "en", "2.5M")]
    public void Compact_figures_count_as_each_language_does(double value, string locale, string written) => Assert.Equal(written, Formats.Compact(value, locale));

    [Theory]
    [InlineData(123_456, "JPY", "ja", "123,456円")]
    [InlineData(123_456, "JPY", "en", "¥123,456")]
    [InlineData(-1234, "USD", "en", "−$12.34")]
    [InlineData(5, "KWD", "en", "0.005 KWD")]
    public void Money_has_the_digits_of_its_currency(long minor, string currency, string locale, string written) => Assert.Equal(written, Formats.Money(minor, currency, locale));

    [Theory]
    [InlineData(2, "en", "just now")]
    [InlineData(61, "en", "1 min ago")]
    [InlineData(-7200, "en", "in 2 h")]
    [InlineData(190, "ja", "3分前")]
    [InlineData(-90_000, "ja", "1日後")]
    public void Relative_times_look_both_ways(int secondsAgo, string locale, string written) =>
        Assert.Equal(written, Relative.Say(1_000_000_000_000_000 - (secondsAgo * 1_000_000L), 1_000_000_000_000_000, locale));

    [Fact]
    public void Times_are_written_in_the_readers_zone()
    {
        const long micros = 1_795_388_543_000_000;
        Assert.Equal("23 Nov 2026, 08:02:23", Zone.Of("Asia/Tokyo").Full(micros, "en"));
        Assert.Equal("2026/11/23 08:02:23", Zone.Of("Asia/Tokyo").Full(micros, "ja"));
        Assert.Equal("UTC+9", Zone.Of("Asia/Tokyo").OffsetName(micros));
        Assert.Equal("UTC+5:30", Zone.Of("Asia/Kolkata").OffsetName(micros));
        Assert.Equal("UTC", Zone.Of("Mars/Olympus").OffsetName(micros));
    }
}
