using System.Diagnostics;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Leases;

/// <summary>
/// The leases that last, of all nodes as far as this one knows, in memory. Whoever decides by it and changes it holds <see cref="Turn"/> from its first look to its last change, so that two messages
/// never get the same; nothing here waits for anything. Routes of delegated prefixes follow it.
/// </summary>
internal sealed class LeaseBook(DelegatedRoutes routes)
{
    private const long ForeignAgainMicros = 60 * UnixMicros.PerSecond;

    private readonly Dictionary<string, List<Lease>> _byLine = new(StringComparer.Ordinal);
    private readonly Dictionary<AddressBlock, Lease> _byPart = [];
    private readonly Dictionary<string, Lease> _byId = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, long> _ends = new();
    private readonly HashSet<string> _waits = new(StringComparer.Ordinal);
    private readonly Dictionary<AddressBlock, Lease> _resting = [];
    private readonly Dictionary<string, Lease> _ending = new(StringComparer.Ordinal);

    public Lock Turn { get; } = new();

    /// <summary>Of both families.</summary>
    public int Bound => _byId.Count;

    /// <summary>Of DHCPv4.</summary>
    public int Bound4 { get; private set; }

    /// <summary>What is held of a pool, and what was declined and rests: line, part, and when it is free again (null while it is held). For whoever opens the pool; takes the turn.</summary>
    public List<(string Line, AddressBlock Part, long? FreeAt)> HeldOf(string pool)
    {
        lock (Turn)
        {
            var held = new List<(string, AddressBlock, long?)>();
            held.AddRange(_resting.Values.Where(lease => lease.Pool == pool).Select(static lease => (lease.LineId, lease.Part, (long?)lease.FreeAt)));
            held.AddRange(_byId.Values.Where(lease => lease.Pool == pool).Select(static lease => (lease.LineId, lease.Part, (long?)null)));
            return held;
        }
    }

    /// <summary>What was declined is remembered until it may be given again.</summary>
    public void Rest(Lease declined) => _resting[declined.Part] = declined;

    public void ForgetRested(long now)
    {
        foreach (var (part, _) in _resting.Where(each => each.Value.FreeAt <= now).ToList())
        {
            _resting.Remove(part);
        }
    }

    /// <summary>The lease of a client's IA; the one heard last where two nodes gave one each.</summary>
    public Lease? Find(string line, string duid, uint iaid, LeaseKind kind)
    {
        Lease? found = null;
        foreach (var lease in OfLine(line))
        {
            if (lease.Kind == kind && lease.Iaid == iaid && lease.Duid == duid && (found is null || lease.HeardAt > found.HeardAt))
            {
                found = lease;
            }
        }

        return found;
    }

    public IReadOnlyList<Lease> OfLine(string line) => _byLine.TryGetValue(line, out var leases) ? leases : [];

    /// <summary>Who has a part; null when nobody known.</summary>
    public Lease? OfPart(AddressBlock part) => _byPart.GetValueOrDefault(part);

    /// <summary>The same for whoever does not hold the turn.</summary>
    public bool IsHeld(AddressBlock part)
    {
        lock (Turn)
        {
            return _byPart.ContainsKey(part);
        }
    }

    public Lease? ById(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Of a line that has as many as it may: the one of the client that was heard longest ago.</summary>
    /// <param name="except">A lease that does not count; null for none.</param>
    public Lease? Oldest(string line, LeaseKind kind, int most, Lease? except)
    {
        var count = 0;
        Lease? oldest = null;
        foreach (var lease in OfLine(line))
        {
            if (lease.Kind == kind && lease.Id != except?.Id)
            {
                count++;
                oldest = oldest is null || lease.HeardAt < oldest.HeardAt ? lease : oldest;
            }
        }

        return count < most ? null : oldest;
    }

    /// <summary>A lease is so from now on, in place of what was known of it; one that ended is gone.</summary>
    public void Put(Lease lease)
    {
        Remove(lease.Id);
        if (!lease.IsBound)
        {
            Follow(lease);
            return;
        }

        _byId.Add(lease.Id, lease);
        Bound4 += lease.Kind == LeaseKind.Address4 ? 1 : 0;
        if (!_byLine.TryGetValue(lease.LineId, out var leases))
        {
            _byLine.Add(lease.LineId, leases = new List<Lease>(1));
        }

        leases.Add(lease);
        _byPart[lease.Part] = lease;
        if (_waits.Add(lease.Id))
        {
            _ends.Enqueue(lease.Id, lease.ValidUntil);
        }

        Follow(lease);
    }

    /// <summary>What another node, or the store, knows; true when it is newer than what is known here.</summary>
    public bool Learn(Lease lease)
    {
        if (_byId.TryGetValue(lease.Id, out var known) && known.ChangedAt >= lease.ChangedAt)
        {
            return false;
        }

        Put(lease);
        return true;
    }

    /// <summary>The end of a lease is on its way to the disk; until <see cref="TryEnd"/> it is there, and its client may come again.</summary>
    public void Ending(Lease ended) => _ending[ended.Id] = ended;

    /// <summary>A lease as it will have ended; null where its end is not being written.</summary>
    public Lease? EndOf(string id) => _ending.GetValueOrDefault(id);

    /// <summary>It ended, if it is still as its end was written down; false when its client has come again meanwhile.</summary>
    public bool TryEnd(Lease asItWas)
    {
        if (!_byId.TryGetValue(asItWas.Id, out var now) || !ReferenceEquals(now, asItWas))
        {
            return false;
        }

        Remove(asItWas.Id);
        Follow(asItWas);
        return true;
    }

    /// <summary>
    /// Up to <paramref name="most"/> leases of a node whose time was over before a moment. They stay until <see cref="TryEnd"/>, and are told again at the next look; those of other nodes are looked at again
    /// a minute later.
    /// </summary>
    public List<Lease> Due(string node, long before, int most)
    {
        var due = new List<Lease>();
        var again = new List<(string Id, long At)>();
        while (due.Count < most && _ends.TryPeek(out var id, out var at) && at < before)
        {
            _ends.Dequeue();
            if (!_byId.TryGetValue(id, out var lease))
            {
                _waits.Remove(id);
            }
            else if (lease.ValidUntil < before && lease.Node == node)
            {
                due.Add(lease);
                again.Add((id, lease.ValidUntil));
            }
            else
            {
                again.Add((id, lease.ValidUntil >= before ? lease.ValidUntil : before + ForeignAgainMicros));
            }
        }

        foreach (var (id, at) in again)
        {
            _ends.Enqueue(id, at);
        }

        return due;
    }

    private void Follow(Lease lease)
    {
        if (lease.Kind == LeaseKind.Prefix)
        {
            routes.Follow(lease.Part, _byPart.GetValueOrDefault(lease.Part));
        }
    }

    private void Remove(string id)
    {
        if (!_byId.Remove(id, out var lease))
        {
            return;
        }

        _ending.Remove(id);
        Bound4 -= lease.Kind == LeaseKind.Address4 ? 1 : 0;
        var leases = _byLine[lease.LineId];
        leases.RemoveAll(each => each.Id == id);
        if (leases.Count == 0)
        {
            _byLine.Remove(lease.LineId);
        }

        if (_byPart.TryGetValue(lease.Part, out var holder) && holder.Id == id)
        {
            _byPart.Remove(lease.Part);
        }

        Debug.Assert(!_byId.ContainsKey(id), "a lease is there once");
    }
}
