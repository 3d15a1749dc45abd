namespace Tsunagi.Ui.Format;

/// <summary>"3 min ago", "3分前"; the browser's script says the same words as time goes on.</summary>
public static class Relative
{
    private const long Second = 1_000_000;

    public static string Say(long micros, long nowMicros, string locale)
    {
        var distance = nowMicros - micros;
        var past = distance >= 0;
        var seconds = Math.Abs(distance) / Second;
        var ja = Formats.IsJapanese(locale);
        if (seconds < 5)
        {
            return ja ? "たった今" : "just now";
        }

        var (count, en, japanese) = seconds switch
        {
            < 60 => (seconds, "s", "秒"),
            < 3600 => (seconds / 60, "min", "分"),
            < 86_400 => (seconds / 3600, "h", "時間"),
            < 86_400 * 60L => (seconds / 86_400, "d", "日"),
            < 86_400 * 730L => (seconds / (86_400 * 30), "mo", "か月"),
            _ => (seconds / (86_400 * 365), "y", "年"),
        };
        if (ja)
        {
            return $"{count}{japanese}{(past ? "前" : "後")}";
        }

        return past ? $"{count} {en} ago" : $"in {count} {en}";
    }
}
