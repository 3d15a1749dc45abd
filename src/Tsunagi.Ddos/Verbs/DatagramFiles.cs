using Tsunagi.Core.Verbs;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Protocols.Flow.Pcap;

namespace Tsunagi.Ddos.Verbs;

/// <summary>The flow datagrams of files: UDP payloads of a capture, or a file that is one datagram.</summary>
internal static class DatagramFiles
{
    private const int LongestDatagram = 65_535;
    private const byte Udp = 17;

    /// <param name="take">Who sent it, when (ms of Unix time; 0 where nobody says), and what.</param>
    /// <returns>Why the file could not be read to its end, or null.</returns>
    /// <exception cref="WrongInputException">There is no such file, or it cannot be read.</exception>
    public static string? Read(VerbContext context, string name, Take take)
    {
        try
        {
            using var file = File.OpenRead(context.Home.File(name));
            Span<byte> magic = stackalloc byte[4];
            var read = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
            file.Position = 0;
            return IsCapture(magic[..read]) ? ReadCapture(file, name, take) : ReadOne(file, name, take);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new WrongInputException($"the file {name} cannot be read: {e.Message}");
        }
    }

    public static bool IsCapture(ReadOnlySpan<byte> magic) => magic.Length == 4 && Convert.ToHexString(magic) is
        "0A0D0D0A" or "D4C3B2A1" or "A1B2C3D4" or "4D3CB2A1" or "A1B23C4D" or "34CDB2A1" or "A1B2CD34";

    private static string? ReadCapture(Stream file, string name, Take take)
    {
        var reader = new PcapReader(file);
        while (true)
        {
            var status = reader.Read(out var packet);
            if (status != PcapStatus.Packet)
            {
                return status == PcapStatus.End ? null : $"reading {name}: the capture is {status.ToString().ToLowerInvariant()}; all before that was read";
            }

            if (PacketReader.TryReadTransport(packet.Octets, PacketLinks.FromLinkType(packet.LinkType), out var from, out _, out var payload) && from.Protocol == Udp)
            {
                take(from.Source, packet.TimestampNanoseconds / 1_000_000, payload);
            }
        }
    }

    private static string? ReadOne(FileStream file, string name, Take take)
    {
        if (file.Length is 0 or > LongestDatagram)
        {
            return $"reading {name}: it is no capture, and {file.Length} octets are no datagram";
        }

        var datagram = new byte[file.Length];
        file.ReadExactly(datagram);
        take(default, 0, datagram);
        return null;
    }

    public delegate void Take(FlowAddress from, long milliseconds, ReadOnlySpan<byte> datagram);
}
