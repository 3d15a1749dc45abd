using System.Globalization;
using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Rating;
using Tsunagi.Ui.Layout;

namespace Tsunagi.Host.Console.Catalogue;

/// <summary>The price components of a plan as sentences.</summary>
internal static class PriceText
{
    public static IEnumerable<(string Label, string Text)> Of(PlanVersion version, ConsoleView view) =>
        (JsonSerializer.Deserialize<IReadOnlyList<Price>>(version.Prices, SettingsJson.Options) ?? []).Select(price => (price.Label, Say(price, version.Currency, view)));

    private static string Say(Price price, string currency, ConsoleView view) => price switch
    {
        FlatPrice flat => view.Say(new("{0} a month", "月額 {0}"), Money(flat.Amount, currency)),
        PerUnitPrice { Included: > 0 } unit => view.Say(new("{0} for each {1}, {2} included", "{1} ごとに {0}({2} まで無料)"), Money(unit.Amount, currency), Count(unit.Per), Count(unit.Included)),
        PerUnitPrice unit => view.Say(new("{0} for each {1}", "{1} ごとに {0}"), Money(unit.Amount, currency), Count(unit.Per)),
        TieredPrice tiers => string.Join(view.Japanese ? "、" : "; ", tiers.Tiers.Select(tier => tier.UpTo is { } upTo
            ? view.Say(new("up to {0}: {1}", "{0} まで {1}"), Count(upTo), Money(tier.Amount, currency))
            : view.Say(new("above: {0}", "超過分 {0}"), Money(tier.Amount, currency)))),
        P95Price p95 => view.Say(new("{0} for each {1} of the 95th percentile", "95パーセンタイル {1} ごとに {0}"), Money(p95.Amount, currency), Count(p95.Per)),
        _ => "",
    };

    private static string Money(decimal amount, string currency) =>
        $"{Currency.Find(currency)?.Symbol ?? currency + " "}{amount.ToString("#,0.####", CultureInfo.InvariantCulture)}";

    private static string Count(decimal value) => value.ToString("#,0.####", CultureInfo.InvariantCulture);
}
