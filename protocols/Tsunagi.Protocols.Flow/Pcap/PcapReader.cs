using System.Buffers.Binary;

namespace Tsunagi.Protocols.Flow.Pcap;

/// <summary>
/// Reads pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng) from a stream that the caller opened and closes. Bad captures are
/// a status, never an exception; what the stream throws passes through.
/// </summary>
public sealed class PcapReader
{
    private const uint SectionHeader = 0x0A0D0D0A, InterfaceDescription = 1, OldPacket = 2, SimplePacket = 3, EnhancedPacket = 6, ByteOrder = 0x1A2B3C4D;

    private readonly Stream _stream;
    private readonly PcapLimits _limits;
    private readonly List<PcapInterface> _interfaces = [];
    private byte[] _buffer = new byte[65536];
    private bool _started, _isNg, _bigEndian, _patched;
    private long _nanosecondsPerUnit;
    private uint _linkType;
    private PcapStatus _ended = PcapStatus.Packet;

    /// <summary>A reader from the stream's place onward.</summary>
    public PcapReader(Stream stream, PcapLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _limits = limits ?? PcapLimits.Default;
    }

    /// <summary>Reads the next packet; once something else than a packet was returned, it is returned for ever.</summary>
    public PcapStatus Read(out PcapPacket packet)
    {
        packet = default;
        if (!_started)
        {
            _started = true;
            _ended = ReadStart();
        }

        if (_ended != PcapStatus.Packet)
        {
            return _ended;
        }

        return _ended = _isNg ? ReadBlocks(out packet) : ReadRecord(out packet);
    }

    // magic, version, zone, accuracy, snap length, link type
    private PcapStatus ReadStart()
    {
        PcapStatus status = Fill(0, 4);
        if (status != PcapStatus.Packet)
        {
            return PcapStatus.NotACapture;
        }

        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(_buffer);
        _isNg = magic == SectionHeader;
        if (_isNg)
        {
            return ReadSection();
        }

        // Native and swapped; microseconds, nanoseconds, and the form with a longer record header.
        (_bigEndian, _nanosecondsPerUnit, _patched) = magic switch
        {
            0xA1B2C3D4 => (false, 1000, false),
            0xD4C3B2A1 => (true, 1000, false),
            0xA1B23C4D => (false, 1, false),
            0x4D3CB2A1 => (true, 1, false),
            0xA1B2CD34 => (false, 1000, true),
            0x34CDB2A1 => (true, 1000, true),
            _ => (false, 0, false),
        };
        if (_nanosecondsPerUnit == 0)
        {
            return PcapStatus.NotACapture;
        }

        status = Fill(4, 20);
        _linkType = status == PcapStatus.Packet ? Int(20) & 0x0FFF_FFFF : 0; // the upper bits tell of a frame check sequence
        return status == PcapStatus.Packet ? status : PcapStatus.Truncated;
    }

    // seconds, fraction, captured length, original length, packet
    private PcapStatus ReadRecord(out PcapPacket packet)
    {
        packet = default;
        int header = _patched ? 24 : 16;
        PcapStatus status = Fill(0, header);
        if (status != PcapStatus.Packet)
        {
            return status;
        }

        long time = Int(0) * 1_000_000_000L + Int(4) * _nanosecondsPerUnit;
        uint length = Int(8), original = Int(12);
        if (length > (uint)_limits.PacketOctets)
        {
            return PcapStatus.Malformed;
        }

        status = Fill(header, (int)length);
        if (status != PcapStatus.Packet)
        {
            return PcapStatus.Truncated;
        }

        packet = new PcapPacket(time, _linkType, (int)Math.Min(original, int.MaxValue), _buffer.AsSpan(header, (int)length));
        return PcapStatus.Packet;
    }

    // block type, length, content, length
    private PcapStatus ReadBlocks(out PcapPacket packet)
    {
        packet = default;
        while (true)
        {
            PcapStatus status = Fill(0, 4);
            if (status != PcapStatus.Packet)
            {
                return status;
            }

            uint type = Int(0);
            if (BinaryPrimitives.ReadUInt32LittleEndian(_buffer) == SectionHeader)
            {
                status = ReadSection();
                if (status != PcapStatus.Packet)
                {
                    return status;
                }

                continue;
            }

            status = ReadBody(out int end);
            if (status != PcapStatus.Packet)
            {
                return status;
            }

            ReadOnlySpan<byte> body = _buffer.AsSpan(8, end - 8);
            switch (type)
            {
                case InterfaceDescription when body.Length >= 8:
                    if (_interfaces.Count >= _limits.Interfaces)
                    {
                        return PcapStatus.Malformed;
                    }

                    _interfaces.Add(PcapInterface.Read(body, _bigEndian));
                    break;
                case EnhancedPacket or OldPacket when body.Length >= 20:
                    return ReadEnhanced(type, body, out packet);
                case SimplePacket when body.Length >= 4 && _interfaces.Count > 0:
                    uint original = Int(8);
                    int captured = (int)Math.Min(original, (uint)(body.Length - 4));
                    captured = _interfaces[0].SnapLength == 0 ? captured : (int)Math.Min((uint)captured, _interfaces[0].SnapLength);
                    packet = new PcapPacket(0, _interfaces[0].LinkType, (int)Math.Min(original, int.MaxValue), body.Slice(4, captured));
                    return PcapStatus.Packet;
                case SimplePacket or EnhancedPacket or OldPacket or InterfaceDescription:
                    return PcapStatus.Malformed;
            }
        }
    }

    // interface (in the old form two octets and two of drops), time high, time low, captured length, original length, packet
    private PcapStatus ReadEnhanced(uint type, ReadOnlySpan<byte> body, out PcapPacket packet)
    {
        packet = default;
        uint link = type == EnhancedPacket ? Int(8) : Short(8);
        uint length = Int(20);
        if (link >= (uint)_interfaces.Count || length > (uint)(body.Length - 20))
        {
            return PcapStatus.Malformed;
        }

        ulong units = (ulong)Int(12) << 32 | Int(16);
        packet = new PcapPacket(_interfaces[(int)link].ToNanoseconds(units), _interfaces[(int)link].LinkType, (int)Math.Min(Int(24), int.MaxValue), body.Slice(20, (int)length));
        return PcapStatus.Packet;
    }

    // The type is read. length, byte order, version, section length, options, length. A section has its own byte order and interfaces.
    private PcapStatus ReadSection()
    {
        PcapStatus status = Fill(4, 8);
        if (status != PcapStatus.Packet)
        {
            return PcapStatus.Truncated;
        }

        uint order = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(8));
        if (order != ByteOrder && order != BinaryPrimitives.ReverseEndianness(ByteOrder))
        {
            return PcapStatus.Malformed;
        }

        _bigEndian = order != ByteOrder;
        _interfaces.Clear();
        uint length = Int(4);
        if (length < 28 || length % 4 != 0 || length > (uint)_limits.PacketOctets)
        {
            return PcapStatus.Malformed;
        }

        return Fill(12, (int)length - 12) == PcapStatus.Packet ? PcapStatus.Packet : PcapStatus.Truncated;
    }

    private PcapStatus ReadBody(out int end)
    {
        end = 0;
        if (Fill(4, 4) != PcapStatus.Packet)
        {
            return PcapStatus.Truncated;
        }

        uint length = Int(4);
        if (length < 12 || length % 4 != 0 || length > (uint)_limits.PacketOctets + 64)
        {
            return PcapStatus.Malformed;
        }

        end = (int)length - 4;
        return Fill(8, (int)length - 8) == PcapStatus.Packet ? PcapStatus.Packet : PcapStatus.Truncated;
    }

    // Reads so many octets to a place of the buffer: End when the stream ends in front of the first.
    private PcapStatus Fill(int at, int octets)
    {
        if (_buffer.Length < at + octets)
        {
            Array.Resize(ref _buffer, Math.Max(at + octets, _buffer.Length * 2));
        }

        int read = _stream.ReadAtLeast(_buffer.AsSpan(at, octets), octets, throwOnEndOfStream: false);
        return read == octets ? PcapStatus.Packet : read == 0 && at == 0 ? PcapStatus.End : PcapStatus.Truncated;
    }

    private uint Int(int at) => _bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(at)) : BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(at));

    private ushort Short(int at) => _bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(at)) : BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(at));
}
