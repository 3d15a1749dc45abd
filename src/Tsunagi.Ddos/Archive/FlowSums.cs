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

    public readonly ulong By(FlowOrder order) => order switch
    {
        FlowOrder.Octets => Octets,
        FlowOrder.Packets => Packets,
        _ => Flows,
    };
}
