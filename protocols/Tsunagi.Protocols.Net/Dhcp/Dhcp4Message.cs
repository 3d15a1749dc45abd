using System.Buffers.Binary;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>
/// A message of DHCPv4 where it lies in the caller's buffer (RFC 2131 section 2). Made by <see cref="TryParse"/>, so its options are known to be whole. Nothing is copied or allocated.
/// </summary>
public readonly ref struct Dhcp4Message
{
    /// <summary>Octets before the options: the fixed fields and the cookie.</summary>
    public const int HeaderOctets = Dhcp4Format.FixedOctets + 4;

    private Dhcp4Message(ReadOnlySpan<byte> octets)
    {
        Octets = octets;
        Overload = Dhcp4Format.Overload(octets[HeaderOctets..]);
    }

    /// <summary>The message.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>From a client: the operation is BOOTREQUEST.</summary>
    public bool IsRequest => Octets[0] == 1;

    /// <summary>What pairs an answer with its question.</summary>
    public uint TransactionId => BinaryPrimitives.ReadUInt32BigEndian(Octets[4..]);

    /// <summary>The client can not receive unicast yet.</summary>
    public bool IsBroadcast => (Octets[10] & 0x80) != 0;

    /// <summary>4 octets: the client's address that it has.</summary>
    public ReadOnlySpan<byte> ClientAddress => Octets.Slice(12, 4);

    /// <summary>4 octets: the client's address that it gets.</summary>
    public ReadOnlySpan<byte> YourAddress => Octets.Slice(16, 4);

    /// <summary>4 octets: the relay's address; zero without one.</summary>
    public ReadOnlySpan<byte> RelayAddress => Octets.Slice(24, 4);

    /// <summary>The client's link-layer address, as long as it says it is.</summary>
    public ReadOnlySpan<byte> HardwareAddress => Octets.Slice(28, Math.Min((int)Octets[2], 16));

    /// <summary>Which fields hold options, too: 1 file, 2 sname, 3 both.</summary>
    public int Overload { get; }

    /// <summary>The kind of message, by option 53.</summary>
    public Dhcp4Type Type => TryFind(53, [], out ReadOnlySpan<byte> value) && value.Length == 1 ? (Dhcp4Type)value[0] : Dhcp4Type.None;

    /// <summary>Reads one message that fills <paramref name="datagram"/>. BOOTP without the cookie of DHCP is refused.</summary>
    /// <returns>False, with the reason, for what must be dropped. Never throws on what a peer can send.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, DhcpLimits? limits, out Dhcp4Message message, out DhcpError error)
    {
        limits ??= DhcpLimits.Default;
        message = default;
        if (datagram.Length > limits.MessageOctets || datagram.Length < HeaderOctets)
        {
            error = datagram.Length < HeaderOctets ? new DhcpError("message: shorter than its header", datagram.Length) : new DhcpError("message: longer than the limit", limits.MessageOctets);
            return false;
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(datagram[Dhcp4Format.FixedOctets..]) != Dhcp4Format.Cookie)
        {
            error = new DhcpError("message: without the cookie of DHCP", Dhcp4Format.FixedOctets);
            return false;
        }

        var read = new Dhcp4Message(datagram);
        int count = 0;
        for (int area = 0; area < 3; area++)
        {
            if (!Check(read.Area(area), limits.Options, ref count, out string? reason, out int at))
            {
                error = new DhcpError(reason!, at + (area == 0 ? HeaderOctets : area == 1 ? 108 : 44));
                return false;
            }
        }

        message = read;
        error = default;
        return true;
    }

    /// <summary>An option. One that comes in parts is put together in <paramref name="scratch"/> (RFC 3396); one in a single part lies in the message.</summary>
    /// <returns>False when it is not there, or its parts do not fit into <paramref name="scratch"/>.</returns>
    public bool TryFind(byte code, Span<byte> scratch, out ReadOnlySpan<byte> value)
    {
        value = default;
        int parts = 0, length = 0;
        for (int area = 0; area < 3; area++)
        {
            var input = new DhcpInput(Area(area), null!);
            while (Dhcp4Format.TryTakeOption(ref input, out int found, out ReadOnlySpan<byte> octets))
            {
                if (found != code)
                {
                    continue;
                }

                parts++;
                value = octets;
                if (length <= scratch.Length && octets.TryCopyTo(scratch[length..]))
                {
                    length += octets.Length;
                }
                else
                {
                    length = int.MaxValue;
                }
            }
        }

        if (parts > 1)
        {
            value = length <= scratch.Length ? scratch[..length] : default;
        }

        return parts == 1 || (parts > 1 && length <= scratch.Length);
    }

    // In the order of RFC 3396 section 5: the options, the file, the server's name.
    private ReadOnlySpan<byte> Area(int area) => area switch
    {
        0 => Octets[HeaderOctets..],
        1 when (Overload & 1) != 0 => Octets.Slice(108, 128),
        2 when (Overload & 2) != 0 => Octets.Slice(44, 64),
        _ => default,
    };

    private static bool Check(ReadOnlySpan<byte> area, int most, ref int count, out string? reason, out int at)
    {
        var input = new DhcpInput(area, null!);
        while (Dhcp4Format.TryTakeOption(ref input, out _, out _))
        {
            if (++count > most)
            {
                reason = "options: more than the limit";
                at = input.At;
                return false;
            }
        }

        at = input.At;
        reason = input.Left == 0 || input.Rest[0] == 255 ? null : "options: end in the middle of one";
        return reason is null;
    }
}
