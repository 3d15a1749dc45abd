using System.Net;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Dhcp4;

/// <summary>An answer before it is written.</summary>
/// <param name="type"><see cref="Dhcp4Type.None"/>: nothing is sent, what is changed counts.</param>
internal sealed class Dhcp4Answer(Dhcp4Type type)
{
    // What a client that asks for nothing by number is told.
    private static readonly byte[] Usual = [Dhcp4Code.Routers, Dhcp4Code.DnsServers, Dhcp4Code.DomainName];

    public Dhcp4Type Type => type;

    /// <summary>What the client gets; null for none.</summary>
    public AddressBlock? Address { get; init; }

    /// <summary>For how long.</summary>
    public uint Seconds { get; init; }

    /// <summary>4 octets; null for none.</summary>
    public byte[]? Mask { get; init; }

    public bool IsRapid { get; init; }

    /// <summary>Why a request is refused.</summary>
    public string Words { get; init; } = "";

    /// <summary>What the client may be told of its options, by who comes first.</summary>
    public IReadOnlyList<Dhcp4Told> Told { get; init; } = [];

    /// <summary>Writes the message; 0 where it is longer than the buffer. Options that the client asked for and that are longer than it takes are left out, the last ones first (RFC 2132 section 9.10).</summary>
    /// <param name="information">Option 82 of a relay, which goes back as it came (RFC 3046 section 2.2); null for none.</param>
    public int Write(Dhcp4Client client, IPAddress server, byte[]? information, Span<byte> buffer)
    {
        if (!Dhcp4Message.TryParse(client.Octets, null, out var request, out _))
        {
            return 0;
        }

        var writer = new Dhcp4Writer(buffer, Type, request);
        Span<byte> address = stackalloc byte[4];
        server.TryWriteBytes(address, out _);
        writer.Add(Dhcp4Code.ServerId, address);
        if (Address is { } given)
        {
            given.Address.TryWriteBytes(address, out _);
            writer.SetYourAddress(address);
            AddTimes(ref writer);
        }

        if (Mask is { } mask)
        {
            writer.Add(Dhcp4Code.SubnetMask, mask);
        }

        if (IsRapid)
        {
            writer.Add(Dhcp4Code.RapidCommit, []);
        }

        // RFC 6842 section 3
        if (client.Echo is { } id)
        {
            writer.Add(Dhcp4Code.ClientId, id);
        }

        if (Type == Dhcp4Type.Nak)
        {
            writer.SetBroadcast();
            writer.Add(Dhcp4Code.Message, System.Text.Encoding.ASCII.GetBytes(Words));
        }
        else
        {
            AddTold(ref writer, client, information is null ? 0 : Length(information));
        }

        if (information is not null)
        {
            writer.Add(Dhcp4Code.RelayAgent, information);
        }

        return writer.TryFinish(out var length) ? length : 0;
    }

    private void AddTimes(ref Dhcp4Writer writer)
    {
        // RFC 2131 section 4.4.5
        writer.Add(Dhcp4Code.LeaseTime, Dhcp4Answers.Number(Seconds));
        writer.Add(Dhcp4Code.RenewalTime, Dhcp4Answers.Number(Seconds / 2));
        writer.Add(Dhcp4Code.RebindingTime, Dhcp4Answers.Number((uint)(Seconds * 7UL / 8)));
    }

    private void AddTold(ref Dhcp4Writer writer, Dhcp4Client client, int kept)
    {
        Span<bool> isTold = stackalloc bool[256];
        isTold.Clear();
        foreach (var code in client.Requested.Length > 0 ? client.Requested : Usual)
        {
            if (!isTold[code] && Find(code) is { } value && writer.Octets + Length(value) + kept + 1 <= client.MostOctets)
            {
                writer.Add(code, value);
            }

            isTold[code] = true;
        }
    }

    /// <summary>Octets of an option, which is in parts of 255 (RFC 3396).</summary>
    private static int Length(byte[] value) => value.Length + (2 * Math.Max(1, (value.Length + 254) / 255));

    private byte[]? Find(byte code)
    {
        foreach (var told in Told)
        {
            if (told.Options.TryGetValue(code, out var value))
            {
                return value;
            }
        }

        return null;
    }
}
