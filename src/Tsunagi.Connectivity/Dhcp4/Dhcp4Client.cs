using System.Buffers.Binary;
using System.Net;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Dhcp4;

/// <summary>What a Request asks, by what is in it (RFC 2131 section 4.3.2).</summary>
internal enum Dhcp4Ask
{
    /// <summary>No Request.</summary>
    None,

    /// <summary>The client takes an offer.</summary>
    Selecting,

    /// <summary>It would go on with the address it had before it was switched on.</summary>
    InitReboot,

    /// <summary>It goes on with the address that it uses: renewing, when it asks the server that gave it, rebinding, when it asks any.</summary>
    GoingOn,
}

/// <summary>A client's message, read and held against what RFC 2131 section 4.4 wants of its kind.</summary>
internal sealed class Dhcp4Client
{
    /// <summary>Octets of a client's message; a longer one is no client's.</summary>
    public const int LongestMessage = 1_500;

    private const int ShortestClientId = 2; // RFC 2132 section 9.14
    private const int LongestClientId = 255;
    private const int LeastMessage = 576;
    private const int MostMessage = 1_500;
    private const byte DuidClientId = 255; // RFC 4361 section 6.1

    private Dhcp4Client(byte[] octets) => Octets = octets;

    /// <summary>The message; the answer takes over some of it.</summary>
    public byte[] Octets { get; }

    public Dhcp4Type Type { get; private set; }

    public Dhcp4Ask Ask { get; private set; }

    /// <summary>The relay's address; null without one.</summary>
    public IPAddress? Relay { get; private set; }

    /// <summary>The address that the client uses (ciaddr); null for none.</summary>
    public AddressBlock? Using { get; private set; }

    /// <summary>The address that it names (option 50); null for none.</summary>
    public AddressBlock? Named { get; private set; }

    public IPAddress? ServerId { get; private set; }

    /// <summary>Null without one, and for one that is too short to tell clients by.</summary>
    public byte[]? ClientId { get; private set; }

    /// <summary>Option 61 as it came, which the answer has too (RFC 6842 section 3); null without it.</summary>
    public byte[]? Echo { get; private set; }

    /// <summary>What it is told by, in hexadecimal digits: its client id, else the kind of its hardware and its hardware address, which is what most client ids are.</summary>
    public string Id { get; private set; } = "";

    /// <summary>The DUID in its client id (RFC 4361), by which its DHCPv6 knows it; empty without one.</summary>
    public string Duid { get; private set; } = "";

    public byte[] Hardware { get; private set; } = [];

    public bool IsEthernet => Octets[1] == 1 && Hardware.Length == 6;

    public bool IsBroadcast { get; private set; }

    public bool WantsRapidCommit { get; private set; }

    public byte[] Requested { get; private set; } = [];

    /// <summary>Option 82; null without one.</summary>
    public RelayInformation? Information { get; private set; }

    /// <summary>Octets that an answer may have.</summary>
    public int MostOctets { get; private set; } = LeastMessage - Core.Net.LinkSender.HeaderOctets;

    /// <summary>Reads what clients send to servers.</summary>
    /// <param name="whyNot">A word for the counter of what is dropped.</param>
    public static bool TryRead(Dhcp4Message message, out Dhcp4Client client, out string whyNot)
    {
        client = new Dhcp4Client(message.Octets.ToArray());
        whyNot = "malformed";
        if (!message.IsRequest)
        {
            whyNot = "other-type";
            return false;
        }

        // One that says nothing of its hardware's address can be told by its client id alone.
        client.Hardware = message.Octets[2] <= 16 ? message.HardwareAddress.ToArray() : [];
        client.Relay = message.RelayAddress.ContainsAnyExcept((byte)0) ? new IPAddress(message.RelayAddress) : null;
        client.Using = Block(message.ClientAddress);
        client.IsBroadcast = message.IsBroadcast;
        client.Type = message.Type;
        return client.ReadOptions(message) && client.IsAsItShould(ref whyNot);
    }

    private bool ReadOptions(Dhcp4Message message)
    {
        Span<byte> scratch = stackalloc byte[LongestMessage];
        if (message.TryFind(Dhcp4Code.ClientId, scratch, out var value))
        {
            if (value.Length > LongestClientId)
            {
                return false;
            }

            Echo = value.ToArray();
            ClientId = Echo.Length >= ShortestClientId ? Echo : null;
            Duid = ClientId is [DuidClientId, _, _, _, _, _, _, _, ..] ? Convert.ToHexStringLower(ClientId.AsSpan(5)) : "";
        }

        Id = ClientId is not null ? Convert.ToHexStringLower(ClientId) : Hardware.Length > 0 ? Convert.ToHexStringLower([Octets[1], .. Hardware]) : "";
        Named = message.TryFind(Dhcp4Code.RequestedAddress, scratch, out value) && value.Length == 4 ? Block(value) : null;
        ServerId = message.TryFind(Dhcp4Code.ServerId, scratch, out value) && value.Length == 4 ? new IPAddress(value) : null;
        WantsRapidCommit = message.TryFind(Dhcp4Code.RapidCommit, scratch, out _);
        Requested = message.TryFind(Dhcp4Code.ParameterRequest, scratch, out value) ? value.ToArray() : [];
        if (message.TryFind(Dhcp4Code.LongestMessage, scratch, out value) && value.Length == 2)
        {
            MostOctets = Math.Clamp((int)BinaryPrimitives.ReadUInt16BigEndian(value), LeastMessage, MostMessage) - Core.Net.LinkSender.HeaderOctets;
        }

        if (message.TryFind(Dhcp4Code.RelayAgent, scratch, out value))
        {
            Information = RelayInformation.Read(value);
            return Information is not null;
        }

        return true;
    }

    // RFC 2131 section 4.4, table 5
    private bool IsAsItShould(ref string whyNot)
    {
        if (Id.Length == 0)
        {
            return false;
        }

        switch (Type)
        {
            case Dhcp4Type.Discover:
                return true;
            case Dhcp4Type.Request:
                Ask = ServerId is not null ? Dhcp4Ask.Selecting : Using is not null ? Dhcp4Ask.GoingOn : Dhcp4Ask.InitReboot;
                return Ask == Dhcp4Ask.GoingOn || Named is not null;
            case Dhcp4Type.Decline:
                return ServerId is not null && Named is not null;
            case Dhcp4Type.Release:
                return ServerId is not null && Using is not null;
            case Dhcp4Type.Inform:
                return Using is not null;
            default:
                whyNot = "other-type";
                return false;
        }
    }

    private static AddressBlock? Block(ReadOnlySpan<byte> octets) => octets.ContainsAnyExcept((byte)0) ? new AddressBlock(BinaryPrimitives.ReadUInt32BigEndian(octets), 32, Is6: false) : null;
}
