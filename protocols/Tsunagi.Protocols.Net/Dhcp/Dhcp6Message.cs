namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>
/// A message of DHCPv6 where it lies in the caller's buffer (RFC 8415 section 8 and 9): what a server reads before it answers. Made by <see cref="TryParse"/>, so its options are
/// known to be whole. Nothing is copied or allocated.
/// </summary>
public readonly ref struct Dhcp6Message
{
    /// <summary>Octets before the options of a client's or a server's message.</summary>
    public const int HeaderOctets = 4;

    /// <summary>Octets before the options of a relay's message.</summary>
    public const int RelayHeaderOctets = 34;

    private Dhcp6Message(ReadOnlySpan<byte> octets) => Octets = octets;

    /// <summary>The message.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>Its kind; a number that is none of the enumeration is to be dropped, and a relay passes it on (RFC 7283).</summary>
    public Dhcp6Type Type => (Dhcp6Type)Octets[0];

    /// <summary>A relay's message: it has a hop count and two addresses in place of a transaction.</summary>
    public bool IsRelay => Type is Dhcp6Type.RelayForward or Dhcp6Type.RelayReply;

    /// <summary>The 24 bits that pair an answer with its question; 0 in a relay's message.</summary>
    public int TransactionId => IsRelay ? 0 : Octets[1] << 16 | Octets[2] << 8 | Octets[3];

    /// <summary>How many relays passed it on before; 0 in another message.</summary>
    public byte HopCount => IsRelay ? Octets[1] : (byte)0;

    /// <summary>16 octets: an address of the link that the client is on; empty in another message.</summary>
    public ReadOnlySpan<byte> LinkAddress => IsRelay ? Octets.Slice(2, 16) : default;

    /// <summary>16 octets: who the relay had it from; empty in another message.</summary>
    public ReadOnlySpan<byte> PeerAddress => IsRelay ? Octets.Slice(18, 16) : default;

    /// <summary>The options in their order.</summary>
    public Dhcp6Options Options => new(Octets[Header(Octets[0])..]);

    /// <summary>Reads one message that fills <paramref name="datagram"/>.</summary>
    /// <returns>False, with the reason, for what must be dropped. Never throws on what a peer can send.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, DhcpLimits? limits, out Dhcp6Message message, out DhcpError error)
    {
        limits ??= DhcpLimits.Default;
        message = default;
        if (datagram.Length > limits.MessageOctets)
        {
            error = new DhcpError("message: longer than the limit", limits.MessageOctets);
            return false;
        }

        if (datagram.Length < HeaderOctets || datagram.Length < Header(datagram[0]))
        {
            error = new DhcpError("message: shorter than its header", datagram.Length);
            return false;
        }

        if (datagram[0] == 0)
        {
            error = new DhcpError("message: its type is 0", 0);
            return false;
        }

        var read = new Dhcp6Message(datagram);
        if (!Dhcp6Options.Check(read.Options.Octets, limits.Options, datagram.Length - read.Options.Octets.Length, out error))
        {
            return false;
        }

        message = read;
        return true;
    }

    // Messages between two servers tell when they were sent behind the transaction (RFC 8156 section 6.1).
    private static int Header(byte type) => type is 12 or 13 ? RelayHeaderOctets : type is >= 24 and <= 35 ? HeaderOctets + 4 : HeaderOctets;

    /// <summary>The message within a relay's (RFC 8415 section 21.10); false when there is none that can be read.</summary>
    public bool TryInner(DhcpLimits? limits, out Dhcp6Message inner)
    {
        inner = default;
        return IsRelay && Options.TryFind(Dhcp6Code.RelayMessage, out ReadOnlySpan<byte> octets) && TryParse(octets, limits, out inner, out _);
    }

    /// <summary>The client's message in the middle of as many relays' as the limit allows, or the message itself.</summary>
    /// <returns>False when a relay's message holds none, or too many lie around it.</returns>
    public bool TryClient(DhcpLimits? limits, out Dhcp6Message client)
    {
        limits ??= DhcpLimits.Default;
        client = this;
        for (int relays = 0; client.IsRelay; relays++)
        {
            if (relays >= limits.Relays || !client.TryInner(limits, out Dhcp6Message inner))
            {
                return false;
            }

            client = inner;
        }

        return true;
    }
}
