using System.Runtime.InteropServices;

namespace Tsunagi.Ddos.Archive;

/// <summary>Octets, packets (sampling put back) and records.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct FlowSums(ulong Octets, ulong Packets, ulong Flows)
{
    public readonly bool IsNothing => Flows == 0;

    public void Add(ulong octets, ulong packets)
    {
        Octets += octets;
        Packets += packets;
        Flows++;
    }

    public void Add(in FlowSums other)
    {
        Octets += other.Octets;
        Packets += other.Packets;
        Flows += other.Flows;
    }

    /// <summary>The sum of figures as a number of the API: what is forged may be more than that holds.</summary>
    public static long Figure(IEnumerable<ulong> figures) => (long)UInt128.Min(figures.Aggregate(UInt128.Zero, static (sum, figure) => sum + figure), long.MaxValue);

    public readonly ulong By(FlowOrder order) => order switch
    {
        FlowOrder.Octets => Octets,
        FlowOrder.Packets => Packets,
        _ => Flows,
    };
}
