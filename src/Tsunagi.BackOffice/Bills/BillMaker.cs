using System.Globalization;
using Tsunagi.BackOffice.Tax;
using Tsunagi.Core.Rating;

namespace Tsunagi.BackOffice.Bills;

/// <summary>
/// Makes a bill, pure: (1) every month of the input is rated as it is known now, (2) what earlier bills asked for the same is taken off: what was never billed is
/// a charge, what differs is a correction, what is right already is nothing, (3) amounts put on by hand, (4) tax, once for each rate.
/// </summary>
internal static class BillMaker
{
    /// <summary>Raised with every change of what an input costs. A bill is made again by the rules it was made by.</summary>
    public const int RulesVersion = 1;

    /// <exception cref="OverflowException">An amount does not fit into 63 bits of minor units.</exception>
    public static Bill Make(BillInput input)
    {
        var lines = new List<BillLine>();
        var open = input.Billed.ToDictionary(static pair => pair.Key, static pair => pair.Value);

        // :: (1), (2)
        foreach (var subscription in input.Subscriptions)
        {
            foreach (var month in input.Months)
            {
                AddMonth(lines, input, subscription, month, open);
            }
        }

        foreach (var (key, billed) in open.Where(static pair => pair.Value.AmountMinor != 0).OrderBy(static pair => pair.Key.Month, StringComparer.Ordinal).ThenBy(static pair => pair.Key.Charge, StringComparer.Ordinal))
        {
            lines.Add(Withdrawn(input, key.Month, ChargeKey.Read(key.Charge), billed));
        }

        // :: (3)
        lines.AddRange(input.Adjustments.Select(adjustment => Adjusted(input, adjustment)));
        if (lines.All(static line => line.AmountMinor == 0))
        {
            lines.Clear();
        }

        // :: (4)
        var numbered = lines.Select(static (line, i) => line with { No = i + 1 }).ToList();
        var taxes = InvoiceTax.Of(numbered.Select(static line => (new TaxRate(line.Tax, line.RatePercent), line.AmountMinor)), input.Rounding);
        var net = checked(taxes.Sum(static each => each.NetMinor));
        var tax = checked(taxes.Sum(static each => each.TaxMinor));
        return new Bill(
            input.AccountId, input.Period, input.First, input.After, input.Currency.Code, input.Tax.Id, input.Rounding, RulesVersion, input.KnownAt, numbered, taxes, net, tax,
            checked(net + tax), input.Hash());
    }

    private static void AddMonth(
        List<BillLine> lines, BillInput input, BillSubscription subscription, BillMonth month, Dictionary<(string Month, string Charge), BilledCharge> open)
    {
        var usage = month.Usage.GetValueOrDefault(subscription.Id);
        var rated = MonthRater.Rate(new MonthInput(input.Currency, month.First, month.After, subscription.Terms, month.Which, usage?.Sums, usage?.Samples));
        foreach (var group in rated.Select(line => (Line: line, Key: new ChargeKey(subscription.Id, line.Line.Meter ?? "", line.Price.Tax ?? "", line.Line.Label))).GroupBy(static each => each.Key))
        {
            var key = (month.Name, group.Key.ToString());
            var own = group.Select(each => Charged(input, subscription, month, each.Line, key.Item2)).ToList();
            if (!open.Remove(key, out var billed))
            {
                lines.AddRange(own.Where(line => line.AmountMinor != 0 || (month.Name == input.Period && line.Quantity != 0)));
                continue;
            }

            var wanted = checked(own.Sum(static line => line.AmountMinor));
            if (wanted != billed.AmountMinor)
            {
                lines.Add(own[^1] with
                {
                    Kind = BillLineKind.Correction, AmountMinor = checked(wanted - billed.AmountMinor), BilledBeforeMinor = billed.AmountMinor,
                    From = own[0].From, Explanation = string.Join("; ", own.Select(static line => line.Explanation)),
                });
            }
        }
    }

    private static BillLine Charged(BillInput input, BillSubscription subscription, BillMonth month, MonthLine line, string charge)
    {
        var rate = input.Tax.RateOf(line.Price.Tax);
        var (unit, per) = PriceOf(line.Price);
        return new BillLine(
            0, BillLineKind.Charge, subscription.Id, subscription.PlanCode, subscription.Specification, month.Name, charge, line.From, line.To, line.Line.Label, line.Line.Meter,
            line.Line.Quantity, unit, per, line.Line.AmountMinor, rate.Category, rate.Percent, line.Line.Explanation)
        {
            IsOnce = line.Price is OneTimePrice, SpreadMonths = line.Price is OneTimePrice once ? once.SpreadMonths : 0,
        };
    }

    /// <summary>Billed before, and nothing costs it any more.</summary>
    private static BillLine Withdrawn(BillInput input, string month, ChargeKey charge, BilledCharge billed)
    {
        var subscription = input.Subscriptions.FirstOrDefault(each => each.Id == charge.SubscriptionId);
        var rate = input.Tax.RateOf(charge.Tax.Length > 0 ? charge.Tax : null);
        var rated = input.Months.FirstOrDefault(each => each.Name == month);
        return new BillLine(
            0, BillLineKind.Correction, charge.SubscriptionId, subscription?.PlanCode, billed.Revenue, month, charge.ToString(), rated?.First ?? input.First, rated?.After ?? input.After, charge.Label,
            charge.Meter.Length > 0 ? charge.Meter : null, 0, 0, 1, checked(-billed.AmountMinor), rate.Category, rate.Percent, "0")
        {
            BilledBeforeMinor = billed.AmountMinor, IsOnce = billed.IsOnce,
        };
    }

    private static BillLine Adjusted(BillInput input, BillAdjustment adjustment)
    {
        var rate = input.Tax.RateOf(adjustment.Tax);
        return new BillLine(
            0, BillLineKind.Adjustment, adjustment.SubscriptionId, null, adjustment.Revenue ?? "adjustment", input.Period, adjustment.Id, input.First, input.After, adjustment.Label, null, 1,
            (decimal)adjustment.AmountMinor / input.Currency.MinorPerUnit, 1, adjustment.AmountMinor, rate.Category, rate.Percent, adjustment.Explanation ?? "");
    }

    private static (decimal Unit, decimal Per) PriceOf(Price price) => price switch
    {
        FlatPrice flat => (flat.Amount, 1),
        OneTimePrice once => (once.Amount, 1),
        PerUnitPrice unit => (unit.Amount, unit.Per),
        P95Price p95 => (p95.Amount, p95.Per),
        TieredPrice { Tiers: [var only] } tiers => (only.Amount, tiers.Per),
        TieredPrice tiers => (0, tiers.Per),
        VolumePrice volume => (0, volume.Per),
        _ => (0, 1),
    };
}

/// <summary>What is charged, from month to month: whose, of which meter, in which tax category, under which label. The label is last: it may hold anything.</summary>
internal readonly record struct ChargeKey(string SubscriptionId, string Meter, string Tax, string Label)
{
    public static ChargeKey Read(string text)
    {
        var parts = text.Split('|', 4);
        return parts.Length == 4 ? new ChargeKey(parts[0], parts[1], parts[2], parts[3]) : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"reading a billed charge: \"{text}\" has {parts.Length} parts"));
    }

    public override string ToString() => $"{SubscriptionId}|{Meter}|{Tax}|{Label}";
}
