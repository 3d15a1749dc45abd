using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>
/// What a client of a line is answered, kind by kind as RFC 8415 section 18.3 has them. For one message, with the book's turn held. A suspended line has the walled garden's name servers and short lifetimes
/// where there is a garden, else nothing.
/// </summary>
internal sealed class AnswerMaker(LeaseDesk desk, PoolAnswers answers, Dhcp6Notes notes, MessageLimit declines, Dhcp6ServerOptions options, LeaseAsker asker, LeaseChanges changes)
{
    private readonly bool _isWalled = asker.Line.SuspendedFor is not null;

    /// <summary>Suspended, and no garden to be put in.</summary>
    private bool IsShutOut => _isWalled && answers.WalledGarden is null;

    /// <summary>Null for no answer.</summary>
    public Answer? Make(ClientMessage client)
    {
        foreach (var association in client.Associations)
        {
            if (association.Kind is { } kind && desk.Find(asker, association.Iaid, kind) is { } had)
            {
                changes.Own.Add(had.Id);
            }
        }

        return client.Type switch
        {
            Dhcp6Type.Solicit => Solicited(client),
            Dhcp6Type.Request => Granted(client, isRapid: false),
            Dhcp6Type.Renew => Renewed(client, isRebind: false),
            Dhcp6Type.Rebind => Renewed(client, isRebind: true),
            Dhcp6Type.Release => Returned(client, LeaseState.Released),
            Dhcp6Type.Decline => Returned(client, LeaseState.Declined),
            Dhcp6Type.Confirm => Confirmed(client),
            Dhcp6Type.InformationRequest => new Answer(Dhcp6Type.Reply) { Told = Told() },
            _ => null,
        };
    }

    // RFC 8415 section 18.3.1 and 18.3.9
    private Answer Solicited(ClientMessage client)
    {
        if (client.WantsRapidCommit && options.RapidCommit && !IsShutOut)
        {
            var rapid = Granted(client, isRapid: true);
            if (rapid.Associations.Exists(static association => association.Parts.Count > 0))
            {
                return rapid;
            }
        }

        var answer = new Answer(Dhcp6Type.Advertise) { Told = Told() };
        foreach (var association in client.Associations)
        {
            answer.Associations.Add(Give(association, commits: false));
        }

        return answer;
    }

    // RFC 8415 section 18.3.2
    private Answer Granted(ClientMessage client, bool isRapid)
    {
        var answer = new Answer(Dhcp6Type.Reply) { Told = Told(), IsRapid = isRapid };
        foreach (var association in client.Associations)
        {
            var isElsewhere = !isRapid && association.Kind == LeaseKind.Address && association.Named.Any(address => desk.IsOnLink(asker.Line, address) == false);
            answer.Associations.Add(isElsewhere ? new AnsweredAssociation(association.Kind, association.Iaid, [], Dhcp6Status.NotOnLink) : Give(association, commits: true));
        }

        return answer;
    }

    // RFC 8415 section 18.3.4 and 18.3.5
    private Answer? Renewed(ClientMessage client, bool isRebind)
    {
        var answer = new Answer(Dhcp6Type.Reply) { Told = Told() };
        var isKnown = false;
        foreach (var association in client.Associations)
        {
            if (association.Kind is not { } kind || desk.Find(asker, association.Iaid, kind) is not { } lease)
            {
                answer.Associations.Add(new AnsweredAssociation(association.Kind, association.Iaid, [], Dhcp6Status.NoBinding));
                continue;
            }

            isKnown = true;
            var parts = association.Named.Where(block => block != lease.Prefix).Select(static block => new AnsweredPart(block, 0, 0)).ToList();
            if (IsShutOut || !desk.IsRight(lease, asker.Line))
            {
                parts.Add(new AnsweredPart(lease.Prefix, 0, 0));
                desk.End(lease, LeaseState.Withdrawn, changes);
                if (IsShutOut)
                {
                    NoteRefused(kind, "suspended");
                }
                else if (desk.Grant(asker, kind, association.Iaid, Lifetimes(kind).Valid, commits: true, changes, out var refusal) is { } other)
                {
                    parts.Insert(0, PartOf(other));
                }
                else
                {
                    NoteRefused(kind, refusal.ToString());
                }
            }
            else
            {
                parts.Insert(0, PartOf(desk.Extend(lease, asker, Lifetimes(kind).Valid, changes)));
            }

            answer.Associations.Add(new AnsweredAssociation(kind, association.Iaid, parts));
        }

        // Another server may know more.
        return isKnown || !isRebind ? answer : null;
    }

    // RFC 8415 section 18.3.7 and 18.3.8
    private Answer Returned(ClientMessage client, LeaseState state)
    {
        var answer = new Answer(Dhcp6Type.Reply) { Status = Dhcp6Status.Success };
        foreach (var association in client.Associations)
        {
            if (association.Kind is not { } kind || desk.Find(asker, association.Iaid, kind) is not { } lease)
            {
                answer.Associations.Add(new AnsweredAssociation(association.Kind, association.Iaid, [], Dhcp6Status.NoBinding));
            }
            else if (association.Named.Contains(lease.Prefix) && (state != LeaseState.Declined || kind == LeaseKind.Address))
            {
                Return(lease, state);
            }
        }

        return answer;
    }

    private void Return(Lease lease, LeaseState state)
    {
        if (state == LeaseState.Declined)
        {
            notes.Note(Dhcp6Events.Declined, asker.Line.LineId, asker.Line.TenantPath, new() { ["address"] = lease.Prefix.ToString(), ["duid"] = asker.Duid });
            state = declines.MayCome(asker.Line.LineId, out _) ? state : LeaseState.Released;
        }

        desk.End(lease, state, changes);
    }

    // RFC 8415 section 18.3.3
    private Answer? Confirmed(ClientMessage client)
    {
        var named = client.Associations.Where(static association => association.Kind != LeaseKind.Prefix).SelectMany(static association => association.Named).ToList();
        if (named.Count == 0)
        {
            return null;
        }

        var onLink = named.ConvertAll(address => desk.IsOnLink(asker.Line, address));
        return onLink.Contains(null) ? null : new Answer(Dhcp6Type.Reply) { Status = onLink.TrueForAll(static isOnLink => isOnLink == true) ? Dhcp6Status.Success : Dhcp6Status.NotOnLink };
    }

    private AnsweredAssociation Give(AskedAssociation association, bool commits)
    {
        if (association.Kind is not { } kind)
        {
            return new AnsweredAssociation(null, association.Iaid, [], Dhcp6Status.NoAddrsAvail);
        }

        var none = kind == LeaseKind.Prefix ? Dhcp6Status.NoPrefixAvail : Dhcp6Status.NoAddrsAvail;
        if (IsShutOut)
        {
            NoteRefused(kind, "suspended");
            return new AnsweredAssociation(kind, association.Iaid, [], none);
        }

        if (desk.Grant(asker, kind, association.Iaid, Lifetimes(kind).Valid, commits, changes, out var refusal) is { } lease)
        {
            return new AnsweredAssociation(kind, association.Iaid, [PartOf(lease)]);
        }

        if (refusal != LeaseRefusal.NoneForLine)
        {
            NoteRefused(kind, refusal.ToString());
        }

        return new AnsweredAssociation(kind, association.Iaid, [], none);
    }

    private AnsweredPart PartOf(Lease lease) => new(lease.Prefix, Lifetimes(lease.Kind).Preferred, Lifetimes(lease.Kind).Valid);

    private PoolAnswer Lifetimes(LeaseKind kind) => _isWalled && answers.WalledGarden is { } garden ? garden : OfLine(kind);

    private PoolAnswer OfLine(LeaseKind kind) => answers.Of(kind == LeaseKind.Prefix ? asker.Line.Addresses.DelegatedPool : asker.Line.Addresses.V6Pool);

    private PoolAnswer[] Told() =>
        _isWalled && answers.WalledGarden is { } garden ? [garden, OfLine(LeaseKind.Prefix), OfLine(LeaseKind.Address), answers.Default] : [OfLine(LeaseKind.Prefix), OfLine(LeaseKind.Address), answers.Default];

    private void NoteRefused(LeaseKind kind, string reason) =>
        notes.Note(Dhcp6Events.Refused, asker.Line.LineId, asker.Line.TenantPath, new() { ["what"] = kind == LeaseKind.Prefix ? "prefix" : "address", ["reason"] = reason, ["duid"] = asker.Duid });
}
