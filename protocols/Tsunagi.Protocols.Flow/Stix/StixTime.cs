using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>Timestamps of STIX 2.1 section 2.16 and TAXII 2.1 section 1.6.3: RFC 3339 in UTC, with a Z and nothing else.</summary>
public static class StixTime
{
    private const string Whole = "yyyy-MM-dd'T'HH:mm:ss";
    private const int MostDigits = 7;

    /// <summary>False when it is no such time. What is finer than 100 ns is cut off.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DateTimeOffset time)
    {
        time = default;
        if (text is null || text.Length < 20 || text[^1] != 'Z')
        {
            return false;
        }

        var fraction = text.AsSpan(19, text.Length - 20);
        if (fraction.Length is 1 or > 13 || (fraction.Length > 0 && (fraction[0] != '.' || fraction[1..].ContainsAnyExceptInRange('0', '9')))
            || !DateTime.TryParseExact(text.AsSpan(0, 19), Whole, CultureInfo.InvariantCulture, DateTimeStyles.None, out var second))
        {
            return false;
        }

        long ticks = 0;
        for (var i = 1; i <= MostDigits; i++)
        {
            ticks = (ticks * 10) + (i < fraction.Length ? fraction[i] - '0' : 0);
        }

        time = new DateTimeOffset(second.Ticks + ticks, TimeSpan.Zero);
        return true;
    }

    /// <summary>In milliseconds where they say it all, else in microseconds.</summary>
    public static string Format(DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        return utc.ToString(utc.Ticks % TimeSpan.TicksPerMillisecond == 0 ? Whole + ".fff'Z'" : Whole + ".ffffff'Z'", CultureInfo.InvariantCulture);
    }
}
