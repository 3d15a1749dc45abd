using System.Globalization;
using System.Runtime.InteropServices;

namespace Tsunagi.Connectivity.Sessions;

/// <summary>
/// The counters of one session over all its reports, whatever order they come in and however often: each report carries the session's counters from its start, so the total is what the
/// furthest one says. A NAS without Gigawords wraps at 32 bits: then the last reports are kept by their session time, and each step down between two of them is one wrap. A report that says
/// nothing at all of what was counted before (a Stop with zeros, as some NASes send when they lose a peer) changes nothing.
/// </summary>
internal sealed record SessionCounters
{
    public static readonly SessionCounters None = new();

    private const int Kept = 8;

    /// <summary>From the customer.</summary>
    public ulong OctetsIn { get; private init; }

    /// <summary>To the customer.</summary>
    public ulong OctetsOut { get; private init; }

    public long Seconds { get; private init; }

    private bool HasGigawords { get; init; }

    private ulong WrapsIn { get; init; }

    private ulong WrapsOut { get; init; }

    /// <summary>By session time: at most eight, the newest.</summary>
    private IReadOnlyList<Sample> Samples { get; init; } = [];

    /// <summary>The counters with one more report. Never less than before.</summary>
    public SessionCounters With(long seconds, ulong octetsIn, ulong octetsOut, bool hasGigawords)
    {
        if (octetsIn == 0 && octetsOut == 0)
        {
            return this with { Seconds = Math.Max(Seconds, seconds) };
        }

        if (hasGigawords || HasGigawords)
        {
            return this with
            {
                HasGigawords = true, OctetsIn = Math.Max(OctetsIn, octetsIn), OctetsOut = Math.Max(OctetsOut, octetsOut), Seconds = Math.Max(Seconds, seconds), Samples = [], WrapsIn = 0, WrapsOut = 0,
            };
        }

        var samples = Samples.ToList();
        var at = samples.FindIndex(sample => sample.Seconds >= seconds);
        if (at == 0 && samples[0].Seconds > seconds && samples.Count == Kept)
        {
            // Older than all that are kept: what it says is in the total already.
            return this;
        }

        if (at >= 0 && samples[at].Seconds == seconds)
        {
            samples[at] = new Sample(seconds, Math.Max(samples[at].In, octetsIn), Math.Max(samples[at].Out, octetsOut));
        }
        else
        {
            samples.Insert(at < 0 ? samples.Count : at, new Sample(seconds, octetsIn, octetsOut));
        }

        var (wrapsIn, wrapsOut) = (WrapsIn, WrapsOut);
        while (samples.Count > Kept)
        {
            wrapsIn += samples[1].In < samples[0].In ? 1UL : 0;
            wrapsOut += samples[1].Out < samples[0].Out ? 1UL : 0;
            samples.RemoveAt(0);
        }

        var (totalWrapsIn, totalWrapsOut) = (wrapsIn, wrapsOut);
        for (var i = 1; i < samples.Count; i++)
        {
            totalWrapsIn += samples[i].In < samples[i - 1].In ? 1UL : 0;
            totalWrapsOut += samples[i].Out < samples[i - 1].Out ? 1UL : 0;
        }

        return this with
        {
            Samples = samples, WrapsIn = wrapsIn, WrapsOut = wrapsOut, Seconds = Math.Max(Seconds, seconds),
            OctetsIn = Math.Max(OctetsIn, (totalWrapsIn << 32) + samples[^1].In), OctetsOut = Math.Max(OctetsOut, (totalWrapsOut << 32) + samples[^1].Out),
        };
    }

    /// <summary>As a row keeps it beside the totals: "g" for a NAS with Gigawords, else wraps and samples.</summary>
    public string Text() => HasGigawords ? "g" : string.Create(
        CultureInfo.InvariantCulture, $"{WrapsIn},{WrapsOut}{string.Concat(Samples.Select(static sample => string.Create(CultureInfo.InvariantCulture, $";{sample.Seconds},{sample.In},{sample.Out}")))}");

    public static SessionCounters Of(long octetsIn, long octetsOut, long seconds, string text)
    {
        var counters = new SessionCounters { OctetsIn = (ulong)octetsIn, OctetsOut = (ulong)octetsOut, Seconds = seconds };
        if (text == "g")
        {
            return counters with { HasGigawords = true };
        }

        var parts = text.Split(';').Select(static part => part.Split(',').Select(static number => ulong.Parse(number, CultureInfo.InvariantCulture)).ToArray()).ToList();
        return counters with { WrapsIn = parts[0][0], WrapsOut = parts[0][1], Samples = [.. parts.Skip(1).Select(static part => new Sample((long)part[0], part[1], part[2]))] };
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Sample(long Seconds, ulong In, ulong Out);
}
