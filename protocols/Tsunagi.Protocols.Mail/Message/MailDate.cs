using System.Globalization;
using System.Text;

namespace Tsunagi.Protocols.Mail.Message;

/// <summary>date-time (RFC 5322 section 3.3), with the obsolete zones and years of section 4.3 when read.</summary>
public static class MailDate
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    /// <summary>Such as <c>Mon, 23 Nov 2026 00:01:43 +0900</c>.</summary>
    public static string Format(DateTimeOffset time)
    {
        string zone = time.Offset < TimeSpan.Zero ? "-" : "+";
        return string.Create(CultureInfo.InvariantCulture, $"{time:ddd, dd MMM yyyy HH:mm:ss} {zone}{time.Offset:hhmm}");
    }

    /// <summary>Reads a date; the day of the week is not checked and comments are passed over. False for what names no moment.</summary>
    // date-time = [ day-of-week "," ] day month year hour ":" minute [ ":" second ] zone
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length > 256)
        {
            return false;
        }

        string[] words = Words(text);
        int at = words.Length > 0 && words[0].Length > 0 && !char.IsAsciiDigit(words[0][0]) ? 1 : 0;
        if (words.Length - at is < 4 or > 5)
        {
            return false;
        }

        int month = Array.IndexOf(Months, words[at + 1].ToLowerInvariant()) + 1;
        TimeSpan zone = TimeSpan.Zero;
        if (month == 0 || !TryReadNumber(words[at], 2, out int day) || !TryReadYear(words[at + 2], out int year)
            || !TryReadClock(words[at + 3], out TimeSpan clock)
            || (words.Length - at == 5 && !TryReadZone(words[at + 4], out zone)))
        {
            return false;
        }

        if (day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        var local = new DateTime(year, month, day);
        long ticks = local.Ticks + clock.Ticks;
        if (ticks - zone.Ticks < DateTime.MinValue.Ticks || ticks - zone.Ticks > DateTime.MaxValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(ticks, zone);
        return true;
    }

    private static string[] Words(ReadOnlySpan<byte> text)
    {
        var plain = new StringBuilder(text.Length);
        int depth = 0;
        foreach (byte octet in text)
        {
            depth += octet == '(' ? 1 : 0;
            plain.Append(depth > 0 || octet is (byte)'\r' or (byte)'\n' or (byte)'\t' or (byte)',' ? ' ' : (char)octet);
            depth -= octet == ')' && depth > 0 ? 1 : 0;
        }
        return plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static bool TryReadNumber(string word, int maxDigits, out int number)
    {
        number = 0;
        return word.Length <= maxDigits && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    // obs-year: two digits below 50 are of this century, others and three digits count from 1900 (RFC 5322 section 4.3)
    private static bool TryReadYear(string word, out int year)
    {
        if (!TryReadNumber(word, 4, out year) || word.Length < 2)
        {
            return false;
        }

        if (word.Length < 4)
        {
            year += word.Length == 2 && year < 50 ? 2000 : 1900;
        }

        return year >= 1900;
    }

    private static bool TryReadClock(string word, out TimeSpan clock)
    {
        clock = default;
        string[] parts = word.Split(':');
        int second = 0;
        if (parts.Length is < 2 or > 3 || !TryReadNumber(parts[0], 2, out int hour) || !TryReadNumber(parts[1], 2, out int minute)
            || (parts.Length == 3 && !TryReadNumber(parts[2], 2, out second)))
        {
            return false;
        }

        clock = new TimeSpan(hour, minute, Math.Min(second, 59)); // second 60 is a leap second
        return hour < 24 && minute < 60 && second <= 60;
    }

    // zone = ( "+" / "-" ) 4DIGIT ; the letters are obs-zone. An unknown name is -0000: the moment is known, the place is not.
    private static bool TryReadZone(string word, out TimeSpan zone)
    {
        zone = word.ToUpperInvariant() switch
        {
            "EDT" => TimeSpan.FromHours(-4),
            "EST" or "CDT" => TimeSpan.FromHours(-5),
            "CST" or "MDT" => TimeSpan.FromHours(-6),
            "MST" or "PDT" => TimeSpan.FromHours(-7),
            "PST" => TimeSpan.FromHours(-8),
            "JST" => TimeSpan.FromHours(9),
            _ => TimeSpan.Zero,
        };
        if (word[0] is not ('+' or '-'))
        {
            return true;
        }

        if (word.Length != 5 || !TryReadNumber(word[1..3], 2, out int hours) || !TryReadNumber(word[3..], 2, out int minutes) || minutes > 59
            || hours > 14 || (hours == 14 && minutes > 0))
        {
            return false;
        }

        zone = new TimeSpan(hours, minutes, 0) * (word[0] == '-' ? -1 : 1);
        return true;
    }
}
