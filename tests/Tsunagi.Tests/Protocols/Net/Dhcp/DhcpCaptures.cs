using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Protocols.Flow.Pcap;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Net.Dhcp;

/// <summary>The messages of the shared captures; the test is skipped where they are absent.</summary>
internal static class DhcpCaptures
{
    public static IEnumerable<(DhcpProtocol Protocol, byte[] Octets)> ReadAll()
    {
        string? folder = SharedFiles.Find("data/connectivity/pcap");
        Assert.SkipWhen(folder is null, "connectivity/pcap is not there");
        return Directory.EnumerateFiles(folder, "*.pcap").Order(StringComparer.Ordinal).SelectMany(static file => Read(Path.GetFileName(file)));
    }

    public static List<(DhcpProtocol Protocol, byte[] Octets)> Read(string file)
    {
        string? path = SharedFiles.Find("data/connectivity/pcap/" + file);
        Assert.SkipWhen(path is null, $"connectivity/pcap/{file} is not there");
        using FileStream stream = File.OpenRead(path);
        var reader = new PcapReader(stream);
        var messages = new List<(DhcpProtocol, byte[])>();
        while (reader.Read(out PcapPacket packet) == PcapStatus.Packet)
        {
            if (!PacketReader.TryReadPayload(packet.Octets, PacketLinks.FromLinkType(packet.LinkType), out FlowRecord record, out ReadOnlySpan<byte> payload))
            {
                continue;
            }

            if (record.Protocol == 17 && payload.Length >= 8 && (record.SourcePort is 67 or 68 or 546 or 547 || record.DestinationPort is 67 or 68 or 546 or 547))
            {
                messages.Add((record.SourcePort is 67 or 68 || record.DestinationPort is 67 or 68 ? DhcpProtocol.Dhcp4 : DhcpProtocol.Dhcp6, payload[8..].ToArray()));
            }
            else if (record.Protocol == 58 && record.IcmpType is >= 133 and <= 137)
            {
                messages.Add((DhcpProtocol.Neighbor, payload.ToArray()));
            }
        }

        return messages;
    }
}
