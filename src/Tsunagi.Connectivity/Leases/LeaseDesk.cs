using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Leases;

/// <summary>Who asks: a client of a line, and where it was heard.</summary>
/// <param name="NextHop">Through whom it is reached; see <see cref="Lease.NextHop"/>.</param>
/// <param name="Named">An address of DHCPv4 that the client would like to have.</param>
/// <param name="OnlyNamed">It, or none.</param>
/// <param name="MayHave">What of a pool clients may have at all: not the address of their router. Null for everything.</param>
internal sealed record LeaseAsker(Line Line, string Duid, string Relay, string Hardware, string NextHop = "", AddressBlock? Named = null, bool OnlyNamed = false, Predicate<AddressBlock>? MayHave = null);

/// <summary>What one message changes: to be on the disk, in this order, before it is answered.</summary>
internal sealed class LeaseChanges
{
    public List<(LeaseStep Step, Lease Lease)> Written { get; } = [];

    /// <summary>What ends when that is written: as it was, and as it is then.</summary>
    public List<(Lease Before, Lease After)> Ended { get; } = [];

    /// <summary>True where a lease goes on that is of another node's share: that node must know before the client does.</summary>
    public bool NeedsStore { get; set; }

    /// <summary>Leases that this message is about, which it does not take over for itself.</summary>
    public HashSet<string> Own { get; } = new(StringComparer.Ordinal);

    /// <summary>Kinds of which something new was promised in this message.</summary>
    public HashSet<LeaseKind> Promised { get; } = [];
}

/// <summary>Why a line gets nothing.</summary>
internal enum LeaseRefusal
{
    None,

    /// <summary>Its plan and its own record name none.</summary>
    NoneForLine,

    /// <summary>Its clients have as many as they may.</summary>
    AsManyAsMay,

    PoolUsedUp,

    /// <summary>The pool is of the other family, or gives no single addresses of IPv4.</summary>
    PoolUnfit,

    /// <summary>A pool of IPv4 outside the global table: the same addresses may stand in another table, and leases do not tell tables apart.</summary>
    OtherVrf,

    /// <summary>The limit of all leases is reached.</summary>
    BookFull,
}

/// <summary>
/// Decides which address or prefix a client of a line has. The way of a grant: (1) what the line may have: its own, or a part of the pool that its plan names; (2) what the client has already goes on;
/// (3) what another client of the line had goes over to it, where the line has as many as it may; (4) else the pool's share of this node gives a part. Called with the book's turn held; waits for nothing.
/// </summary>
internal sealed class LeaseDesk(LeaseBook book, AddressShares shares, ConnectivityOptions options, Node node, TimeProvider time)
{
    private const int MostTries = 16;

    /// <summary>What the client would get, or (with <paramref name="commits"/>) gets.</summary>
    /// <returns>Null with the reason.</returns>
    public Lease? Grant(LeaseAsker asker, LeaseKind kind, uint iaid, uint validSeconds, bool commits, LeaseChanges changes, out LeaseRefusal refusal)
    {
        // (1)
        var line = asker.Line;
        var wanted = Wanted.Of(line, kind);
        refusal = LeaseRefusal.NoneForLine;
        if (wanted is { Own: null, Pool: null })
        {
            return null;
        }

        // (2)
        var had = Find(asker, iaid, kind);
        if (had is not null)
        {
            if (IsRight(had, wanted))
            {
                refusal = LeaseRefusal.None;
                return GoOn(had, asker, iaid, validSeconds, commits, changes);
            }

            if (commits)
            {
                End(had, LeaseState.Withdrawn, changes);
            }
        }

        return wanted.Own is { } own
            ? GrantOwn(asker, kind, iaid, validSeconds, own, commits, changes, out refusal)
            : GrantOfPool(asker, kind, iaid, validSeconds, wanted, had, commits, changes, out refusal);
    }

    /// <summary>The client's lease as far as this node may go on with it: that of another node's share only until its time is over, since that node gives it to somebody else then.</summary>
    public Lease? Find(LeaseAsker asker, uint iaid, LeaseKind kind) =>
        book.Find(asker.Line.LineId, asker.Duid, iaid, kind) is { } lease && (!IsForeign(lease) || lease.ValidUntil > time.NowMicros()) ? lease : null;

    /// <summary>Whether a lease is still what its line may have.</summary>
    public bool IsRight(Lease lease, Line line) => IsRight(lease, Wanted.Of(line, lease.Kind));

    /// <summary>A lease goes on for its client.</summary>
    public Lease Extend(Lease lease, LeaseAsker asker, uint validSeconds, LeaseChanges changes) => GoOn(lease, asker, lease.Iaid, validSeconds, commits: true, changes);

    /// <summary>A lease ends as soon as that is on the disk.</summary>
    public void End(Lease lease, LeaseState state, LeaseChanges changes)
    {
        var now = time.NowMicros();
        var rest = lease.Pool.Length > 0 && shares.PoolOf(lease.Pool) is { } pool ? pool.RestSeconds * UnixMicros.PerSecond : 0;
        if (state == LeaseState.Declined)
        {
            rest = Math.Max(rest, (long)(lease.Kind == LeaseKind.Address4 ? options.Dhcp4.DeclinedRest : options.Dhcp6.DeclinedRest).TotalMicroseconds);
        }

        var at = state == LeaseState.Expired ? lease.ValidUntil : now;
        var ended = lease.End(state, at, now + rest, node.Name, now);
        book.Ending(ended);
        changes.Written.Add((LeaseStep.Ended, ended));
        changes.Ended.Add((lease, ended));
    }

    /// <summary>What ended is on the disk: the book and the pool follow, unless the client has come again meanwhile.</summary>
    public void Follow(LeaseChanges changes)
    {
        foreach (var (before, after) in changes.Ended)
        {
            if (!book.TryEnd(before))
            {
                continue;
            }

            if (after.Owner == node.Name)
            {
                shares.Release(after.Pool, after.LineId, after.Part, after.FreeAt);
            }

            if (after.State == LeaseState.Declined)
            {
                book.Rest(after);
            }
        }
    }

    /// <summary>Whether this node answered a lease's client last, so that no other node knows better.</summary>
    public bool IsOurs(Lease lease) => lease.Node == node.Name;

    /// <summary>Whether an address may be used on the link of a line; null where nothing is known of the link.</summary>
    public bool? IsOnLink(Line line, AddressBlock address)
    {
        var wanted = Wanted.Of(line, address.Is6 ? LeaseKind.Address : LeaseKind.Address4);
        return wanted.Own is { } own ? own.Contains(address)
            : wanted.Pool is { } pool ? shares.PoolOf(pool)?.Block.Contains(address)
            : null;
    }

    private bool IsRight(Lease lease, Wanted wanted) => wanted.Own is { } own
        ? lease.Pool.Length == 0 && lease.Part == own
        : lease.Pool.Length > 0 && lease.Pool == wanted.Pool && (shares.PoolOf(lease.Pool) is not { } pool || pool.Block.Contains(lease.Part));

    private bool IsForeign(Lease lease) => lease.Owner.Length > 0 && lease.Owner != node.Name;

    private Lease GoOn(Lease lease, LeaseAsker asker, uint iaid, uint validSeconds, bool commits, LeaseChanges changes)
    {
        var now = time.NowMicros();
        var line = asker.Line;
        var next = lease with
        {
            TenantId = line.TenantId, TenantPath = line.TenantPath, SubscriptionId = line.SubscriptionId ?? "", Duid = asker.Duid, Iaid = iaid, Node = node.Name, HeardAt = now,
            ValidUntil = now + (validSeconds * UnixMicros.PerSecond), ChangedAt = Math.Max(now, lease.ChangedAt + 1), Relay = asker.Relay, Hardware = asker.Hardware, NextHop = asker.NextHop,
        };
        if (!commits)
        {
            return next;
        }

        if (book.EndOf(lease.Id) is not { } ended)
        {
            return Write(LeaseStep.Extended, next, changes);
        }

        // Its end is being written while its client comes again: that is another lease of the same part, or who held it would end there. The end once more, should the first be lost.
        var again = Write(LeaseStep.Granted, next with { Id = Tsunagi.Core.Ids.Id.New("dl", time), SinceAt = now, ChangedAt = now }, changes);
        book.Put(ended);
        changes.Written.Insert(changes.Written.Count - 1, (LeaseStep.Ended, ended));
        changes.NeedsStore |= IsForeign(again);
        return again;
    }

    private Lease Write(LeaseStep step, Lease lease, LeaseChanges changes)
    {
        book.Put(lease);
        changes.Own.Add(lease.Id);
        changes.Written.Add((step, lease));
        changes.NeedsStore |= step == LeaseStep.Extended && IsForeign(lease);
        return lease;
    }

    // (3) and (4) for what is the line's own: one client has it at a time.
    private Lease? GrantOwn(LeaseAsker asker, LeaseKind kind, uint iaid, uint validSeconds, AddressBlock own, bool commits, LeaseChanges changes, out LeaseRefusal refusal)
    {
        refusal = LeaseRefusal.None;
        if (book.OfPart(own) is { } holder && holder.LineId == asker.Line.LineId)
        {
            if (!changes.Own.Contains(holder.Id))
            {
                return GoOn(holder, asker, iaid, validSeconds, commits, changes);
            }

            refusal = LeaseRefusal.AsManyAsMay;
            return null;
        }

        if (!changes.Promised.Add(kind))
        {
            refusal = LeaseRefusal.AsManyAsMay;
            return null;
        }

        return New(asker, kind, iaid, validSeconds, own, "", Vrf.Global, commits, changes, out refusal);
    }

    // (3) and (4) for parts of pools.
    private Lease? GrantOfPool(LeaseAsker asker, LeaseKind kind, uint iaid, uint validSeconds, Wanted wanted, Lease? had, bool commits, LeaseChanges changes, out LeaseRefusal refusal)
    {
        refusal = LeaseRefusal.AsManyAsMay;
        if (book.Oldest(asker.Line.LineId, kind, kind == LeaseKind.Address4 ? options.Dhcp4.MostPerLine : options.Dhcp6.MostPerLine, had) is { } oldest)
        {
            if (changes.Own.Contains(oldest.Id) || (IsForeign(oldest) && oldest.ValidUntil <= time.NowMicros()))
            {
                return null;
            }

            if (IsRight(oldest, wanted))
            {
                refusal = LeaseRefusal.None;
                return GoOn(oldest, asker, iaid, validSeconds, commits, changes);
            }

            if (commits)
            {
                End(oldest, LeaseState.Withdrawn, changes);
            }
        }

        if (!commits && !changes.Promised.Add(kind))
        {
            return null;
        }

        if (shares.PoolOf(wanted.Pool!) is not { } pool)
        {
            refusal = LeaseRefusal.NoneForLine;
            return null;
        }

        if (WhyUnfit(pool, kind) is var unfit && unfit != LeaseRefusal.None)
        {
            refusal = unfit;
            return null;
        }

        var line = asker.Line.LineId;
        for (var i = 0; i < MostTries && shares.TryAllocate(pool.Name, line, asker.Named, asker.OnlyNamed, out var part); i++)
        {
            if (asker.MayHave?.Invoke(part) == false)
            {
                // Of nobody, for as long as this node has the pool open.
                shares.Correct(pool.Name, line, part, "");
                continue;
            }

            if (book.OfPart(part) is not { } holder)
            {
                return New(asker, kind, iaid, validSeconds, part, pool.Name, pool.VrfId, commits, changes, out refusal);
            }

            // The share did not know yet what the book knows.
            shares.Correct(pool.Name, line, part, holder.LineId);
        }

        refusal = LeaseRefusal.PoolUsedUp;
        return null;
    }

    private static LeaseRefusal WhyUnfit(PoolRow pool, LeaseKind kind)
    {
        var is4 = kind == LeaseKind.Address4;
        return pool.Block.Is6 == is4 || (is4 && pool.PartLength != 32) ? LeaseRefusal.PoolUnfit
            : is4 && pool.VrfId != Vrf.Global ? LeaseRefusal.OtherVrf
            : LeaseRefusal.None;
    }

    private Lease? New(LeaseAsker asker, LeaseKind kind, uint iaid, uint validSeconds, AddressBlock part, string pool, string vrf, bool commits, LeaseChanges changes, out LeaseRefusal refusal)
    {
        refusal = LeaseRefusal.None;
        if (book.Bound >= options.Dhcp6.MostLeases)
        {
            refusal = LeaseRefusal.BookFull;
            return null;
        }

        var now = time.NowMicros();
        var line = asker.Line;
        var lease = new Lease
        {
            Id = commits ? Tsunagi.Core.Ids.Id.New("dl", time) : "", LineId = line.LineId, TenantId = line.TenantId, TenantPath = line.TenantPath, SubscriptionId = line.SubscriptionId ?? "", Duid = asker.Duid, Iaid = iaid, Kind = kind,
            Prefix = kind == LeaseKind.Prefix ? part : AddressIn(part, asker, iaid), Part = part, Pool = pool, VrfId = vrf, Owner = pool.Length > 0 ? node.Name : "", Node = node.Name, SinceAt = now, HeardAt = now,
            ValidUntil = now + (validSeconds * UnixMicros.PerSecond), ChangedAt = now, Relay = asker.Relay, Hardware = asker.Hardware, NextHop = asker.NextHop,
        };
        if (!commits)
        {
            return lease;
        }

        if (pool.Length > 0)
        {
            shares.InUse(pool, line.LineId, part);
        }

        return Write(LeaseStep.Granted, lease, changes);
    }

    /// <summary>An address in the prefix of a link, the same for the same client each time and told by nothing else (RFC 7943): the universal bit is not set.</summary>
    private static AddressBlock AddressIn(AddressBlock part, LeaseAsker asker, uint iaid)
    {
        if (part.Length == part.Width)
        {
            return part;
        }

        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{asker.Line.LineId}\n{asker.Duid}\n{iaid}\n{part}"), hash);
        var host = (BinaryPrimitives.ReadUInt128BigEndian(hash) & ((UInt128.One << (128 - part.Length)) - 1) & ~((UInt128)0x0200_0000_0000_0000UL)) | 1;
        return new AddressBlock(part.Base | host, 128, Is6: true);
    }

    private readonly record struct Wanted(AddressBlock? Own, string? Pool)
    {
        public static Wanted Of(Line line, LeaseKind kind)
        {
            var addresses = line.Addresses;
            if (kind == LeaseKind.Address4)
            {
                return new Wanted(addresses.V4 is { } v4 ? AddressBlock.Of(v4) : null, Some(addresses.V4Pool));
            }

            if (kind == LeaseKind.Prefix)
            {
                return new Wanted(addresses.DelegatedPrefix is { } prefix ? AddressBlock.From(prefix) : null, Some(addresses.DelegatedPool));
            }

            return new Wanted(addresses.V6 is { } v6 ? AddressBlock.Of(v6) : addresses.LinkPrefix is { } link ? AddressBlock.From(link) : null, Some(addresses.V6Pool));
        }

        private static string? Some(string? pool) => string.IsNullOrEmpty(pool) ? null : pool;
    }
}
