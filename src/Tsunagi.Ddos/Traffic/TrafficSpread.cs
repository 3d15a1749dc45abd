using System.Runtime.InteropServices;

namespace Tsunagi.Ddos.Traffic;

/// <summary>
/// What a record tells of the slots up to the one in which it was told, evenly; what does not divide goes to the newest, so that nothing is lost. Made once for
/// a record and added to several rows.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct TrafficSpread
{
    public TrafficSpread(int slot, int span, ulong packets, ulong octets)
    {
        (Slot, Span) = (slot, span);
        (PacketsEach, OctetsEach) = span == 1 ? (packets, octets) : (packets / (uint)span, octets / (uint)span);
        (PacketsNewest, OctetsNewest) = span == 1 ? (packets, octets) : (packets - (PacketsEach * (uint)(span - 1)), octets - (OctetsEach * (uint)(span - 1)));
    }

    public int Slot { get; }

    public int Span { get; }

    public ulong PacketsEach { get; }

    public ulong OctetsEach { get; }

    public ulong PacketsNewest { get; }

    public ulong OctetsNewest { get; }
}
