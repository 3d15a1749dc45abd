namespace Tsunagi.Connectivity.Probes;

/// <summary>
/// What the test packets sent within one minute came to. Delay is the round trip without the reflector's own time: (T4 - T1) - (T3 - T2). Variation is that of RFC 3393 over round trips: the difference
/// between the delays of two packets that were sent one after the other and both came back, taken without its sign.
/// </summary>
internal sealed class MinuteTally(long minute)
{
    /// <summary>Minutes since 1970.</summary>
    public long Minute { get; } = minute;

    public long Sent { get; set; }

    /// <summary>Decided as not coming back.</summary>
    public long Lost { get; set; }

    /// <summary>Came back; the first copy of each.</summary>
    public long Received { get; set; }

    /// <summary>Further copies.</summary>
    public long Duplicates { get; set; }

    /// <summary>Came back behind one that was sent later.</summary>
    public long Reordered { get; set; }

    /// <summary>Came back, and a clock was set on the way: they have no delay.</summary>
    public long Unclear { get; set; }

    public DelayHistogram Delays { get; } = new();

    public DelayHistogram Variations { get; } = new();

    public long Least { get; private set; } = long.MaxValue;

    public long Most { get; private set; }

    /// <summary>Of all delays, exactly.</summary>
    public long DelaySum { get; private set; }

    public void Delay(long nanoseconds)
    {
        Delays.Add(nanoseconds);
        DelaySum += nanoseconds;
        Least = Math.Min(Least, nanoseconds);
        Most = Math.Max(Most, nanoseconds);
    }
}
