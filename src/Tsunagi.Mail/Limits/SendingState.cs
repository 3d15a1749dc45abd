using System.Globalization;

namespace Tsunagi.Mail.Limits;

/// <summary>One sender's counter with what was told about it. Whoever changes it locks it.</summary>
internal sealed class SendingState(string subject, string tenantPath, SendingCounter counter)
{
    private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);

    public string Subject => subject;

    public string TenantPath => tenantPath;

    public SendingCounter Counter => counter;

    /// <summary>Something is not written yet.</summary>
    public bool IsDirty { get; set; }

    /// <summary>True once for each limit and window.</summary>
    /// <param name="limit">Its field: "messagesPerHour".</param>
    public bool TryTell(string limit, long nowMicros)
    {
        var window = limit.EndsWith("PerDay", StringComparison.Ordinal) ? TimeSpan.FromDays(1) : TimeSpan.FromHours(1);
        if (_told.TryGetValue(limit, out var at) && nowMicros - at < window.Ticks / TimeSpan.TicksPerMicrosecond)
        {
            return false;
        }

        _told[limit] = nowMicros;
        IsDirty = true;
        return true;
    }

    public string WriteTold() => string.Join(' ', _told.Select(static told => string.Create(CultureInfo.InvariantCulture, $"{told.Key}={told.Value}")));

    public void ReadTold(string text)
    {
        foreach (var told in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (told.Split('=') is [var limit, var at] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var micros))
            {
                _told[limit] = micros;
            }
        }
    }
}
