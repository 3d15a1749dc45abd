using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive.Rollups;

/// <summary>
/// The rows of one step of a roll-up, in bounded room. There are two tables, since everything by everything would be nearly as many rows as records: one by exporter, interfaces, service and AS numbers, and one of what is
/// protected by network and service; both by owner, protocol and vector. Where one has more rows than may be, the lightest give up service, AS numbers and network, whose sums are then in "rest": no octet is lost, and what
/// has few values stays exact.
/// </summary>
internal sealed class RollupTable(int mostRows)
{
    // So many times what may be in the end are gathered before the lightest are put together.
    private const int Slack = 2;

    private Dictionary<RollupKey, FlowSums> _rows = [];
    private int _foldAt = Slack * mostRows;

    public IReadOnlyDictionary<RollupKey, FlowSums> Rows => _rows;

    public void Add(in RollupKey key, in FlowSums sums)
    {
        ref var known = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_rows, key, out _);
        known.Add(in sums);
        if (_rows.Count > _foldAt)
        {
            Fold();

            // Exporters, owners and protocols are as many as they are: they stay, and are not folded again and again.
            _foldAt = Math.Max(Slack * mostRows, 2 * _rows.Count);
        }
    }

    /// <summary>Only so many rows stay apart. Forged flows may name interfaces without end: where what is put together is still too much, the lightest give up interfaces and vector too.</summary>
    public void Fold()
    {
        if (_rows.Count > mostRows)
        {
            Fold(static key => key.Folded);
        }

        if (_rows.Count > Slack * mostRows)
        {
            Fold(static key => key.Bare);
        }
    }

    private void Fold(Func<RollupKey, RollupKey> together)
    {
        var all = _rows.ToArray();
        Array.Sort(all, static (a, b) => b.Value.Octets != a.Value.Octets ? b.Value.Octets.CompareTo(a.Value.Octets) : b.Value.Flows.CompareTo(a.Value.Flows));
        _rows = new Dictionary<RollupKey, FlowSums>(mostRows);
        for (var i = 0; i < all.Length; i++)
        {
            var key = i < mostRows ? all[i].Key : together(all[i].Key);
            ref var known = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_rows, key, out _);
            known.Add(all[i].Value);
        }
    }
}

/// <summary>What a rolled-up row is of. Exporter and owner are places.</summary>
internal readonly record struct RollupKey(
    uint Exporter, uint Owner, uint Input, uint Output, byte Protocol, uint Service, uint Vector, uint SourceAs, uint DestinationAs, FlowAddress Network, bool IsByNetwork)
{
    /// <summary>Nobody's AS (RFC 7300): one of those that were too many.</summary>
    public const uint FoldedAs = uint.MaxValue;

    public RollupKey Folded => this with { Service = FlowService.Folded, SourceAs = FoldedAs, DestinationAs = FoldedAs, Network = default };

    /// <summary>What cannot be without end: exporter, owner and protocol.</summary>
    public RollupKey Bare => Folded with { Input = 0, Output = 0, Vector = 0 };

    public static RollupKey ByInterface(BlockRows rows, int at) => new(
        (uint)rows.Exporter[at], (uint)rows.Owner[at], (uint)rows.Input[at], (uint)rows.Output[at], (byte)rows.Protocol[at], (uint)rows.Service[at], (uint)rows.Vector[at], (uint)rows.SourceAs[at],
        (uint)rows.DestinationAs[at], default, IsByNetwork: false);

    public static RollupKey ByNetwork(BlockRows rows, int at) => new(
        0, (uint)rows.Owner[at], 0, 0, (byte)rows.Protocol[at], (uint)rows.Service[at], (uint)rows.Vector[at], 0, 0, rows.Network[at], IsByNetwork: true);

    public bool Equals(RollupKey other) =>
        SourceAs == other.SourceAs && DestinationAs == other.DestinationAs && Service == other.Service && Input == other.Input && Output == other.Output && Owner == other.Owner && Exporter == other.Exporter
        && Protocol == other.Protocol && Vector == other.Vector && Network == other.Network && IsByNetwork == other.IsByNetwork;

    public override int GetHashCode()
    {
        var hash = (((ulong)SourceAs << 32) | DestinationAs) * 0x9E3779B97F4A7C15;
        hash = (hash ^ (hash >> 29) ^ ((ulong)Service << 40) ^ ((ulong)Input << 20) ^ Output) * 0xC2B2AE3D27D4EB4F;
        hash = (hash ^ (hash >> 31) ^ ((ulong)Vector << 40) ^ ((ulong)Owner << 16) ^ ((ulong)Exporter << 8) ^ Protocol ^ (IsByNetwork ? 1UL << 63 : 0)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ Network.High ^ (Network.Low * 0x9E3779B97F4A7C15)) * 0xD6E8FEB86659FD93;
        return (int)(hash >> 32);
    }
}
