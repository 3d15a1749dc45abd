using System.ComponentModel.DataAnnotations;
using System.Net;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Ddos.Traffic;

namespace Tsunagi.Ddos;

/// <summary>The section <c>ddos</c> of the program's configuration. What a customer bought is not here: that is the contract (ProtectionSettings).</summary>
public sealed record DdosOptions
{
    public CollectOptions Collect { get; init; } = new();

    public TrafficOptions Traffic { get; init; } = new();

    public DetectOptions Detect { get; init; } = new();

    public MitigateOptions Mitigate { get; init; } = new();

    public ArchiveOptions Archive { get; init; } = new();

    public DryRun.DryRunOptions DryRun { get; init; } = new();

    public Sharing.SharingOptions Sharing { get; init; } = new();

    /// <summary>Networks that no rule may touch: the provider's own routers, name servers, mail, management.</summary>
    [MaxLength(1_000)]
    public IReadOnlyList<IPNetwork> Protected { get; init; } = [];
}
