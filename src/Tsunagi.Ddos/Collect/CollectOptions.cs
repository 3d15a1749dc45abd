using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Tsunagi.Ddos.Collect;

/// <summary>Where flow datagrams come in, from whom, and who gets copies.</summary>
public sealed record CollectOptions
{
    /// <summary>"address:port" of each socket; none receives nothing. Every format is understood on every port.</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>Who may send. A datagram from elsewhere is counted, told once, and not read.</summary>
    [MaxLength(4_096)]
    public IReadOnlyList<ExporterRule> Exporters { get; init; } = [];

    /// <summary>"address:port" of other collectors that get every datagram of an allowed exporter, unchanged; never one of our own listeners.</summary>
    [MaxLength(8)]
    public IReadOnlyList<string> Tee { get; init; } = [];

    /// <summary>Exporters (address and port) whose state is kept; one more is counted and not read.</summary>
    [Range(1, 100_000)]
    public int MaxExporters { get; init; } = 1_024;

    /// <summary>
    /// What the kernel may keep for each socket while the program is busy; the kernel's own limit is net.core.rmem_max. A datagram of 1,400 octets takes about 2,300 of twice this: 32 MiB hold nearly a second of a million
    /// records. No memory is taken while the program keeps up.
    /// </summary>
    [Range(64 * 1024, 1 << 30)]
    public int ReceiveBufferBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>How often templates and rates are written down, so that the first datagram after a restart is understood.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepStateEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>After this long without a datagram, an exporter that sent before is told as silent.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>An allowed exporter, or a network of them.</summary>
public sealed record ExporterRule
{
    public IPNetwork Network { get; init; }

    /// <summary>What people call it.</summary>
    [MaxLength(100)]
    public string Name { get; init; } = "";

    /// <summary>The sampling rate the operator states, over whatever the exporter says: 1 of so many packets.</summary>
    [Range(1, 10_000_000)]
    public int? Sampling { get; init; }

    /// <summary>Nobody else can send in its name (a network of its own, or filters at the edge): what looks forged holds no rule back.</summary>
    public bool Trusted { get; init; }
}
