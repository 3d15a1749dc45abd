using System.Buffers.Binary;
using System.Net;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>An identity association as a client named it.</summary>
/// <param name="Kind">Null for temporary addresses (IA_TA), which are not given here.</param>
/// <param name="Named">The addresses or prefixes in it; ones that cannot be, such as a prefix with bits behind its length, are left out.</param>
internal sealed record AskedAssociation(LeaseKind? Kind, uint Iaid, IReadOnlyList<AddressBlock> Named);

/// <summary>A client's message, read and held against what RFC 8415 section 16 wants of its kind.</summary>
internal sealed class ClientMessage
{
    private const int ShortestDuid = 3;
    private const int LongestDuid = 130; // RFC 8415 section 11.1: 2 octets of type, 1 to 128 behind them

    private ClientMessage(Dhcp6Message message)
    {
        Type = message.Type;
        TransactionId = message.TransactionId;
    }

    public Dhcp6Type Type { get; }

    public int TransactionId { get; }

    public byte[] ClientId { get; private set; } = [];

    /// <summary>The client's DUID in hexadecimal digits; empty where an Information-request has none.</summary>
    public string Duid { get; private set; } = "";

    public byte[]? ServerId { get; private set; }

    public bool WantsRapidCommit { get; private set; }

    public IReadOnlyList<ushort> Requested { get; private set; } = [];

    public IReadOnlyList<AskedAssociation> Associations { get; private set; } = [];

    /// <summary>Reads what clients send to servers.</summary>
    /// <param name="whyNot">A word for the counter of what is dropped.</param>
    public static bool TryRead(Dhcp6Message message, ReadOnlySpan<byte> ownDuid, int mostAssociations, out ClientMessage client, out string whyNot)
    {
        client = new ClientMessage(message);
        whyNot = "malformed";
        var associations = new List<AskedAssociation>();
        foreach (var option in message.Options)
        {
            switch (option.Code)
            {
                case Dhcp6Code.ClientId:
                    client.ClientId = option.Value.ToArray();
                    break;
                case Dhcp6Code.ServerId:
                    client.ServerId = option.Value.ToArray();
                    break;
                case Dhcp6Code.RapidCommit:
                    client.WantsRapidCommit = true;
                    break;
                case Dhcp6Code.OptionRequest:
                    client.Requested = Codes(option.Value);
                    break;
                case Dhcp6Code.IaNa or Dhcp6Code.IaPd or Dhcp6Code.IaTa:
                    if (associations.Count >= mostAssociations || !TryReadAssociation(option, out var association))
                    {
                        return false;
                    }

                    associations.Add(association!);
                    break;
            }
        }

        client.Associations = associations;
        client.Duid = Convert.ToHexStringLower(client.ClientId);
        return client.IsAsItShould(ownDuid, ref whyNot);
    }

    // RFC 8415 section 16.2 to 16.12
    private bool IsAsItShould(ReadOnlySpan<byte> ownDuid, ref string whyNot)
    {
        if (ClientId.Length is < ShortestDuid or > LongestDuid && !(Type == Dhcp6Type.InformationRequest && ClientId.Length == 0))
        {
            return false;
        }

        switch (Type)
        {
            case Dhcp6Type.Solicit or Dhcp6Type.Confirm or Dhcp6Type.Rebind:
                return ServerId is null;
            case Dhcp6Type.Request or Dhcp6Type.Renew or Dhcp6Type.Decline or Dhcp6Type.Release:
                whyNot = "other-server";
                return ServerId is not null && ownDuid.SequenceEqual(ServerId);
            case Dhcp6Type.InformationRequest:
                whyNot = ServerId is null ? whyNot : "other-server";
                return Associations.Count == 0 && (ServerId is null || ownDuid.SequenceEqual(ServerId));
            default:
                whyNot = "other-type";
                return false;
        }
    }

    private static ushort[] Codes(ReadOnlySpan<byte> octets)
    {
        var codes = new ushort[octets.Length / 2];
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = BinaryPrimitives.ReadUInt16BigEndian(octets[(2 * i)..]);
        }

        return codes;
    }

    private static bool TryReadAssociation(Dhcp6Option option, out AskedAssociation? association)
    {
        association = null;
        var before = option.Code == Dhcp6Code.IaTa ? 4 : 12;
        if (!option.TryOptions(before, out var inner))
        {
            return false;
        }

        var named = new List<AddressBlock>();
        foreach (var each in inner)
        {
            if (option.Code == Dhcp6Code.IaPd && each.Code == Dhcp6Code.IaPrefix && each.Value.Length >= 25 && each.Value[8] is >= 1 and <= 128)
            {
                var prefix = AddressBlock.From(new IPAddress(each.Value.Slice(9, 16)), 128);
                if (prefix.At(each.Value[8]).Base == prefix.Base)
                {
                    named.Add(prefix.At(each.Value[8]));
                }
            }
            else if (option.Code != Dhcp6Code.IaPd && each.Code == Dhcp6Code.IaAddress && each.Value.Length >= 24)
            {
                named.Add(AddressBlock.From(new IPAddress(each.Value[..16]), 128));
            }
        }

        association = new AskedAssociation(
            option.Code switch { Dhcp6Code.IaNa => LeaseKind.Address, Dhcp6Code.IaPd => LeaseKind.Prefix, _ => null }, BinaryPrimitives.ReadUInt32BigEndian(option.Value), named);
        return true;
    }
}
