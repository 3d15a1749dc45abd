using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>The question who held an address.</summary>
public sealed record HolderQuestion
{
    [Required, MaxLength(50), Description("An address, also one inside a delegated prefix.")]
    public string Address { get; init; } = "";

    [Range(0, 65_535), Description("The source port, needed where several share the address.")]
    public int? Port { get; init; }

    [Description("When: the moment the asker's log says.")]
    public DateTimeOffset At { get; init; }

    [Range(0, 3_600), Description("Seconds that the asker's clock may be off.")]
    public int? ToleranceSeconds { get; init; }

    [MaxLength(40), Description("A VRF's id; the global table without it.")]
    public string? VrfId { get; init; }

    [Required, StringLength(500, MinimumLength = 10), Description("Why it is asked: the number of the order or case. The audit keeps it.")]
    public string Purpose { get; init; } = "";
}

/// <summary>Who held it: one, several where clocks or ports leave it open, or nobody that is known.</summary>
/// <param name="From">Beginning of the time that was asked about, µs.</param>
/// <param name="Until">Its end.</param>
/// <param name="NeedsPort">True where the address is shared by ports and none was given.</param>
public sealed record HolderAnswer(string Address, int? Port, long From, long Until, bool NeedsPort, IReadOnlyList<Holder> Holders)
{
    /// <summary>The id under which question and answer are kept (wq_…).</summary>
    public string? Question { get; init; }
}

/// <summary>A question that was asked, with what was told.</summary>
/// <param name="Answer">JSON of the <see cref="HolderAnswer"/>.</param>
public sealed record AskedHolder(string Id, string TenantPath, string AskedBy, long AskedAt, string Purpose, string Address, string Answer);

/// <summary>One who held it.</summary>
/// <param name="Session">The accounting session; absent for an address that is the line's own.</param>
/// <param name="Node">Whose clock the times are.</param>
/// <param name="IsWhole">True when it held the address during all of the time that was asked about.</param>
public sealed record Holder(string Prefix, string LineId, string? UserName, string TenantId, string? TenantName, string? Session, long FromAt, long? ToAt, string Node, int? FirstPort, int? LastPort, bool IsWhole);
