using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using Tsunagi.Core.Verbs;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Protocols.Flow.Pcap;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>
/// The messages of a file, one after the other: what the packets of a capture carry (pcap or pcapng, as it is or compressed by gzip), or the file itself, as octets or in hexadecimal.
/// What is left out is counted, and told at the end.
/// </summary>
internal sealed class CaptureFile : IDisposable
{
    private const int LongestMessage = 65_535;
    private const int LongestUnpacked = 256 * 1024 * 1024;
    private const int UdpHeader = 8;
    private const byte MoreFragments = 0x20;

    private readonly Stream _file;
    private readonly string _name;
    private readonly PcapReader? _reader;
    private readonly SortedDictionary<uint, int> _links = [];
    private int _packets, _fragments, _cut;
    private string? _why;
    private bool _ended;

    /// <exception cref="WrongInputException">There is no such file, or it cannot be read.</exception>
    public CaptureFile(VerbContext context, string name)
    {
        _name = name;
        _file = Reading(() => Open(context.Home.File(name)));
        var magic = new byte[4];
        var read = Reading(() => _file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false));
        _file.Position = 0;
        _reader = IsCapture(magic.AsSpan(0, read)) ? new PcapReader(_file) : null;
    }

    /// <summary>UDP.</summary>
    public const byte Udp = 17;

    /// <summary>ICMPv6.</summary>
    public const byte Icmp6 = 58;

    /// <summary>The file ended where it should not, or is no message.</summary>
    public bool IsBroken => _why is not null;

    /// <summary>Sentences about what was left out and why.</summary>
    public IEnumerable<string> Notes()
    {
        if (_why is not null)
        {
            yield return _why;
        }

        if (_fragments > 0)
        {
            yield return $"reading {_name}: {_fragments} fragments of datagrams were left out: they are not put together";
        }

        foreach (var (link, packets) in _links)
        {
            yield return $"reading {_name}: {packets} packets were left out: link type {link} is not read";
        }

        if (_cut > 0)
        {
            yield return $"reading {_name}: {_cut} messages are cut off: the capture holds less than the link did";
        }
    }

    /// <summary>The next message that is wanted; null at the end.</summary>
    /// <param name="isWanted">By the packet's headers: UDP by its ports, ICMPv6 by its type.</param>
    public CapturedMessage? Next(Func<FlowRecord, bool> isWanted)
    {
        if (_ended)
        {
            return null;
        }

        if (_reader is null)
        {
            _ended = true;
            return Reading(ReadOne);
        }

        while (true)
        {
            if (Reading(() => Read(isWanted, out var found) ? found ?? Skipped : null) is not { } message)
            {
                _ended = true;
                return null;
            }

            if (!ReferenceEquals(message, Skipped))
            {
                return message;
            }
        }
    }

    public void Dispose() => _file.Dispose();

    private static readonly CapturedMessage Skipped = new(0, 0, null, null, 0, 0, false, []);

    // False at the end of the capture; nothing found where the packet is none that is wanted.
    private bool Read(Func<FlowRecord, bool> isWanted, out CapturedMessage? found)
    {
        found = null;
        var status = _reader!.Read(out var packet);
        if (status != PcapStatus.Packet)
        {
            _why = status == PcapStatus.End ? null : $"reading {_name}: the capture is {status.ToString().ToLowerInvariant()}; all before that was read";
            return false;
        }

        _packets++;
        var link = PacketLinks.FromLinkType(packet.LinkType);
        if (link == PacketLink.Unknown)
        {
            _links[packet.LinkType] = _links.GetValueOrDefault(packet.LinkType) + 1;
            return true;
        }

        var isRead = PacketReader.TryReadPayload(packet.Octets, link, out FlowRecord record, out var payload);
        if (record.Protocol is not (Udp or Icmp6) || (record.FragmentOffset == 0 && (!isRead || !isWanted(record))))
        {
            return true;
        }

        // The ports stand in the first fragment only; the others could belong to any datagram.
        if (record.FragmentOffset != 0 || (record.FragmentFlags & MoreFragments) != 0)
        {
            _fragments++;
            return true;
        }

        var isCut = packet.OriginalLength > packet.Octets.Length;
        if (record.Protocol == Udp)
        {
            if (payload.Length < UdpHeader)
            {
                return true;
            }

            isCut = isCut && BinaryPrimitives.ReadUInt16BigEndian(payload[4..]) > payload.Length;
            payload = payload[UdpHeader..];
        }
        else
        {
            isCut = isCut && record.Octets > (ulong)packet.Octets.Length;
        }

        _cut += isCut ? 1 : 0;
        found = new CapturedMessage(
            _packets, packet.TimestampNanoseconds / 1_000_000, new IPEndPoint(record.Source.ToIPAddress(), record.SourcePort), new IPEndPoint(record.Destination.ToIPAddress(), record.DestinationPort),
            record.Protocol, record.Ttl, isCut, payload.ToArray());
        return true;
    }

    private CapturedMessage? ReadOne()
    {
        if (_file.Length is 0 or > LongestMessage * 4)
        {
            _why = $"reading {_name}: it is no capture, and {_file.Length} octets are no packet";
            return null;
        }

        var octets = new byte[_file.Length];
        _file.ReadExactly(octets);
        return new CapturedMessage(0, 0, null, null, 0, 0, false, Hex(octets) ?? octets);
    }

    private T Reading<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or InvalidDataException)
        {
            throw new WrongInputException($"the file {_name} cannot be read: {e.Message}");
        }
    }

    private static Stream Open(string path)
    {
        var file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[2];
        var isPacked = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1F, 0x8B]; // RFC 1952 section 2.3.1
        file.Position = 0;
        if (!isPacked)
        {
            return file;
        }

        using (file)
        using (var unpacking = new GZipStream(file, CompressionMode.Decompress))
        {
            var unpacked = new MemoryStream();
            var buffer = new byte[81_920];
            for (int read; (read = unpacking.Read(buffer)) > 0;)
            {
                if (unpacked.Length + read > LongestUnpacked)
                {
                    throw new IOException($"unpacked it is longer than {LongestUnpacked} octets");
                }

                unpacked.Write(buffer, 0, read);
            }

            unpacked.Position = 0;
            return unpacked;
        }
    }

    private static bool IsCapture(ReadOnlySpan<byte> magic) => magic.Length == 4 && Convert.ToHexString(magic) is
        "0A0D0D0A" or "D4C3B2A1" or "A1B2C3D4" or "4D3CB2A1" or "A1B23C4D" or "34CDB2A1" or "A1B2CD34";

    // A text of nothing but hexadecimal digits and blanks is a packet written down.
    private static byte[]? Hex(byte[] octets)
    {
        var digits = octets.Where(static octet => !char.IsWhiteSpace((char)octet) && octet != ':').Select(static octet => (char)octet).ToArray();
        return digits.Length > 0 && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;
    }
}
