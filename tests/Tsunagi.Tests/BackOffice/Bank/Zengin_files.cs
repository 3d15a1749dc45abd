using FsCheck.Fluent;
using Tsunagi.BackOffice.Bank;
using Tsunagi.BackOffice.Bank.Zengin;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Bank;

public class Zengin_files
{
    internal static readonly DateOnly AsOf = new(2026, 11, 2);

    [Fact]
    public void Transfers_received_become_entries_with_readable_names_and_a_key_to_compare()
    {
        var file = new ZenginSample("01").Header().Data(303_763, "ｶ)ﾐﾔｺｼﾖｸﾋﾝ", "2026-000123", 41, payerCode: "0000002931").Data(-6_380, "ﾀｶｻｷ ｻｸﾗｺ", "", 42).Trailer().End();
        var statement = Assert.Single(Read(file));
        Assert.Equal(("9901-123-1-0012345", "JPY"), (statement.Account, statement.Currency));
        Assert.Equal((new DateOnly(2026, 10, 30), new DateOnly(2026, 10, 31)), (statement.From!.Value, statement.To!.Value));
        var (first, second) = (statement.Entries[0], statement.Entries[1]);
        Assert.Equal((303_763L, "カ)ミヤコシヨクヒン", "ミヤコシヨクヒン", "2026-000123"), (first.AmountMinor, first.PayerName, first.PayerKey, first.Reference));
        Assert.Equal(("0000002931", "0012345", new DateOnly(2026, 10, 30), 2), (first.PayerAccount, first.PaidToAccount, first.BookingDate, first.Line));
        Assert.Equal((-6_380L, true, "タカサキサクラコ"), (second.AmountMinor, second.IsReversal, second.PayerKey));
        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public void Bookings_of_an_account_lead_from_the_opening_to_the_closing_balance()
    {
        var file = new ZenginSample("03", "").Header(opening: -5_000).Data(12_000, "ｶ)ﾐﾔｺｼﾖｸﾋﾝ", inquiry: 1).Data(-3_000, "ｿｳｺ", inquiry: 2).Trailer().End();
        var statement = Assert.Single(Read(file));
        Assert.Equal((-5_000L, 4_000L), (statement.OpeningMinor!.Value, statement.ClosingMinor!.Value));
        Assert.Equal("フリコミ", statement.Entries[0].Reference);
    }

    [Fact]
    public void Direct_debits_say_what_was_drawn_and_what_was_refused()
    {
        var file = new ZenginSample("91").Header().Data(6_380, "ﾀｶｻｷ ｻｸﾗｺ", "00000000000000104477").Data(-11_000, "ﾔﾏﾀﾞ ﾀﾛｳ", "C-000900").Trailer().End();
        var statement = Assert.Single(Read(file));
        Assert.Equal((6_380L, "00000000000000104477", new DateOnly(2026, 10, 27)), (statement.Entries[0].AmountMinor, statement.Entries[0].PayerAccount, statement.Entries[0].BookingDate));
        Assert.Equal(new BankRefusal("C-000900", "ヤマダ タロウ", 11_000, '1', 3), Assert.Single(statement.Refusals));
    }

    [Fact]
    public void Several_accounts_stand_in_one_file()
    {
        var file = new ZenginSample("01").Header("0012345").Data(1, "ｱ").Trailer().Header("9104477").Data(2, "ｲ").Trailer().End();
        Assert.Equal(["9901-123-1-0012345", "9901-123-1-9104477"], Read(file).Select(statement => statement.Account));
    }

    [Theory]
    [InlineData("081030", 2026)] // Reiwa 8
    [InlineData("261030", 2026)] // western
    [InlineData("251030", 2025)]
    [InlineData("310430", 2019)] // Heisei 31: nearer than 2031 and 2049
    public void Years_of_two_digits_are_those_nearest_to_today(string date, int year)
    {
        var file = new ZenginSample("01").Header().Data(1, "ｱ", date: date).Trailer().End();
        Assert.True(ZenginFile.TryParse(file, date == "310430" ? new DateOnly(2019, 5, 2) : AsOf, BankLimits.Default, out var statements, out var faults), string.Join("\n", faults));
        Assert.Equal(year, statements[0].Entries[0].BookingDate.Year);
    }

    [Fact]
    public void A_trailer_that_does_not_add_up_refuses_the_file()
    {
        var file = new ZenginSample("01") { TrailerOff = 1 }.Header().Data(500, "ｱ").Trailer().End();
        var fault = Assert.Single(Faults(file));
        Assert.Equal("line 3, column 8: the trailer says 501 yen of transfers, the data records give 500", fault.ToString());
    }

    [Fact]
    public void Faults_name_record_and_octet()
    {
        var file = new ZenginSample("01").Header().Data(500, "ｱ").Trailer().End();
        file[202 + 19] = (byte)'x';
        Assert.Equal("line 2, column 20: the amount has a character that is no digit", Faults(file)[0].ToString());
        file = new ZenginSample("01").Header().Data(500, "ｱ").Trailer().End();
        file[202 + 50] = 0x81;
        Assert.Equal("line 2, column 51: the payer's name has octet 0x81, which is no character of JIS X 0201", Faults(file)[0].ToString());
    }

    [Theory]
    [InlineData("", "does not begin")]
    [InlineData("1210", "does not begin")]
    [InlineData("1011", "only 0 (JIS)")]
    [InlineData("1010short", "shorter than 200")]
    public void What_is_no_such_file_is_refused(string text, string said) => Assert.Contains(said, Faults(ZenginSample.Octets(text))[0].Message, StringComparison.Ordinal);

    [Fact]
    public void Records_out_of_order_and_a_missing_end_are_refused()
    {
        var file = new ZenginSample("01").Header().Data(500, "ｱ").Trailer().End();
        Assert.Contains("without an end", Faults(file[..(202 * 3)])[0].Message, StringComparison.Ordinal);
        Assert.Contains("does not belong here", Faults([.. file[..202], .. file])[0].Message, StringComparison.Ordinal);
        Assert.Contains("does not belong here", Faults([.. file, .. file])[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_hold_at_the_limit_and_not_one_past_it()
    {
        var file = new ZenginSample("01").Header().Data(1, "ｱ").Data(2, "ｲ").Trailer().End();
        Assert.True(ZenginFile.TryParse(file, AsOf, new BankLimits { MaxEntries = 2, MaxFileBytes = file.Length }, out _, out _));
        Assert.False(ZenginFile.TryParse(file, AsOf, new BankLimits { MaxEntries = 1 }, out _, out var faults));
        Assert.Contains("more than 1 bookings", faults[0].Message, StringComparison.Ordinal);
        Assert.False(ZenginFile.TryParse(file, AsOf, new BankLimits { MaxFileBytes = file.Length - 1 }, out _, out _));
    }

    [Fact]
    public void The_same_bookings_have_the_same_ids_in_every_file_and_no_two_share_one() => Properties.Holds(
        from count in Gen.Choose(1, 12)
        from bookings in Gen.ArrayOf(from amount in Gen.Choose(1, 3) from payer in Gen.Elements("ｱ", "ｲ") from inquiry in Gen.Choose(0, 2) select (amount, payer, inquiry), count)
        select bookings,
        bookings =>
        {
            byte[] Write(int take, string lineEnd)
            {
                var sample = new ZenginSample("01", lineEnd).Header();
                bookings.Take(take).ToList().ForEach(booking => sample.Data(booking.amount, booking.payer, inquiry: booking.inquiry));
                return sample.Trailer().End();
            }

            var all = Read(Write(bookings.Length, "\r\n"))[0];
            var ids = all.Entries.Select(entry => entry.Id).ToList();
            Assert.Equal(ids.Count, ids.Distinct().Count());
            Assert.Equal(bookings.Sum(booking => (long)booking.amount), all.Entries.Sum(entry => entry.AmountMinor));

            // What was imported in the morning is not imported again in the evening.
            var morning = Read(Write(bookings.Length / 2, ""))[0].Entries.Select(entry => entry.Id).ToHashSet();
            Assert.Equal(bookings.Length - (bookings.Length / 2), all.Unknown(morning.Contains).Count);
            Assert.Empty(all.Unknown(ids.Contains));
        }, count: 200);

    private static IReadOnlyList<BankStatement> Read(byte[] file)
    {
        Assert.True(BankFile.TryRead(file, null, AsOf, BankLimits.Default, out var statements, out var faults), string.Join("\n", faults));
        return statements;
    }

    private static IReadOnlyList<BankFault> Faults(byte[] file)
    {
        Assert.False(ZenginFile.TryParse(file, AsOf, BankLimits.Default, out var statements, out var faults));
        Assert.Empty(statements);
        return faults;
    }
}
