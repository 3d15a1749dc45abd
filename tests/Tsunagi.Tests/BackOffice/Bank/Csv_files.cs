using System.Globalization;
using System.Text;
using FsCheck.Fluent;
using Tsunagi.BackOffice.Bank;
using Tsunagi.BackOffice.Bank.Csv;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Bank;

public class Csv_files
{
    internal static readonly CsvMapping Japanese = new()
    {
        Account = "9901-123-1-0012345", Encoding = CsvEncoding.ShiftJis, Date = "お取引日", In = "お預入金額", Out = "お引出金額", Balance = "残高", Payer = "摘要", SkipLines = 1,
    };

    internal static readonly CsvMapping German = new()
    {
        Account = "DE89370400440532013000", Currency = "EUR", Delimiter = ';', Date = "1", ValueDate = "2", Amount = "5", Payer = "3", PayerAccount = "6", Reference = "4", Id = "7", HasHead = false, DateFormat = "dd.MM.yyyy", DecimalSign = ',',
    };

    [Fact]
    public void A_japanese_bank_is_read_in_shift_jis_with_its_running_balance()
    {
        var text = "普通預金 0012345\r\nお取引日,お引出金額,お預入金額,摘要,残高\r\n2026/10/30,,\"303,763\",ﾌﾘｺﾐ ｶ)ﾐﾔｺｼﾖｸﾋﾝ,\"¥403,763\"\r\n2026/10/31,440,,手数料,\"403,323円\"\r\n";
        var statement = Assert.Single(Read(CodePagesEncodingProvider.Instance.GetEncoding(932)!.GetBytes(text), Japanese));
        Assert.Equal((100_000L, 403_323L), (statement.OpeningMinor!.Value, statement.ClosingMinor!.Value));
        Assert.Equal([(303_763L, "フリコミ カ)ミヤコシヨクヒン"), (-440L, "手数料")], statement.Entries.Select(entry => (entry.AmountMinor, entry.PayerName)));
    }

    [Fact]
    public void The_newest_may_stand_first()
    {
        var text = "x\nお取引日,お引出金額,お預入金額,摘要,残高\n2026/10/31,440,,手数料,1060\n2026/10/30,,500,ア,1500\n";
        var statement = Assert.Single(Read(Encoding.UTF8.GetBytes(text), Japanese with { Encoding = CsvEncoding.Utf8 }));
        Assert.Equal((1_000L, 1_060L), (statement.OpeningMinor!.Value, statement.ClosingMinor!.Value));
    }

    [Fact]
    public void A_german_bank_is_read_by_column_numbers_and_with_its_own_ids()
    {
        var statement = Assert.Single(Read("\uFEFF31.10.2026;01.11.2026;\"Söhne \"\"&\"\" Co;KG\";\"Rechnung\r\n2026-000127\";1.505,93;DE02;N-1\r31.10.2026;;Bank;Entgelt;-3,50;;N-2\n\n"u8.ToArray(), German));
        var (first, second) = (statement.Entries[0], statement.Entries[1]);
        Assert.Equal((150_593L, "Söhne \"&\" Co;KG", "Rechnung\r\n2026-000127", "DE02", "DE89370400440532013000|N-1"), (first.AmountMinor, first.PayerName, first.Reference, first.PayerAccount, first.Id));
        Assert.Equal((-350L, 3, new DateOnly(2026, 11, 1)), (second.AmountMinor, second.Line, first.ValueDate));
    }

    [Theory]
    [InlineData("a\nお取引日,お引出金額,お預入金額,摘要,残高\n2026-10-31,,1,ア,1\n", "line 3, column 1: '2026-10-31' is no date of the form yyyy/MM/dd")]
    [InlineData("a\nお取引日,お引出金額,お預入金額,摘要,残高\n2026/10/31,,1.5,ア,1\n", "line 3, column 13: '1.5' is no amount of JPY")]
    [InlineData("a\nお取引日,お引出金額,お預入金額,摘要,残高\n2026/10/31,,,ア,1\n", "line 3, column 13: neither an amount in nor one out")]
    [InlineData("a\nお取引日,お引出金額,お預入金額,摘要,残高\n2026/10/31,,1,ア,1\n2026/10/31,,1,ア,5\n", "line 4, column 17: the balance 5 does not follow")]
    [InlineData("a\nお取引日,お引出金額,摘要,残高\n", "line 2, column 1: the head has no column お預入金額")]
    [InlineData("a\nお取引日,お引出金額,お預入金額,摘要,残高\n\"2026", "line 3, column 1: a quoted field is not closed")]
    [InlineData("a\nお取引日,お引出金額,お預入金額,摘要,残高\n\"2026\"x", "line 3, column 7: text behind a closing quote")]
    [InlineData("", "line 1, column 1: the file has no head")]
    public void Faults_name_line_and_column(string text, string said)
    {
        Assert.False(CsvFile.TryParse(Encoding.UTF8.GetBytes(text), Japanese with { Encoding = CsvEncoding.Utf8 }, BankLimits.Default, out var statements, out var faults));
        Assert.Empty(statements);
        Assert.StartsWith(said, faults[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Octets_of_another_encoding_are_a_fault_with_their_place()
    {
        Assert.False(CsvFile.TryParse([.. "abc\nde"u8, 0xFF], German, BankLimits.Default, out _, out var faults));
        Assert.Equal("line 2, column 3: octets that are not UTF-8", faults[0].ToString());
    }

    [Fact]
    public void A_mapping_without_sense_is_refused()
    {
        foreach (var mapping in new[] { German with { Amount = null }, German with { In = "8" }, German with { Date = "x" }, German with { Date = "0" }, German with { Currency = "XXX" } })
        {
            Assert.False(CsvFile.TryParse("a"u8, mapping, BankLimits.Default, out _, out var faults));
            Assert.Contains("mapping", faults[0].Message, StringComparison.Ordinal);
        }

        Assert.False(BankFile.TryRead("a,b"u8, null, default, BankLimits.Default, out _, out var none));
        Assert.Contains("no CSV mapping", none[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_hold_at_the_limit_and_not_one_past_it()
    {
        var file = "31.10.2026;;A;R;1,00;;1\n31.10.2026;;A;R;1,00;;2\n"u8.ToArray();
        Assert.True(CsvFile.TryParse(file, German, new BankLimits { MaxEntries = 2, MaxFileBytes = file.Length, MaxFieldLength = 10 }, out _, out _));
        Assert.False(CsvFile.TryParse(file, German, new BankLimits { MaxEntries = 1 }, out _, out _));
        Assert.False(CsvFile.TryParse(file, German, new BankLimits { MaxFileBytes = file.Length - 1 }, out _, out _));
        Assert.False(CsvFile.TryParse(file, German, new BankLimits { MaxFieldLength = 9 }, out _, out _));
    }

    [Fact]
    public void What_is_written_is_read_to_the_cent() => Properties.Holds(
        from count in Gen.Choose(1, 20)
        from rows in Gen.ArrayOf(from minor in Gen.Choose(-10_000_000, 10_000_000) from name in Gen.Elements("A", "B \"q\"", "C;D", "E\nF", "") select (Minor: (long)minor, Name: name), count)
        select rows,
        rows =>
        {
            var text = string.Concat(rows.Select((row, i) => $"01.10.2026;;\"{row.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\";R;{Money(row.Minor)};;{i}\r\n"));
            var entries = Assert.Single(Read(Encoding.UTF8.GetBytes(text), German)).Entries;
            Assert.Equal(rows.Select(row => (row.Minor, row.Name.Trim())), entries.Select(entry => (entry.AmountMinor, entry.PayerName)));
        }, count: 200);

    private static string Money(long minor) =>
        (minor < 0 ? "-" : "") + (Math.Abs(minor) / 100).ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '.') + "," + (Math.Abs(minor) % 100).ToString("00", CultureInfo.InvariantCulture);

    private static IReadOnlyList<BankStatement> Read(byte[] file, CsvMapping mapping)
    {
        Assert.True(BankFile.TryRead(file, mapping, default, BankLimits.Default, out var statements, out var faults), string.Join("\n", faults));
        return statements;
    }
}
