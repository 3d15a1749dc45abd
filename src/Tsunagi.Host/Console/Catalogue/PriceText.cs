using System.Globalization;
using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Rating;
using Tsunagi.Ui.Format;
using Tsunagi.Ui.Layout;

namespace Tsunagi.Host.Console.Catalogue;

/// <summary>The price components of a plan as sentences.</summary>
internal static class PriceText
{
    private const string Bytes = "By";

    /// <param name="unitOf">The unit of a meter, as its module declares it.</param>
    public static IEnumerable<(string Label, string Text)> Of(PlanVersion version, Func<string, string?> unitOf, ConsoleView view) =>
        (JsonSerializer.Deserialize<IReadOnlyList<Price>>(version.Prices, SettingsJson.Options) ?? []).Select(price => (price.Label, Say(price, version.Currency, unitOf, view)));

    private static string Say(Price price, string currency, Func<string, string?> unitOf, ConsoleView view) => price switch
    {
        FlatPrice flat => view.Say(flat.Charged == Charged.Advance ? new("{0} a month, in advance", "月額 {0}(前払い)") : new("{0} a month", "月額 {0}"), Money(flat.Amount, currency, view))
            + (flat.MinimumMonths > 0 ? view.Say(new("; at least {0} months", "、最低利用期間 {0}か月"), flat.MinimumMonths) : ""),
        OneTimePrice once => view.Say(new("{0} once", "初期費用 {0}"), Money(once.Amount, currency, view)),
        PerUnitPrice { Included: > 0 } unit => view.Say(
            new("{0}, {1} included", "{0}({1}まで無料)"), Each(unit.Amount, unit.Per, unitOf(unit.Meter), currency, view), Count(unit.Included, unitOf(unit.Meter), view)),
        PerUnitPrice unit => Each(unit.Amount, unit.Per, unitOf(unit.Meter), currency, view),
        TieredPrice tiers => string.Join(view.Japanese ? "、" : "; ", tiers.Tiers.Select(tier => tier.UpTo is { } upTo
            ? view.Say(new("up to {0}: {1}", "{0}まで {1}"), Count(upTo, unitOf(tiers.Meter), view), Each(tier.Amount, tiers.Per, unitOf(tiers.Meter), currency, view))
            : view.Say(new("above: {0}", "超過分 {0}"), Each(tier.Amount, tiers.Per, unitOf(tiers.Meter), currency, view)))),
        VolumePrice volume => string.Join(view.Japanese ? "、" : "; ", volume.Tiers.Select(tier => tier.UpTo is { } upTo
            ? view.Say(new("all at {1} up to {0}", "{0}まで全量 {1}"), Count(upTo, unitOf(volume.Meter), view), Each(tier.Amount, volume.Per, unitOf(volume.Meter), currency, view))
            : view.Say(new("all at {0} above", "超えると全量 {0}"), Each(tier.Amount, volume.Per, unitOf(volume.Meter), currency, view)))),
        P95Price p95 => view.Say(new("{0} of the 95th percentile", "95パーセンタイル {0}"), Each(p95.Amount, p95.Per, unitOf(p95.Meter), currency, view)),
        _ => "",
    };

    private static string Each(decimal amount, decimal per, string? unit, string currency, ConsoleView view) => per == 1 && unit != Bytes
        ? view.Say(new("{0} each", "1件 {0}"), Money(amount, currency, view))
        : view.Say(new("{0} per {1}", "{1}ごとに {0}"), Money(amount, currency, view), per == 1_000_000_000 && unit == Bytes ? "GB" : Count(per, unit, view));

    private static string Money(decimal amount, string currency, ConsoleView view)
    {
        var number = amount.ToString("#,0.####", CultureInfo.InvariantCulture);
        return view.Japanese && currency == "JPY" ? number + "円" : $"{Currency.Find(currency)?.Symbol ?? currency + " "}{number}";
    }

    private static string Count(decimal value, string? unit, ConsoleView view) => unit switch
    {
        Bytes => Formats.Bytes((long)value),
        ['{', ..] when view.Japanese => value.ToString("#,0.####", CultureInfo.InvariantCulture) + "件",
        _ => value.ToString("#,0.####", CultureInfo.InvariantCulture),
    };
}
