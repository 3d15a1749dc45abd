using System.Net;
using Tsunagi.Core.Verbs;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Protocols.Flow.Pcap;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>One UDP payload of a file.</summary>
/// <param name="From">Who sent it; null for a file that is one packet.</param>
internal sealed record RadiusDatagram(long Milliseconds, IPEndPoint? From, IPEndPoint? To, byte[] Octets);

/// <summary>The RADIUS packets of files: UDP payloads of a capture to or from the ports of RADIUS, or a file that is one packet, as octets or in hexadecimal.</summary>
internal static class RadiusFiles
{
    private const int LongestDatagram = 65_535;
    private const byte Udp = 17;
    private static readonly HashSet<int> Ports = [1645, 1646, 1700, 1812, 1813, 3799];

    /// <param name="anyPort">Payloads of all ports, not only those of RADIUS.</param>
    /// <param name="why">Why the file could not be read to its end, or null.</param>
    /// <exception cref="WrongInputException">There is no such file, or it cannot be read.</exception>
    public static IReadOnlyList<RadiusDatagram> Read(VerbContext context, string name, bool anyPort, out string? why)
    {
        try
        {
            using var file = File.OpenRead(context.Home.File(name));
            var magic = new byte[4];
            var read = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
            file.Position = 0;
            return IsCapture(magic.AsSpan(0, read)) ? ReadCapture(file, name, anyPort, out why) : ReadOne(file, name, out why);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new WrongInputException($"the file {name} cannot be read: {e.Message}");
        }
    }

    private static bool IsCapture(ReadOnlySpan<byte> magic) => magic.Length == 4 && Convert.ToHexString(magic) is
        "0A0D0D0A" or "D4C3B2A1" or "A1B2C3D4" or "4D3CB2A1" or "A1B23C4D" or "34CDB2A1" or "A1B2CD34";

    private static List<RadiusDatagram> ReadCapture(Stream file, string name, bool anyPort, out string? why)
    {
        var datagrams = new List<RadiusDatagram>();
        var reader = new PcapReader(file);
        while (true)
        {
            var status = reader.Read(out var packet);
            if (status != PcapStatus.Packet)
            {
                why = status == PcapStatus.End ? null : $"reading {name}: the capture is {status.ToString().ToLowerInvariant()}; all before that was read";
                return datagrams;
            }

            if (PacketReader.TryReadTransport(packet.Octets, PacketLinks.FromLinkType(packet.LinkType), out FlowRecord flow, out _, out var payload) && flow.Protocol == Udp
                && (anyPort || Ports.Contains(flow.SourcePort) || Ports.Contains(flow.DestinationPort)))
            {
                datagrams.Add(new RadiusDatagram(
                    packet.TimestampNanoseconds / 1_000_000, new IPEndPoint(flow.Source.ToIPAddress(), flow.SourcePort), new IPEndPoint(flow.Destination.ToIPAddress(), flow.DestinationPort), payload.ToArray()));
            }
        }
    }

    private static List<RadiusDatagram> ReadOne(FileStream file, string name, out string? why)
    {
        if (file.Length is 0 or > LongestDatagram * 4)
        {
            why = $"reading {name}: it is no capture, and {file.Length} octets are no packet";
            return [];
        }

        var octets = new byte[file.Length];
        file.ReadExactly(octets);
        why = null;
        return [new RadiusDatagram(0, null, null, Hex(octets) ?? octets)];
    }

    // A text of nothing but hexadecimal digits and blanks is a packet written down.
    private static byte[]? Hex(byte[] octets)
    {
        var digits = octets.Where(static octet => !char.IsWhiteSpace((char)octet) && octet != ':').Select(static octet => (char)octet).ToArray();
        return digits.Length > 0 && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;
    }
}
