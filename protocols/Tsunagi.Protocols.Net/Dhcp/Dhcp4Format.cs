using System.Buffers;
using System.Collections.Immutable;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>
/// Messages of DHCPv4 and BOOTP (RFC 2131 section 2, RFC 951 section 3). Parts of one option, in the options and in the fields <c>file</c> and <c>sname</c> where these are
/// lent to options, are read as one (RFC 3396 section 5 and 7), and written where they lay.
/// </summary>
internal sealed class Dhcp4Format : DhcpFormat
{
    public const int FixedOctets = 236;
    public const uint Cookie = 0x63825363;
    private const int ServerNameOctets = 64, FileOctets = 128, OverloadCode = 52;

    private static readonly DhcpFormat _header = DhcpFormatText.Read(
        "op:u8=op4 htype:u8=hardware hlen:u8 hops:u8 xid:octets4 secs:u16 [broadcast:1 reserved:15] ciaddr:ip4 yiaddr:ip4 siaddr:ip4 giaddr:ip4");

    public static DhcpFormat Message { get; } = new Dhcp4Format();

    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        value = new DhcpFlag(false);
        if (input.Left < FixedOctets || !_header.TryRead(ref input, out DhcpValue header))
        {
            return false;
        }

        ImmutableArray<DhcpField>.Builder fields = ((DhcpFields)header).Fields.ToBuilder();
        input.TryTake(16, out ReadOnlySpan<byte> address);
        input.TryTake(ServerNameOctets, out ReadOnlySpan<byte> serverName);
        input.TryTake(FileOctets, out ReadOnlySpan<byte> file);
        bool hasCookie = input.Left >= 4 && Number(input.Rest[..4]) == Cookie;
        if (hasCookie)
        {
            input.TryTake(4, out _);
        }

        ReadOnlySpan<byte> options = input.TakeRest();
        int overload = hasCookie ? Overload(options) : 0;
        bool inFile = (overload & 1) != 0, inServerName = (overload & 2) != 0;
        fields.Add(new DhcpField("chaddr", new DhcpOctets(address.ToArray(), DhcpOctetsForm.LinkLayer, (int)((DhcpNumber)fields[2].Value).Value)));

        // RFC 3396 section 5: the parts are put together in the order options, file, sname; RFC 2131 section 4.1 has the fields read in that order, too.
        var parts = new Parts(input.Reading);
        parts.Gather(hasCookie ? options : default);
        parts.Gather(inFile ? file : default);
        parts.Gather(inServerName ? serverName : default);
        DhcpValue first = hasCookie ? parts.Read(options) : new DhcpOctets(options.ToArray());
        DhcpValue second = inFile ? parts.Read(file) : TextFormat.Read(file);
        DhcpValue third = inServerName ? parts.Read(serverName) : TextFormat.Read(serverName);
        fields.Add(new DhcpField("sname", third));
        fields.Add(new DhcpField("file", second));
        fields.Add(new DhcpField(hasCookie ? "options" : "vend", first));
        value = new DhcpFields(fields.ToImmutable());
        return !input.Reading.IsTooMany;
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output)
    {
        if (value is not DhcpFields fields || !_header.TryWrite(value, output) || fields["chaddr"] is not DhcpOctets { Value.Length: 16 } address)
        {
            return false;
        }

        output.Write(address.Value.Span);
        var left = new Dictionary<int, byte[]>();
        var options = new ArrayBufferWriter<byte>();
        var file = new ArrayBufferWriter<byte>();
        var serverName = new ArrayBufferWriter<byte>();
        bool hasCookie = fields["options"] is not null;
        if (!TryWriteArea(fields["options"] ?? fields["vend"], options, -1, left) || !TryWriteArea(fields["file"], file, FileOctets, left) || !TryWriteArea(fields["sname"], serverName, ServerNameOctets, left))
        {
            return false;
        }

        output.Write(serverName.WrittenSpan);
        output.Write(file.WrittenSpan);
        if (hasCookie)
        {
            Put(output, Cookie, 4);
        }

        output.Write(options.WrittenSpan);
        return true;
    }

    /// <summary>The next option of an area that knows Pad and End; false at its end or where it is cut off.</summary>
    public static bool TryTakeOption(scoped ref DhcpInput input, out int code, out ReadOnlySpan<byte> octets)
    {
        octets = default;
        code = 0;
        while (input.Left > 0 && input.Rest[0] == 0)
        {
            input.TryTake(1, out _);
        }

        if (input.Left < 2 || input.Rest[0] == 255)
        {
            return false;
        }

        DhcpInput before = input;
        input.TryTake(2, out ReadOnlySpan<byte> header);
        code = header[0];
        if (input.TryTake(header[1], out octets))
        {
            return true;
        }

        input = before;
        return false;
    }

    /// <summary>Which fields hold options, too (RFC 2132 section 9.3): 1 file, 2 sname, 3 both; 0 where nothing says so.</summary>
    public static int Overload(ReadOnlySpan<byte> options)
    {
        var input = new DhcpInput(options, null!);
        while (TryTakeOption(ref input, out int code, out ReadOnlySpan<byte> octets))
        {
            if (code == OverloadCode)
            {
                return octets.Length == 1 && octets[0] is >= 1 and <= 3 ? octets[0] : 0;
            }
        }

        return 0;
    }

    private static bool TryWriteArea(DhcpValue? value, ArrayBufferWriter<byte> output, int size, Dictionary<int, byte[]> left)
    {
        switch (value)
        {
            case DhcpOctets octets:
                output.Write(octets.Value.Span);
                break;
            case DhcpString text:
                output.Write(System.Text.Encoding.UTF8.GetBytes(text.Value));
                output.Write(new byte[text.Nuls]);
                break;
            case DhcpOptionList list:
                if (!list.Options.All(option => TryWriteOption(option, output, left)))
                {
                    return false;
                }

                break;
            default:
                return false;
        }

        return size < 0 || output.WrittenCount == size;
    }

    private static bool TryWriteOption(DhcpOption option, ArrayBufferWriter<byte> output, Dictionary<int, byte[]> left)
    {
        byte[] octets;
        int count;
        if (option.Form == DhcpForm.Continued)
        {
            count = option.Kept!.Value.Length;
            octets = left.GetValueOrDefault(option.Code, []);
        }
        else if (option.Form == DhcpForm.CutOff || option.IsFill)
        {
            return DhcpRegistry.TryWriteFill(option, output);
        }
        else
        {
            var all = new ArrayBufferWriter<byte>();
            if (!DhcpRegistry.Dhcp4.TryWrite(option, all))
            {
                return false;
            }

            octets = all.WrittenSpan.ToArray();
            count = option.FirstOctets < 0 ? -1 : option.FirstOctets;
        }

        // One that was never in parts is cut where it must be (RFC 3396 section 6).
        for (int at = 0; count < 0; at += 255)
        {
            int piece = Math.Min(255, octets.Length - at);
            output.Write([(byte)option.Code, (byte)piece, .. octets.AsSpan(at, piece)]);
            if (at + piece == octets.Length)
            {
                return true;
            }
        }

        if (count > octets.Length || count > 255)
        {
            return false;
        }

        output.Write([(byte)option.Code, (byte)count, .. octets.AsSpan(0, count)]);
        left[option.Code] = octets[count..];
        return true;
    }

    /// <summary>The parts of each option of a message.</summary>
    private sealed class Parts(DhcpReading reading)
    {
        private readonly Dictionary<int, Whole> _wholes = [];

        public void Gather(ReadOnlySpan<byte> area)
        {
            var input = new DhcpInput(area, reading);
            while (TryTakeOption(ref input, out int code, out ReadOnlySpan<byte> octets))
            {
                if (!_wholes.TryGetValue(code, out Whole? whole))
                {
                    _wholes.Add(code, whole = new Whole(octets.Length));
                }

                whole.Octets.Write(octets);
                whole.Parts++;
            }
        }

        public DhcpOptionList Read(ReadOnlySpan<byte> area)
        {
            ImmutableArray<DhcpOption>.Builder options = ImmutableArray.CreateBuilder<DhcpOption>();
            var input = new DhcpInput(area, reading);
            reading.Depth++;
            while (input.Left > 0 && !reading.IsTooMany)
            {
                options.Add(DhcpRegistry.TakeFill(ref input) ?? Take(ref input));
            }

            reading.Depth--;
            return new DhcpOptionList(options.ToImmutable());
        }

        private DhcpOption Take(ref DhcpInput input)
        {
            if (!TryTakeOption(ref input, out int code, out ReadOnlySpan<byte> octets))
            {
                return DhcpRegistry.CutOff(input.TakeRest());
            }

            Whole whole = _wholes[code];
            if (!whole.IsTold)
            {
                whole.IsTold = true;
                return DhcpRegistry.Dhcp4.Read(code, whole.Octets.WrittenSpan, reading, whole.Parts > 1 ? whole.First : -1);
            }

            reading.IsTooMany |= ++reading.Options > reading.Limits.Options;
            byte[] kept = octets.ToArray();
            return new DhcpOption(code, DhcpRegistry.Dhcp4.NameOf(code), DhcpForm.Continued, new DhcpOctets(kept), kept);
        }
    }

    private sealed class Whole(int first)
    {
        public ArrayBufferWriter<byte> Octets { get; } = new();

        public int First { get; } = first;

        public int Parts { get; set; }

        public bool IsTold { get; set; }
    }
}
