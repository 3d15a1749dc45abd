using System.Globalization;

namespace Tsunagi.Ui.Format;

/// <summary>Numbers, sizes, money and spans as people of either language write them. The program carries no ICU, so these are ours.</summary>
public static class Formats
{
    private static readonly CultureInfo C = CultureInfo.InvariantCulture;
    private static readonly string[] ByteUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>12345 → "12,345" in both languages.</summary>
    public static string Number(long value) => value.ToString("#,0", C);

    public static string Number(double value, int decimals) => value.ToString(decimals == 0 ? "#,0" : "#,0." + new string('0', decimals), C);

    /// <summary>12345 → "12.3K" (en), "1.2万" (ja): for tiles, where the exact figure is in the title.</summary>
    public static string Compact(double value, string locale)
    {
        var ja = IsJapanese(locale);
        (double Size, string Unit)[] steps = ja ? [(1e12, "兆"), (1e8, "億"), (1e4, "万")] : [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "K")];
        foreach (var (size, unit) in steps)
        {
            if (Math.Abs(value) >= size)
            {
                var divisor = !ja && unit == "K" ? 1e3 : size;
                return Short(value / divisor) + unit;
            }
        }

        return value == Math.Floor(value) ? Number((long)value) : Short(value);
    }

    /// <summary>Decimal units, as networks and bills count: 1_400_000 → "1.4 MB".</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (Math.Abs(value) >= 1000 && unit < ByteUnits.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return unit == 0 ? $"{Number(bytes)} B" : $"{Short(value)} {ByteUnits[unit]}";
    }

    public static string BitsPerSecond(double bps)
    {
        string[] units = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"];
        var unit = 0;
        while (Math.Abs(bps) >= 1000 && unit < units.Length - 1)
        {
            bps /= 1000;
            unit++;
        }

        return $"{Short(bps)} {units[unit]}";
    }

    public static string Percent(double share, int decimals = 1) => (share * 100).ToString("0." + new string('#', decimals), C) + "%";

    /// <summary>Minor units of an ISO 4217 currency: (123456, "JPY", "ja") → "123,456円"; (1234, "EUR", "en") → "€12.34".</summary>
    public static string Money(long minor, string currency, string locale)
    {
        var sign = minor < 0 ? "−" : "";
        var digits = MinorDigits(currency);
        var amount = Number(Math.Abs((decimal)minor) / Pow10(digits), digits);
        return currency switch
        {
            "JPY" when IsJapanese(locale) => $"{sign}{amount}円",
            "JPY" => $"{sign}¥{amount}",
            "USD" => $"{sign}${amount}",
            "EUR" => $"{sign}€{amount}",
            "GBP" => $"{sign}£{amount}",
            _ => $"{sign}{amount} {currency}",
        };
    }

    /// <summary>A span in its largest two units: "2 h 5 min", "2時間5分".</summary>
    public static string Span(TimeSpan span, string locale)
    {
        var ja = IsJapanese(locale);
        if (span < TimeSpan.FromSeconds(1))
        {
            return ja ? $"{(long)span.TotalMilliseconds}ミリ秒" : $"{(long)span.TotalMilliseconds} ms";
        }

        (long Count, string En, string Ja)[] parts =
        [
            ((long)span.TotalDays, "d", "日"), (span.Hours, "h", "時間"), (span.Minutes, "min", "分"), (span.Seconds, "s", "秒"),
        ];
        var first = Array.FindIndex(parts, static part => part.Count > 0);
        var shown = parts.Skip(first).Take(2).Where(static part => part.Count > 0);
        return ja ? string.Concat(shown.Select(static part => $"{part.Count}{part.Ja}")) : string.Join(' ', shown.Select(static part => $"{part.Count} {part.En}"));
    }

    public static bool IsJapanese(string locale) => locale.StartsWith("ja", StringComparison.Ordinal);

    private static string Number(decimal value, int decimals) => value.ToString(decimals == 0 ? "#,0" : "#,0." + new string('0', decimals), C);

    private static string Short(double value) => Math.Abs(value) >= 100 ? value.ToString("#,0", C) : value.ToString("0.#", C);

    private static int MinorDigits(string currency) => currency is "JPY" or "KRW" or "CLP" or "VND" ? 0 : currency is "KWD" or "BHD" or "TND" ? 3 : 2;

    private static decimal Pow10(int digits) => digits switch { 0 => 1m, 2 => 100m, _ => 1000m };
}
