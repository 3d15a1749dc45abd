using System.Net;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Dhcp4;

/// <summary>
/// What a client of a line is answered, kind by kind as RFC 2131 section 4.3 has them. For one message, with the book's turn held. A Nak says that an address is certainly not this client's; where it might
/// be our own lack (another node's lease that is not known here yet, or is known as it was; a book that is full) nothing is said. A suspended line has the walled garden's name servers and short leases where there is a garden, else
/// nothing.
/// </summary>
/// <param name="own">Addresses of this server.</param>
/// <param name="link">An address of the client's link, as its relay names it (RFC 3527); null where it does not.</param>
internal sealed class Dhcp4AnswerMaker(
    LeaseDesk desk, LeaseBook book, AddressShares shares, Dhcp4Answers answers, Dhcp4Notes notes, MessageLimit declines, Dhcp4ServerOptions options, IReadOnlySet<IPAddress> own, LeaseAsker asker, IPAddress? link, LeaseChanges changes)
{
    private const LeaseKind Kind = LeaseKind.Address4;

    private readonly bool _isWalled = asker.Line.SuspendedFor is not null;
    private readonly Dhcp4Told _ofLine = answers.Of(asker.Line.Addresses);

    /// <summary>Suspended, and no garden to be put in.</summary>
    private bool IsShutOut => _isWalled && answers.WalledGarden is null;

    private uint Seconds => _isWalled && answers.WalledGarden is { } garden ? garden.Seconds : _ofLine.Seconds;

    private Dhcp4Told[] Told => _isWalled && answers.WalledGarden is { } garden ? [garden, _ofLine] : [_ofLine];

    /// <summary>Null for no answer.</summary>
    public Dhcp4Answer? Make(Dhcp4Client client) => client.Type switch
    {
        Dhcp4Type.Discover => Offered(client),
        Dhcp4Type.Request when client.Ask == Dhcp4Ask.Selecting => Taken(client.Named!.Value),
        Dhcp4Type.Request => GoesOn(client.Ask, client.Ask == Dhcp4Ask.GoingOn ? client.Using!.Value : client.Named!.Value),
        Dhcp4Type.Decline => Returned(client.Named!.Value, LeaseState.Declined),
        Dhcp4Type.Release => Returned(client.Using!.Value, LeaseState.Released),
        Dhcp4Type.Inform when !IsShutOut => new Dhcp4Answer(Dhcp4Type.Ack) { Told = Told, Mask = MaskOf(null) },
        _ => null,
    };

    // RFC 2131 section 4.3.1; RFC 4039 section 3
    private Dhcp4Answer? Offered(Dhcp4Client client)
    {
        if (IsShutOut || IsOtherLink())
        {
            NoteRefused(IsShutOut ? "suspended" : "OtherLink");
            return null;
        }

        // Who can do without IPv4 is only offered it (RFC 8925): it decides before anything is its own.
        var isRapid = client.WantsRapidCommit && options.RapidCommit && !(client.Requested.Contains(Dhcp4Code.Ipv6OnlyPreferred) && _ofLine.Options.ContainsKey(Dhcp4Code.Ipv6OnlyPreferred));
        var lease = desk.Grant(asker with { Named = client.Named, MayHave = MayHave }, Kind, 0, Seconds, isRapid, changes, out var refusal);
        if (lease is null)
        {
            NoteRefused(refusal);
            return null;
        }

        return isRapid ? Given(Dhcp4Type.Ack, lease, isRapid: true) : Given(Dhcp4Type.Offer, lease);
    }

    // RFC 2131 section 4.3.2: SELECTING
    private Dhcp4Answer? Taken(AddressBlock named)
    {
        if (IsShutOut)
        {
            return ShutOut();
        }

        var lease = Grant(asker with { Named = named, MayHave = MayHave }, named, out var refusal, out var isOther);
        if (lease is not null)
        {
            return Given(Dhcp4Type.Ack, lease);
        }

        if (!isOther)
        {
            NoteRefused(refusal);
        }

        return isOther || refusal is LeaseRefusal.NoneForLine or LeaseRefusal.AsManyAsMay or LeaseRefusal.PoolUnfit or LeaseRefusal.OtherVrf ? Nak("that is not what is offered") : null;
    }

    // RFC 2131 section 4.3.2: INIT-REBOOT, RENEWING, REBINDING
    private Dhcp4Answer? GoesOn(Dhcp4Ask ask, AddressBlock address)
    {
        if (IsShutOut)
        {
            return ShutOut();
        }

        if (desk.Find(asker, 0, Kind) is { } had)
        {
            if (had.Prefix != address)
            {
                return desk.IsOurs(had) ? Nak("another address is yours") : null;
            }

            if (!desk.IsRight(had, asker.Line))
            {
                desk.End(had, LeaseState.Withdrawn, changes);
                return Nak("the line has another address now");
            }

            return Given(Dhcp4Type.Ack, desk.Extend(had, asker, Seconds, changes));
        }

        if (book.OfPart(address) is { } holder)
        {
            // What another node gave may have changed since that was heard; one of the client's own that is over is that node's to judge, too.
            return !desk.IsOurs(holder) || (holder.LineId == asker.Line.LineId && holder.Duid == asker.Duid) ? null : Nak("the address is another's");
        }

        if (desk.IsOnLink(asker.Line, address) == false || IsOtherLink())
        {
            return Nak("the address is not of this link");
        }

        // Nothing is known of it: the line's own is the line's; who goes on with one of a pool got it of the server that was here before, or of a node that has not said so yet.
        var isOwn = asker.Line.Addresses.V4 is { } own && AddressBlock.Of(own) == address;
        return isOwn || (options.AdoptLeases && ask == Dhcp4Ask.GoingOn) ? Grant(asker with { Named = address, OnlyNamed = true, MayHave = MayHave }, address, out _, out _) is { } lease ? Given(Dhcp4Type.Ack, lease) : null : null;
    }

    // RFC 2131 section 4.3.3 and 4.3.4: neither is answered.
    private Dhcp4Answer? Returned(AddressBlock address, LeaseState state)
    {
        if (desk.Find(asker, 0, Kind) is not { } lease || lease.Prefix != address)
        {
            return null;
        }

        if (state == LeaseState.Declined)
        {
            notes.Note(Dhcp4Events.Declined, asker.Line.LineId, asker.Line.TenantPath, new() { ["address"] = lease.Prefix.ToString(), ["client"] = asker.Duid });
            state = declines.MayCome(asker.Line.LineId, out _) ? state : LeaseState.Released;
        }

        desk.End(lease, state, changes);
        return new Dhcp4Answer(Dhcp4Type.None);
    }

    /// <summary>The address, or nothing is changed.</summary>
    private Lease? Grant(LeaseAsker asks, AddressBlock address, out LeaseRefusal refusal, out bool isOther)
    {
        var would = desk.Grant(asks, Kind, 0, Seconds, commits: false, changes, out refusal);
        changes.Promised.Clear();
        isOther = would is not null && would.Prefix != address;
        return would is null || isOther ? null : desk.Grant(asks, Kind, 0, Seconds, commits: true, changes, out refusal);
    }

    private Dhcp4Answer ShutOut()
    {
        if (desk.Find(asker, 0, Kind) is { } had)
        {
            desk.End(had, LeaseState.Withdrawn, changes);
        }

        NoteRefused("suspended");
        return Nak("the line has no address now");
    }

    private bool IsOtherLink() => link is not null && Subnet() is { } subnet && !subnet.Contains(AddressBlock.Of(link));

    // Of the link; null where it is not known. The subnet of all pools that have no settings of their own is that of those which lie in it.
    private AddressBlock? Subnet()
    {
        var pool = PoolBlock();
        return _ofLine.Subnet is { } subnet && (!ReferenceEquals(_ofLine, answers.Default) || ((asker.Line.Addresses.V4 is { } own ? AddressBlock.Of(own) : pool) is { } has && subnet.Contains(has))) ? subnet : pool;
    }

    private AddressBlock? PoolBlock() => asker.Line.Addresses is { V4: null, V4Pool: { Length: > 0 } pool } && shares.PoolOf(pool)?.Block is { Is6: false } block ? block : null;

    private Dhcp4Answer Given(Dhcp4Type type, Lease lease, bool isRapid = false) => new(type) { Address = lease.Prefix, Seconds = Seconds, Mask = MaskOf(lease), Told = Told, IsRapid = isRapid };

    private static Dhcp4Answer Nak(string words) => new(Dhcp4Type.Nak) { Words = words };

    // Not the subnet's own address and its broadcast address, a router's, or ours.
    private bool MayHave(AddressBlock part)
    {
        if (_ofLine.Routers.Contains(part) || own.Contains(part.Address))
        {
            return false;
        }

        return Subnet() is not { Length: < 31 } subnet || (part.Base != subnet.Base && part.Base != subnet.Last);
    }

    // The line's own mask, the subnet that configuration names, the pool's prefix; else the address is alone.
    private byte[]? MaskOf(Lease? lease)
    {
        if (asker.Line.Addresses is { V4: not null, V4Netmask: { } own })
        {
            return own.GetAddressBytes();
        }

        if (Subnet() is { } subnet && (lease is null || subnet.Contains(lease.Prefix)))
        {
            return Dhcp4Answers.Number(subnet.Length == 0 ? 0 : uint.MaxValue << (32 - subnet.Length));
        }

        return lease is null ? null : Dhcp4Answers.Number(uint.MaxValue);
    }

    private void NoteRefused(LeaseRefusal refusal)
    {
        if (refusal != LeaseRefusal.NoneForLine)
        {
            NoteRefused(refusal.ToString());
        }
    }

    private void NoteRefused(string reason) => notes.Note(Dhcp4Events.Refused, asker.Line.LineId, asker.Line.TenantPath, new() { ["what"] = "address", ["reason"] = reason, ["client"] = asker.Duid });
}
