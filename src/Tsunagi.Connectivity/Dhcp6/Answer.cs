using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>Status codes (RFC 8415 section 21.13).</summary>
internal enum Dhcp6Status : ushort
{
    Success = 0,
    NoAddrsAvail = 2,
    NoBinding = 3,
    NotOnLink = 4,
    UseMulticast = 5,
    NoPrefixAvail = 6,
}

/// <summary>An address or prefix as it is told, lifetimes in seconds; 0 says that it is not to be used any more.</summary>
internal readonly record struct AnsweredPart(AddressBlock Block, uint Preferred, uint Valid);

/// <summary>An identity association of an answer.</summary>
/// <param name="Kind">Null for temporary addresses.</param>
/// <param name="Status">Success is not written.</param>
internal sealed record AnsweredAssociation(LeaseKind? Kind, uint Iaid, IReadOnlyList<AnsweredPart> Parts, Dhcp6Status Status = Dhcp6Status.Success);

/// <summary>An answer before it is written.</summary>
internal sealed class Answer(Dhcp6Type type)
{
    public Dhcp6Type Type => type;

    public List<AnsweredAssociation> Associations { get; } = [];

    /// <summary>Of the whole message; null for none.</summary>
    public Dhcp6Status? Status { get; init; }

    public bool IsRapid { get; init; }

    /// <summary>What the client may be told of its options, by who comes first.</summary>
    public IReadOnlyList<PoolAnswer> Told { get; init; } = [];

    /// <summary>Writes the message, and the relays' around it, the one that the datagram came from outermost; 0 where it is longer than the buffers.</summary>
    /// <param name="buffer">The answer ends up in it.</param>
    /// <param name="spare">As long; overwritten.</param>
    public int Write(ClientMessage client, ReadOnlySpan<byte> ownDuid, int preference, IReadOnlyList<RelayHop> hops, Span<byte> buffer, Span<byte> spare)
    {
        var own = hops.Count % 2 == 0 ? buffer : spare;
        var other = hops.Count % 2 == 0 ? spare : buffer;
        var writer = new Dhcp6Writer(own, Type, client.TransactionId);
        if (client.ClientId.Length > 0)
        {
            writer.Add(Dhcp6Code.ClientId, client.ClientId);
        }

        writer.Add(Dhcp6Code.ServerId, ownDuid);
        if (Type == Dhcp6Type.Advertise && preference > 0)
        {
            writer.Add(Dhcp6Code.Preference, [(byte)preference]);
        }

        if (IsRapid)
        {
            writer.AddFlag(Dhcp6Code.RapidCommit);
        }

        WriteAssociations(ref writer);
        if (Status is { } status)
        {
            writer.AddStatus((ushort)status, Words(status));
        }

        foreach (var code in client.Requested.Distinct())
        {
            foreach (var told in Told)
            {
                if (told.Options.TryGetValue(code, out var value))
                {
                    writer.Add(code, value);
                    break;
                }
            }
        }

        return writer.TryFinish(out var length) ? Wrap(hops, own, other, length) : 0;
    }

    // RFC 8415 section 19.3: inside out, each with what its relay wants back.
    private static int Wrap(IReadOnlyList<RelayHop> hops, Span<byte> own, Span<byte> other, int length)
    {
        for (var i = hops.Count - 1; i >= 0; i--)
        {
            var hop = hops[i];
            var writer = new Dhcp6Writer(other, Dhcp6Type.RelayReply, hop.HopCount, hop.Link, hop.Peer);
            if (hop.InterfaceId is { } id)
            {
                writer.Add(Dhcp6Code.InterfaceId, id);
            }

            if (hop.Port is { } port)
            {
                writer.Add(RelayHop.SourcePort, port);
            }

            writer.Add(Dhcp6Code.RelayMessage, own[..length]);
            if (!writer.TryFinish(out length))
            {
                return 0;
            }

            var written = other;
            other = own;
            own = written;
        }

        return length;
    }

    private void WriteAssociations(ref Dhcp6Writer writer)
    {
        // RFC 8415 section 18.3.2: one time for all that the client has of us.
        var preferred = Associations.SelectMany(static each => each.Parts).Where(static part => part.Preferred > 0).Select(static part => part.Preferred).DefaultIfEmpty().Min();
        foreach (var association in Associations)
        {
            var (t1, t2) = association.Parts.Any(static part => part.Valid > 0) ? (preferred / 2, (uint)(preferred * 4UL / 5)) : (0, 0);
            int mark;
            if (association.Kind is { } kind)
            {
                mark = writer.BeginAssociation(kind == LeaseKind.Prefix ? Dhcp6Code.IaPd : Dhcp6Code.IaNa, association.Iaid, t1, t2);
            }
            else
            {
                mark = writer.BeginTemporary(association.Iaid);
            }

            foreach (var part in association.Parts)
            {
                writer.End(association.Kind == LeaseKind.Prefix
                    ? writer.BeginPrefix(part.Block.ToNetwork(), part.Preferred, part.Valid)
                    : writer.BeginAddress(part.Block.Address, part.Preferred, part.Valid));
            }

            if (association.Status != Dhcp6Status.Success)
            {
                writer.AddStatus((ushort)association.Status, Words(association.Status));
            }

            writer.End(mark);
        }
    }

    private static ReadOnlySpan<byte> Words(Dhcp6Status status) => status switch
    {
        Dhcp6Status.NoAddrsAvail => "this line has no address to give"u8,
        Dhcp6Status.NoPrefixAvail => "this line has no prefix to give"u8,
        Dhcp6Status.NoBinding => "nothing is known of this association"u8,
        Dhcp6Status.NotOnLink => "an address is not of this link"u8,
        Dhcp6Status.UseMulticast => "this server is asked by multicast"u8,
        _ => default,
    };
}
