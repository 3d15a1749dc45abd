using System.Net;
using Tsunagi.Connectivity.Dhcp;

namespace Tsunagi.Connectivity.Dhcp4;

/// <summary>What a relay says around a client's message (option 82, RFC 3046); it goes back as it came.</summary>
internal sealed class RelayInformation
{
    private const byte CircuitId = 1;
    private const byte RemoteId = 2;
    private const byte LinkSelection = 5; // RFC 3527
    private const byte SubscriberId = 6; // RFC 3993
    private const byte ServerOverride = 11; // RFC 5107
    private const byte SourcePort = 19; // RFC 8357

    private RelayInformation(byte[] octets) => Octets = octets;

    public byte[] Octets { get; }

    public RelayedPlace Place { get; private set; }

    /// <summary>An address of the client's link, where that is not the relay's own; null where it is not said.</summary>
    public IPAddress? Link { get; private set; }

    /// <summary>What the client shall know the server by; null where it is not said.</summary>
    public IPAddress? Server { get; private set; }

    /// <summary>The relay wants answers at the port that it sent from.</summary>
    public bool HasPort { get; private set; }

    /// <summary>Null where its suboptions are not whole.</summary>
    public static RelayInformation? Read(ReadOnlySpan<byte> octets)
    {
        var read = new RelayInformation(octets.ToArray());
        var place = default(RelayedPlace);
        for (var at = 0; at < octets.Length;)
        {
            if (octets.Length - at < 2 || octets[at + 1] > octets.Length - at - 2)
            {
                return null;
            }

            var value = octets.Slice(at + 2, octets[at + 1]);
            switch (octets[at])
            {
                case CircuitId:
                    place = place with { CircuitId = value.ToArray() };
                    break;
                case RemoteId:
                    place = place with { RemoteId = value.ToArray() };
                    break;
                case SubscriberId:
                    place = place with { SubscriberId = value.ToArray() };
                    break;
                case LinkSelection when value.Length == 4:
                    read.Link = new IPAddress(value);
                    break;
                case ServerOverride when value.Length == 4:
                    read.Server = new IPAddress(value);
                    break;
                case SourcePort:
                    read.HasPort = true;
                    break;
            }

            at += 2 + value.Length;
        }

        read.Place = place;
        return read;
    }
}
