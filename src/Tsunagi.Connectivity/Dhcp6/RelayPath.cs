using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>One relay around a client's message, and what it says about the client.</summary>
internal sealed class RelayHop
{
    /// <summary>RFC 8357: the relay says from which port it sends, and wants the answer there.</summary>
    public const ushort SourcePort = 135;

    private RelayHop(Dhcp6Message message)
    {
        HopCount = message.HopCount;
        Link = message.LinkAddress.ToArray();
        Peer = message.PeerAddress.ToArray();
        foreach (var option in message.Options)
        {
            switch (option.Code)
            {
                case Dhcp6Code.InterfaceId:
                    InterfaceId = option.Value.ToArray();
                    break;
                case Dhcp6Code.RemoteId when option.Value.Length > 4:
                    // RFC 4649 section 3: an enterprise's number stands before it.
                    RemoteId = option.Value[4..].ToArray();
                    break;
                case Dhcp6Code.SubscriberId:
                    SubscriberId = option.Value.ToArray();
                    break;
                case Dhcp6Code.ClientLinkLayerAddress when option.Value.Length > 2:
                    Hardware = option.Value[2..].ToArray();
                    break;
                case SourcePort when option.Value.Length == 2:
                    Port = option.Value.ToArray();
                    break;
            }
        }
    }

    public byte HopCount { get; }

    public byte[] Link { get; }

    public byte[] Peer { get; }

    public byte[]? InterfaceId { get; }

    public byte[]? RemoteId { get; }

    public byte[]? SubscriberId { get; }

    public byte[]? Hardware { get; }

    /// <summary>The option as it came; null where it did not.</summary>
    public byte[]? Port { get; }

    /// <summary>Interface-Id is a line's circuit id.</summary>
    public RelayedPlace Place => new(InterfaceId, RemoteId, SubscriberId);

    /// <summary>The relays around a message, the one that sent the datagram first; false for more than may be, or none that can be read inside.</summary>
    public static bool TryUnwrap(Dhcp6Message message, int most, List<RelayHop> hops, out Dhcp6Message client)
    {
        client = message;
        while (client.IsRelay)
        {
            if (client.Type != Dhcp6Type.RelayForward || hops.Count >= most)
            {
                return false;
            }

            hops.Add(new RelayHop(client));
            if (!client.TryInner(null, out var inner))
            {
                return false;
            }

            client = inner;
        }

        return true;
    }
}
