using System.Globalization;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Tax;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Orders;

/// <summary>A quote as it is printed, with the parts of the invoice: what is charged once, a full month, prices of usage and the terms in words.</summary>
internal sealed class QuotePapers(Stores stores, OrderBook book, BackOfficeOptions options)
{
    public async ValueTask<InvoiceDocument?> DocumentAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (await book.QuoteAsync(caller, id, cancellationToken) is not { } quote)
        {
            return null;
        }

        var (account, provider) = await stores.Control.ReadAsync(
            async reader => (
                (await reader.FirstOrDefaultAsync<BillingAccount>($"SELECT {BillingAccount.Columns} FROM bo_account WHERE id = @Id", new { Id = quote.AccountId }))!, await InvoiceIssuer.ProviderAsync(reader)),
            cancellationToken);
        return Make(quote, account, options.Issuer.Party(provider), options.Issuer.Rounding, options.EarlyTerminationTax);
    }

    /// <summary>Pure: the same quote is the same document.</summary>
    internal static InvoiceDocument Make(Quote quote, BillingAccount account, DocumentParty issuer, TaxRounding rounding, string earlyTax)
    {
        var japanese = account.Locale == "ja";
        var profile = TaxProfile.Find(account.TaxProfile)!;
        var currency = Currency.Find(quote.Currency)!;
        var items = quote.ReadItems();
        var lines = items.SelectMany(item => Lines(item, profile, currency, earlyTax, japanese)).ToList();
        var taxes = InvoiceTax.Of(lines.Select(static line => (new TaxRate(line.TaxCategory, line.TaxRatePercent), line.AmountMinor)), rounding);
        var (net, tax) = (taxes.Sum(static each => each.NetMinor), taxes.Sum(static each => each.TaxMinor));
        return new InvoiceDocument
        {
            Kind = DocumentKind.Quote, Number = quote.State == QuoteState.Draft ? "" : quote.Number, IsDraft = quote.State == QuoteState.Draft,
            IssueDate = CivilTime.DateAt(quote.SentAt ?? quote.MadeAt, account.TimeZone), DueDate = CivilTime.Read(quote.ValidUntil), Issuer = issuer, Customer = DocumentMaker.CustomerOf(account),
            Language = japanese ? DocumentLanguage.Japanese : DocumentLanguage.English, Currency = quote.Currency, Lines = lines, TaxSubtotals = taxes, NetMinor = net, TaxMinor = tax, TotalMinor = net + tax,
            AmountDueMinor = net + tax, Subject = quote.Title, Notes = [.. Notes(quote, items, currency, japanese)],
        };
    }

    private static IEnumerable<DocumentLine> Lines(OrderItem item, TaxProfile profile, Currency currency, string earlyTax, bool japanese)
    {
        var (once, monthly) = japanese ? ("(初期費用)", "(月額)") : ("(once)", "(monthly)");
        if (item.Action == OrderAction.Delete)
        {
            var rate = profile.RateOf(item.EarlyMinor > 0 ? earlyTax : null);
            yield return new DocumentLine(japanese ? "解約" : "Ends", 1, "", (decimal)item.EarlyMinor / currency.MinorPerUnit, item.EarlyMinor, rate.Category, rate.Percent)
            {
                Service = item.Name, Explanation = item.EarlyMinor > 0 ? (japanese ? "中途解約金 " : "early termination ") + EarlyCharge.Say(item.EarlyExplanation ?? "", japanese) : null,
            };
            yield break;
        }

        foreach (var price in item.Prices)
        {
            var (amount, kind) = price switch
            {
                FlatPrice flat => (flat.Amount, monthly),
                OneTimePrice first when item.Action == OrderAction.Add => (first.Amount, once),
                _ => (0m, ""),
            };
            if (kind.Length == 0)
            {
                continue;
            }

            var rate = profile.RateOf(price.Tax);
            var minor = Rater.Rate(new RatingInput(currency, [price], item.Quantity, 1, 1, NoSums, NoSamples))[0].AmountMinor;
            yield return new DocumentLine($"{price.Label} {kind}", item.Quantity, "", amount, minor, rate.Category, rate.Percent) { Service = item.Name };
        }
    }

    private static IEnumerable<string> Notes(Quote quote, IReadOnlyList<OrderItem> items, Currency currency, bool japanese)
    {
        string Say(string english, string ours) => japanese ? ours : english;
        yield return Say(
            $"Charged once {currency.Format(quote.OnceMinor)}, then each month {currency.Format(quote.MonthlyMinor)}, without tax. A month that is not full pays its days unless agreed otherwise.",
            $"初期費用 {currency.Format(quote.OnceMinor)}、以後月額 {currency.Format(quote.MonthlyMinor)}(いずれも税抜)。月途中の開始・変更・終了は、別途の定めがない限り日割りです。");
        foreach (var item in items)
        {
            if (Terms(item, japanese) is { Length: > 0 } terms)
            {
                yield return $"{item.Name}: {terms}";
            }
        }

        if (quote.Note.Length > 0)
        {
            foreach (var paragraph in quote.Note.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                yield return paragraph;
            }
        }
    }

    /// <summary>What an item agrees besides its prices, in words.</summary>
    internal static string Terms(OrderItem item, bool japanese)
    {
        string Say(FormattableString english, FormattableString ours) => FormattableString.Invariant(japanese ? ours : english);
        var parts = new List<string>();
        foreach (var price in !item.Reprices ? [] : item.Prices.Where(static price => price is not (FlatPrice or OneTimePrice)))
        {
            parts.Add(Usage(price, japanese));
        }

        if (item is { DiscountPercent: > 0, DiscountMonths: { } months })
        {
            parts.Add(Say($"{item.DiscountPercent:0.##} % off for {months} months", $"割引 {item.DiscountPercent:0.##}%は{months}か月間"));
        }

        if (item.MinimumMonths > 0)
        {
            parts.Add(item.RenewalMonths > 0
                ? Say($"at least {item.MinimumMonths} months, renewed by {item.RenewalMonths}", $"最低利用期間{item.MinimumMonths}か月、以後{item.RenewalMonths}か月ごとに自動更新")
                : Say($"at least {item.MinimumMonths} months", $"最低利用期間{item.MinimumMonths}か月"));
        }

        if (item.NoticeDays > 0)
        {
            parts.Add(Say($"notice {item.NoticeDays} days before an end", $"解約は{item.NoticeDays}日前までに通知"));
        }

        if (item.Action != OrderAction.Delete && (item.MinimumMonths > 0 || item.NoticeDays > 0))
        {
            parts.Add(Say($"an earlier end costs {item.EarlyTerminationPercent:0.##} % of what is left of the monthly charges", $"中途解約金は残期間の月額料金の{item.EarlyTerminationPercent:0.##}%"));
        }

        if (item.RequestedOn is { } day)
        {
            parts.Add(Say($"on {day}", $"{day} 実施"));
        }

        return string.Join(japanese ? "、" : "; ", parts);
    }

    private static string Usage(Price price, bool japanese)
    {
        var (meter, text) = price switch
        {
            PerUnitPrice unit => (unit.Meter, Per(unit.Amount, unit.Per, unit.Meter, japanese) + (unit.Included > 0 ? (japanese ? "、無料分 " : ", ") + Many(unit.Included, unit.Meter) + (japanese ? "" : " included") : "")),
            P95Price p95 => (p95.Meter, Per(p95.Amount, p95.Per, p95.Meter, japanese) + (japanese ? "(95パーセンタイル、最低 " : " (95th percentile, at least ") + Many(p95.Committed, p95.Meter) + ")"),
            TieredPrice tiers => (tiers.Meter, Tiers(tiers.Tiers, tiers.Per, tiers.Meter, japanese)),
            VolumePrice volume => (volume.Meter, Tiers(volume.Tiers, volume.Per, volume.Meter, japanese)),
            _ => ("", ""),
        };
        return meter.Length == 0 ? price.Label : string.Create(CultureInfo.InvariantCulture, $"{price.Label} {text}");
    }

    private static string Tiers(IReadOnlyList<PriceTier> tiers, decimal per, string meter, bool japanese) => string.Join(", ", tiers.Select(tier =>
        (tier.UpTo is { } up ? japanese ? Many(up, meter) + "まで " : "up to " + Many(up, meter) + " " : japanese ? "以降 " : "then ") + Per(tier.Amount, per, meter, japanese)));

    private static string Per(decimal amount, decimal per, string meter, bool japanese) => japanese
        ? FormattableString.Invariant($"{Many(per, meter)}あたり {amount:#,0.######}")
        : FormattableString.Invariant($"{amount:#,0.######} for each {Many(per, meter)}");

    private static string Many(decimal quantity, string meter) => meter.EndsWith(".bytes", StringComparison.Ordinal) && quantity >= 1_000_000_000
        ? FormattableString.Invariant($"{quantity / 1_000_000_000:#,0.###} GB")
        : FormattableString.Invariant($"{quantity:#,0.######}");

    private static readonly Dictionary<string, decimal> NoSums = [];
    private static readonly Dictionary<string, IReadOnlyList<decimal>> NoSamples = [];
}
