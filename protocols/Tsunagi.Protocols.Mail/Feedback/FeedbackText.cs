using System.Globalization;
using System.Net;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>Values of reports as they are kept. Names repeat in every record, so equal ones share one text.</summary>
internal sealed class FeedbackText(FeedbackLimits limits)
{
    private const int MostShared = 10_000;
    private readonly Dictionary<string, string> _shared = new(StringComparer.Ordinal);

    public string Clean(string? text) => DisplayText.Clean(text?.Trim() ?? "", limits.TextCharacters);

    /// <summary>A domain, or that of an address; empty when it is none.</summary>
    public string Domain(string? text)
    {
        string name = (text ?? "").Trim().Trim('<', '>');
        name = name[(name.LastIndexOf('@') + 1)..];
        return MailDomain.TryNormalize(name, out string normal) && MailDomain.IsHostName(normal) ? Share(normal) : "";
    }

    public string Share(string text)
    {
        if (_shared.TryGetValue(text, out string? known))
        {
            return known;
        }

        if (_shared.Count < MostShared)
        {
            _shared.Add(text, text);
        }

        return text;
    }

    public static IPAddress? Address(string? text)
    {
        string trimmed = (text ?? "").Trim().Trim('[', ']');
        bool isWritten = trimmed.Contains(':', StringComparison.Ordinal) || trimmed.AsSpan().Count('.') == 3; // "1" is no address, though the parser takes it
        return isWritten && trimmed.Length <= 64 && IPAddress.TryParse(trimmed, out IPAddress? address) ? address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address : null;
    }

    /// <summary>Null when it is no number that counts something.</summary>
    public static long? Count(string? text) =>
        long.TryParse((text ?? "").Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count <= MostCounted ? count : null;

    /// <summary>Seconds since 1970; of a reporter that writes a date, those of the date (of no zone: UTC).</summary>
    public static long? Seconds(string? text)
    {
        string trimmed = (text ?? "").Trim();
        if (long.TryParse(trimmed, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
        {
            return seconds <= LastSecond ? seconds : null;
        }

        return Time(trimmed)?.ToUnixTimeSeconds() is >= 0 and var dated ? dated : null;
    }

    public static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse((text ?? "").Trim(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time) ? time : null;

    // Sums of a whole year's reports must stay within 64 bits.
    private const long MostCounted = 1_000_000_000_000;
    private const long LastSecond = 253_402_300_799; // the end of the year 9999
}
