using System.Globalization;
using Tsunagi.BackOffice.Orders;

namespace Tsunagi.Tests.BackOffice.Orders;

/// <summary>Least terms, renewals and notice, in civil days.</summary>
public class Terms_and_notice
{
    [Theory]
    [InlineData("2027-01-31", 1, 0, "2027-01-31", "2027-02-28")]
    [InlineData("2027-01-31", 1, 1, "2027-02-28", "2027-03-31")]
    [InlineData("2028-01-31", 1, 1, "2028-02-10", "2028-02-29")]
    [InlineData("2027-01-01", 12, 0, "2028-01-01", null)]
    [InlineData("2027-01-01", 12, 0, "2027-12-31", "2028-01-01")]
    [InlineData("2027-01-01", 12, 6, "2028-01-01", "2028-07-01")]
    [InlineData("2027-01-01", 0, 0, "2027-01-01", null)]
    public void Term_that_holds_a_day_ends(string begins, int minimum, int renewal, string on, string? end) =>
        Assert.Equal(end, Of(begins, minimum, renewal, 0).TermEnd(Day(on)) is { } found ? found.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null);

    [Theory]
    [InlineData(12, 0, 0, "2027-03-01", "2027-03-01", "2028-01-01")]
    [InlineData(12, 0, 30, "2027-12-20", "2027-12-20", "2028-01-19")]
    [InlineData(12, 12, 30, "2028-01-01", "2027-12-01", "2028-01-01")]
    [InlineData(12, 12, 32, "2028-01-01", "2027-12-01", "2029-01-01")]
    [InlineData(0, 0, 30, "2027-03-01", "2027-03-01", "2027-03-31")]
    [InlineData(0, 0, 30, "2027-06-01", "2027-03-01", "2027-06-01")]
    [InlineData(12, 0, 0, "2028-05-05", "2027-03-01", "2028-05-05")]
    [InlineData(12, 1, 0, "2028-05-05", "2027-03-01", "2028-06-01")]
    public void Earliest_ordinary_end_follows_term_and_notice(int minimum, int renewal, int notice, string wanted, string given, string end) =>
        Assert.Equal(end, Of("2027-01-01", minimum, renewal, notice).OrdinaryEnd(Day(wanted), Day(given)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    [Fact]
    public void States_of_an_order_follow_its_items()
    {
        Assert.Equal(OrderState.Acknowledged, OrderState.Of([OrderState.Acknowledged, OrderState.Acknowledged]));
        Assert.Equal(OrderState.InProgress, OrderState.Of([OrderState.Completed, OrderState.Acknowledged]));
        Assert.Equal(OrderState.Completed, OrderState.Of([OrderState.Completed]));
        Assert.Equal(OrderState.Partial, OrderState.Of([OrderState.Completed, OrderState.Cancelled]));
        Assert.Equal(OrderState.Cancelled, OrderState.Of([OrderState.Cancelled]));
        Assert.Equal(OrderState.Failed, OrderState.Of([OrderState.Completed, OrderState.Failed, OrderState.Acknowledged]));
    }

    private static Agreement Of(string begins, int minimum, int renewal, int notice) => new("s_1", begins, minimum, renewal, notice, "100", "or_1");

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
