using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>A pool as its table holds it: a prefix that is given away in equal parts.</summary>
/// <param name="PartLength">Length of what is given: 32 or 128 for addresses, 64, 56 or 48 for prefixes.</param>
/// <param name="Purpose">One of <see cref="PoolPurpose"/>.</param>
/// <param name="Policy">One of <see cref="PoolPolicy"/>.</param>
/// <param name="Reserved">JSON array of addresses and blocks in it that are never given.</param>
/// <param name="RestSeconds">For how long what was given back rests before it is given again.</param>
/// <param name="WarnPercent">From where on it is told as running low.</param>
public sealed record PoolRow(
    string Id, string TenantPath, string VrfId, string Name, string Cidr, int PartLength, string Purpose, string Policy, string Reserved, long RestSeconds, int WarnPercent, string Note, long Revision,
    long Version, long CreatedAt, long? RemovedAt)
{
    internal const string Columns =
        "id, tenant_path, vrf_id, name, cidr, part_length, purpose, policy, reserved, rest_seconds, warn_percent, note, revision, version, created_at, removed_at";

    /// <summary>Read once: it is asked for with each message of a client.</summary>
    internal AddressBlock Block { get; } = AddressBlock.Parse(Cidr);

    internal int Bits => PartLength - Block.Length;

    /// <summary>How many parts it can give: without what is reserved.</summary>
    public long Parts => NewTree() is var tree ? Math.Max(1, tree.Slots - tree.Used) : 0;

    public IReadOnlyList<string> ReservedList => JsonSerializer.Deserialize<string[]>(Reserved) ?? [];

    /// <summary>A tree in which what is reserved is taken.</summary>
    internal SlotTree NewTree()
    {
        var tree = new SlotTree(Bits);
        foreach (var block in ReservedList.Select(AddressBlock.Parse))
        {
            var (first, last) = (Block.NumberOf(block.At(Math.Min(block.Length, PartLength)), PartLength), (ulong)((block.Last - Block.Base) >> (block.Width - PartLength)));
            tree.Fill((long)first, (long)(last - first) + 1, taken: true);
        }

        return tree;
    }
}

/// <summary>To whom a pool gives.</summary>
public static class PoolPurpose
{
    /// <summary>To lines, for as long as they are there.</summary>
    public const string Lines = "lines";

    /// <summary>To sessions, for as long as they last.</summary>
    public const string Sessions = "sessions";

    public static readonly IReadOnlyList<string> All = [Lines, Sessions];
}

/// <summary>Which part is given next.</summary>
public static class PoolPolicy
{
    /// <summary>The lowest that is free.</summary>
    public const string Dense = "dense";

    /// <summary>The one with the most room behind it, so that it can grow where it is.</summary>
    public const string Sparse = "sparse";

    public static readonly IReadOnlyList<string> All = [Dense, Sparse];
}

/// <summary>The request to add a pool.</summary>
public sealed record NewPool
{
    [Required, RegularExpression("[A-Za-z0-9][A-Za-z0-9._-]{0,79}", ErrorMessage = "1 to 80 letters, digits, dots, hyphens and underscores")]
    public string Name { get; init; } = "";

    [Required, MaxLength(50), Description("The block it gives from, inside an active prefix of the plan.")]
    public string Cidr { get; init; } = "";

    [MaxLength(40), Description("A VRF's id; the global table without it.")]
    public string? VrfId { get; init; }

    [Range(1, 128), Description("Length of what it gives: 32, 128, 64, 56, 48 …")]
    public int PartLength { get; init; }

    [AllowedValues("lines", "sessions", null), Description("lines (without it): kept while the line is there; sessions: while the session lasts.")]
    public string? Purpose { get; init; }

    [AllowedValues("dense", "sparse", null), Description("dense: the lowest; sparse: with room to grow. Without it sparse for IPv6 prefixes, else dense.")]
    public string? Policy { get; init; }

    [MaxLength(1_000), Description("Addresses and blocks in it that are never given.")]
    public IReadOnlyList<string>? Reserved { get; init; }

    [Range(0, 31_536_000), Description("Seconds for which what was given back rests; without it a day for lines, five minutes for sessions.")]
    public long? RestSeconds { get; init; }

    [Range(1, 100), Description("Percent from where on it is told as running low (90).")]
    public int? WarnPercent { get; init; }

    [MaxLength(500)]
    public string? Note { get; init; }
}

/// <summary>The request to change one. What is absent stays.</summary>
public sealed record PoolChange
{
    [MaxLength(1_000)]
    public IReadOnlyList<string>? Reserved { get; init; }

    [Range(0, 31_536_000)]
    public long? RestSeconds { get; init; }

    [Range(1, 100)]
    public int? WarnPercent { get; init; }

    [AllowedValues("dense", "sparse", null)]
    public string? Policy { get; init; }

    [MaxLength(500)]
    public string? Note { get; init; }
}
