using FsCheck.Fluent;
using Tsunagi.BackOffice.Bank;
using Tsunagi.BackOffice.Bank.Matching;
using Tsunagi.BackOffice.Kana;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Bank;

public class Payment_matches
{
    private static readonly OpenInvoice[] Open =
    [
        new("2026-000101", "miyako", "JPY", 11_000, new DateOnly(2026, 9, 30)),
        new("2026-000123", "miyako", "JPY", 303_763, new DateOnly(2026, 11, 30)),
        new("2026-000124", "takasaki", "JPY", 6_167, new DateOnly(2026, 11, 30)),
        new("2026-000130", "north", "JPY", 5_000, new DateOnly(2026, 10, 31)),
        new("2026-000131", "north", "JPY", 5_000, new DateOnly(2026, 11, 30)),
        new("2026-000132", "north", "JPY", 7_000, new DateOnly(2026, 12, 31)),
        new("2026-000140", "sato1", "JPY", 4_400, new DateOnly(2026, 11, 30)),
        new("2026-000127", "lodz", "EUR", 50_593, new DateOnly(2026, 11, 30)),
    ];

    private static readonly PayingAccount[] Accounts =
    [
        new("miyako") { CustomerNumber = "C-002931", Names = ["株式会社みやこ食品", "ミヤコシヨクヒン"] },
        new("takasaki") { CustomerNumber = "C-104477", VirtualAccount = "9104477", Names = ["タカサキ サクラコ"] },
        new("north") { CustomerNumber = "C-000417", Names = ["Northwind Trading K.K."], PayerAccounts = ["0000000417"] },
        new("sato1") { CustomerNumber = "C-000601", Names = ["サトウ タロウ"] },
        new("sato2") { CustomerNumber = "C-000602", Names = ["サトウ タロウ"] },
        new("lodz") { PayerAccounts = ["DE02120300000000202051"] },
    ];

    private static readonly PaymentMatcher Matcher = new(Open, Accounts, MatchOptions.Default);

    [Theory]
    [InlineData(303_763, "ｶ)ﾐﾔｺｼﾖｸﾋﾝ", "", MatchGrade.Exact, MatchReason.PayerName, MatchFit.One, "miyako", "2026-000123:303763", 0, 0)]
    [InlineData(314_763, "ミヤコシヨクヒン(カ", "", MatchGrade.Exact, MatchReason.PayerName, MatchFit.Several, "miyako", "2026-000101:11000 2026-000123:303763", 0, 0)]
    [InlineData(303_323, "ｶ)ﾐﾔｺｼﾖｸﾋﾝ", "", MatchGrade.Probable, MatchReason.PayerName, MatchFit.ShortByFee, "miyako", "2026-000123:303763", 440, 0)]
    [InlineData(303_763, "ベツノナマエ", "ｾｲｷﾕｳ 2026 000123", MatchGrade.Exact, MatchReason.InvoiceNumber, MatchFit.One, "miyako", "2026-000123:303763", 0, 0)]
    [InlineData(303_763, "", "２０２６－０００１２３", MatchGrade.Exact, MatchReason.InvoiceNumber, MatchFit.One, "miyako", "2026-000123:303763", 0, 0)]
    [InlineData(12_000, "", "2026-000130/2026-000132", MatchGrade.Exact, MatchReason.InvoiceNumber, MatchFit.Several, "north", "2026-000130:5000 2026-000132:7000", 0, 0)]
    [InlineData(12_000, "NORTHWIND TRADING KK", "", MatchGrade.Probable, MatchReason.PayerName, MatchFit.OneOfMany, "north", "2026-000130:5000 2026-000132:7000", 0, 0)]
    [InlineData(5_000, "", "C-000417", MatchGrade.Probable, MatchReason.CustomerNumber, MatchFit.OneOfMany, "north", "2026-000130:5000", 0, 0)]
    [InlineData(6_000, "", "C-000417", MatchGrade.Probable, MatchReason.CustomerNumber, MatchFit.Partial, "north", "2026-000130:5000 2026-000131:1000", 0, 0)]
    [InlineData(20_000, "", "C-000417", MatchGrade.Probable, MatchReason.CustomerNumber, MatchFit.Over, "north", "2026-000130:5000 2026-000131:5000 2026-000132:7000", 0, 3_000)]
    [InlineData(4_400, "サトウ　タロウ", "", MatchGrade.None, MatchReason.Ambiguous, MatchFit.None, null, "", 0, 4_400)]
    [InlineData(4_400, "スズキ", "", MatchGrade.Probable, MatchReason.AmountAlone, MatchFit.One, "sato1", "2026-000140:4400", 0, 0)]
    [InlineData(5_000, "スズキ", "", MatchGrade.None, MatchReason.UnknownPayer, MatchFit.None, null, "", 0, 5_000)]
    [InlineData(4_400, "", "C-000602", MatchGrade.None, MatchReason.NothingOpen, MatchFit.None, "sato2", "", 0, 4_400)]
    [InlineData(4_400, "", "2026-000123 2026-000140", MatchGrade.None, MatchReason.Ambiguous, MatchFit.None, null, "", 0, 4_400)]
    [InlineData(-100, "ｶ)ﾐﾔｺｼﾖｸﾋﾝ", "", MatchGrade.None, MatchReason.NotAPayment, MatchFit.None, null, "", 0, 0)]
    public void Payer_and_amount_decide(long amount, string payer, string reference, MatchGrade grade, MatchReason reason, MatchFit fit, string? account, string parts, long fee, long rest)
    {
        var match = Matcher.Match(Entry(amount, payer, reference));
        Assert.Equal((grade, reason, fit, account, fee, rest), (match.Grade, match.Reason, match.Fit, match.AccountId, match.FeeMinor, match.RestMinor));
        Assert.Equal(parts, string.Join(' ', match.Parts.Select(part => $"{part.Number}:{part.AmountMinor}")));
    }

    [Fact]
    public void A_virtual_account_stands_above_what_the_payer_wrote()
    {
        var match = Matcher.Match(Entry(6_167, "ｶ)ﾐﾔｺｼﾖｸﾋﾝ", "2026-000123") with { PaidToAccount = "9104477" });
        Assert.Equal((MatchGrade.Exact, MatchReason.VirtualAccount, "takasaki"), (match.Grade, match.Reason, match.AccountId));
    }

    [Fact]
    public void Another_currency_is_never_mixed()
    {
        var match = Matcher.Match(Entry(50_593, "", "") with { Currency = "EUR", PayerAccount = "DE02120300000000202051" });
        Assert.Equal((MatchGrade.Exact, MatchReason.PayerAccount), (match.Grade, match.Reason));
        Assert.Equal(MatchReason.NothingOpen, Matcher.Match(Entry(50_593, "", "") with { PayerAccount = "DE02120300000000202051" }).Reason);
    }

    [Fact]
    public void Every_match_adds_up() => Properties.Holds(
        from count in Gen.Choose(0, 9)
        from open in Gen.ArrayOf(Gen.Choose(1, 12), count)
        from paid in Gen.Choose(1, 80)
        select (Open: open, Paid: (long)paid),
        drawn =>
        {
            var invoices = drawn.Open.Select((minor, i) => new OpenInvoice($"INV-{i:0000}", "a", "JPY", minor, new DateOnly(2026, 1, 1).AddDays(i))).ToList();
            var match = new PaymentMatcher(invoices, [new PayingAccount("a") { Names = ["ア"] }], MatchOptions.Default with { FeesMinor = [3] }).Match(Entry(drawn.Paid, "ア", ""));
            Assert.Equal(drawn.Paid + match.FeeMinor, match.Parts.Sum(part => part.AmountMinor) + match.RestMinor);
            Assert.All(match.Parts, part => Assert.InRange(part.AmountMinor, 1, invoices.Single(invoice => invoice.Number == part.Number).OpenMinor));
            Assert.Equal(match.Parts.Count, match.Parts.Select(part => part.Number).Distinct().Count());

            // The slow way: one invoice of that amount first, then every combination.
            int singles = invoices.Count(invoice => invoice.OpenMinor == drawn.Paid);
            var ways = Enumerable.Range(1, (1 << invoices.Count) - 1).Count(mask => invoices.Where((_, i) => (mask & (1 << i)) != 0).Sum(invoice => invoice.OpenMinor) == drawn.Paid);
            Assert.Equal(singles == 1 ? MatchFit.One : ways == 1 ? MatchFit.Several : ways > 1 ? MatchFit.OneOfMany : match.Fit, match.Fit);
            Assert.Equal(singles == 1 || ways == 1, match.Grade == MatchGrade.Exact);
        }, count: 500);

    [Fact]
    public void Many_open_invoices_are_tried_within_bounds()
    {
        var invoices = Enumerable.Range(0, 5_000).Select(i => new OpenInvoice($"INV-{i:0000}", "a", "JPY", 1_000_003 + i, new DateOnly(2026, 1, 1))).ToList();
        var matcher = new PaymentMatcher(invoices, [new PayingAccount("a") { Names = ["ア"] }], MatchOptions.Default with { MaxCombined = 24 });
        Assert.Equal(MatchFit.Several, matcher.Match(Entry(invoices[..23].Sum(invoice => invoice.OpenMinor), "ア", "")).Fit);
        Assert.Equal(MatchFit.Partial, matcher.Match(Entry(invoices.Sum(invoice => invoice.OpenMinor) - 1, "ア", "")).Fit);
    }

    private static BankEntry Entry(long amount, string payer, string reference) => new()
    {
        Id = "x", BookingDate = new DateOnly(2026, 11, 2), AmountMinor = amount, Currency = "JPY", PayerName = payer, PayerKey = PayerName.Normalise(payer), Reference = reference,
    };
}
