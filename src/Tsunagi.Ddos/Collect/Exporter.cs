using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Collect;

/// <summary>
/// One exporter as it is known here: its templates and rates, and what was seen of it. Changed on the collector's turn only; pages read figures that
/// may be a moment old.
/// </summary>
internal sealed class Exporter(ExporterKey key, string name, FlowExporter state, Exporter? elder = null, long bornMilliseconds = long.MinValue / 4)
{
    private const long LatelyMilliseconds = 300_000;

    private readonly BurstCover _cover = new();
    private long _longestSince = long.MinValue / 2;
    private (long Flow, long Pause) _longest;
    private (long Flow, long Pause) _before;

    public ExporterKey Key => key;

    /// <summary>Its address without the port, as kept records name it.</summary>
    public string Address { get; } = key.Address.ToString();

    public string Name { get; set; } = name;

    public FlowExporter State => state;

    public ExporterDoubt Doubt { get; } = new(state, elder, bornMilliseconds);

    /// <summary>Whether the operator vouches for what comes in its name.</summary>
    public bool IsTrusted { get; init; }

    /// <summary>Of the datagram that is read: templates that it redefined.</summary>
    public int Redefined { get; set; }

    /// <summary>When it was heard last, on the clock of <see cref="Cover"/>.</summary>
    public long HeardAt => _cover.HeardAt;

    public long FirstMicros { get; init; }

    public long LastMicros { get; set; }

    public long Datagrams { get; set; }

    public long Octets { get; set; }

    public long Records { get; set; }

    public long Problems { get; set; }

    public FlowProblem LastProblem { get; set; }

    public FlowOrigin Origin { get; set; }

    /// <summary>Of the newest record: one of so many packets.</summary>
    public uint SamplingRate { get; set; }

    public SamplingSource SamplingSource { get; set; }

    /// <summary>Records whose sampling nobody told.</summary>
    public long UnsampledRecords { get; set; }

    /// <summary>The longest time a record told of in the last minutes: the active time-out of the exporter, as far as traffic shows it.</summary>
    public long LongestFlowMilliseconds => Math.Max(_longest.Flow, _before.Flow);

    /// <summary>The longest silence between two bursts in the last minutes: what it gathers before it tells.</summary>
    public long LongestPauseMilliseconds => Math.Max(_longest.Pause, _before.Pause);

    public ulong Lost => state.Domains.Aggregate(0UL, static (sum, domain) => sum + domain.Sequence.Lost);

    public ulong Restarts => state.Domains.Aggregate(0UL, static (sum, domain) => sum + domain.Sequence.Restarts);

    public int Templates => state.Domains.Sum(static domain => domain.Templates.Count);

    /// <summary>
    /// For how long the records of a datagram that comes now speak: an exporter that was silent for a second and then sends a burst tells of that second,
    /// not of the moment of the burst.
    /// </summary>
    /// <param name="milliseconds">Now, on a clock that only goes on.</param>
    public long Cover(long milliseconds)
    {
        if (milliseconds - _longestSince > LatelyMilliseconds)
        {
            (_before, _longest, _longestSince) = (_longest, default, milliseconds);
        }

        var cover = _cover.Of(milliseconds, Datagrams > 0, out var pause);
        _longest.Pause = Math.Max(_longest.Pause, pause);
        return cover;
    }

    /// <summary>A record told of so long a time.</summary>
    public void Lasted(long milliseconds) => _longest.Flow = Math.Max(_longest.Flow, milliseconds);
}
