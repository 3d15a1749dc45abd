using System.Runtime.InteropServices;
using Tsunagi.Core.Time;

namespace Tsunagi.Routing.Scrub;

/// <summary>
/// A scrubber's table as we know it: what was set, until when each rule lives there, what each has dropped. Set by whole transactions, held against what nft shows, and made anew where it is not as it was set.
/// For one caller at a time.
/// </summary>
internal sealed class ScrubbedTable(NftCommand nft, TimeProvider time)
{
    public const string Changed = "";

    // The kernel's clock and ours are read at two moments.
    private const long EndsSoonMicros = 2_000_000;

    // What is wanted for longer is set for so long, and set again: nothing outlives us by more.
    private const long LongestMicros = 24L * 3_600 * 1_000_000;

    private readonly Dictionary<string, DropCount> _drops = new(StringComparer.Ordinal);
    private Dictionary<string, ScrubWish> _set = new(StringComparer.Ordinal);

    // Null: nothing is known of the table.
    private string? _shape;

    public bool IsStrange => _shape is null;

    /// <summary>Whether the kernel has a rule, as far as is known, and its time is not over.</summary>
    public bool Acts(string name, long nowMicros) => _set.TryGetValue(name, out var wish) && wish.UntilMicros > nowMicros;

    public DropCount DropsOf(string name) => _drops.GetValueOrDefault(name);

    /// <summary>Whatever is known of the table is not believed any more.</summary>
    public void Doubt() => _shape = null;

    /// <summary>The counts of a rule that nobody asks for any more.</summary>
    public void Forget(string name) => _drops.Remove(name);

    /// <summary>Brings the kernel to what is wanted in one transaction, or leaves it as it is. Null when it is so, else why not.</summary>
    public async ValueTask<string?> BringAsync(IReadOnlyList<ScrubWish> wanted, long nowMicros, CancellationToken cancellationToken)
    {
        wanted = [.. wanted.Select(wish => wish.UntilMicros - nowMicros <= LongestMicros ? wish : wish with { UntilMicros = nowMicros + LongestMicros })];
        if (IsStrange)
        {
            return await MakeAnewAsync(wanted, nowMicros, cancellationToken);
        }

        var ends = wanted.ToDictionary(static wish => wish.Rule.Name, static wish => wish.UntilMicros, StringComparer.Ordinal);
        var late = wanted.Where(wish => _set.TryGetValue(wish.Rule.Name, out var known) && IsLate(known.UntilMicros, wish.UntilMicros, nowMicros)).Select(static wish => wish.Rule).ToList();
        var renewal = NftTable.Renew(late, StartOf);
        if (wanted.Count == _set.Count && ends.Keys.All(_set.ContainsKey))
        {
            return late.Count == 0 ? null : await ApplyAsync(renewal, wanted, late, [], cancellationToken);
        }

        var before = _set.Values.Select(static wish => wish.Rule).ToList();
        var after = wanted.Select(static wish => wish.Rule).ToList();
        var start = _set.Count > 0 ? NftTable.Change(before, after, StartOf) + renewal : NftTable.Rebuild(after, StartOf);
        var fresh = after.Where(rule => !_set.ContainsKey(rule.Name)).ToList();
        if (await ApplyAsync(start, wanted, [.. late, .. fresh], fresh, cancellationToken) is { } failed)
        {
            return failed;
        }

        return await SettleAsync([.. before.Where(rule => !ends.ContainsKey(rule.Name))], nowMicros, cancellationToken);

        ScrubStart StartOf(ScrubRule rule) => this.StartOf(rule, ends[rule.Name]);
    }

    /// <summary>Reads the counters, and whether the table is as it was set: null when it is, <see cref="Changed"/> when somebody else changed it, else why that cannot be told.</summary>
    public async ValueTask<string?> LookAsync(long nowMicros, CancellationToken cancellationToken)
    {
        var (listing, whyNot) = await nft.ListAsync(cancellationToken);
        if (listing is null)
        {
            return whyNot;
        }

        Count(listing, nowMicros);
        if (listing.Shape == _shape && IsSet(listing, nowMicros))
        {
            return null;
        }

        _shape = null;
        return Changed;
    }

    // Of rules that went the last figures are read when nothing adds to them any more; then their counters go too, and with the last rule the table.
    private async ValueTask<string?> SettleAsync(IReadOnlyList<ScrubRule> gone, long nowMicros, CancellationToken cancellationToken)
    {
        var (listing, whyNot) = await nft.ListAsync(cancellationToken);
        if (listing is null)
        {
            _shape = null;
            return whyNot;
        }

        Count(listing, nowMicros);
        if (!IsSet(listing, nowMicros))
        {
            _shape = null;
            return "nft does not show the rules that it took";
        }

        _shape = listing.Shape;
        if (gone.Count > 0 && await nft.ApplyAsync(NftTable.Forget(gone, isLast: _set.Count == 0), cancellationToken) is { } failed)
        {
            _shape = null;
            return failed;
        }

        _shape = _set.Count == 0 ? NftListing.Absent.Shape : _shape;
        return null;
    }

    private async ValueTask<string?> MakeAnewAsync(IReadOnlyList<ScrubWish> wanted, long nowMicros, CancellationToken cancellationToken)
    {
        // What an earlier run of ours, or the table before it was changed, had counted goes on.
        var (listing, whyNot) = await nft.ListAsync(cancellationToken);
        if (listing is null)
        {
            return whyNot;
        }

        Count(listing, nowMicros);
        if (wanted.Count == 0 && listing.IsAbsent)
        {
            (_set, _shape) = (new(StringComparer.Ordinal), listing.Shape);
            return null;
        }

        var rules = wanted.Select(static wish => wish.Rule).ToList();
        var ends = wanted.ToDictionary(static wish => wish.Rule.Name, static wish => wish.UntilMicros, StringComparer.Ordinal);
        return await ApplyAsync(NftTable.Rebuild(rules, rule => StartOf(rule, ends[rule.Name])), wanted, rules, rules, cancellationToken) is { } failed
            ? failed
            : await SettleAsync([], nowMicros, cancellationToken);
    }

    /// <param name="begun">Those whose time was set by it.</param>
    /// <param name="seeded">Those whose counters were made by it, with what they had counted before.</param>
    private async ValueTask<string?> ApplyAsync(
        string transaction, IReadOnlyList<ScrubWish> wanted, IReadOnlyList<ScrubRule> begun, IReadOnlyList<ScrubRule> seeded, CancellationToken cancellationToken)
    {
        if (await nft.ApplyAsync(transaction, cancellationToken) is { } failed)
        {
            return failed;
        }

        var fresh = begun.Select(static rule => rule.Name).ToHashSet(StringComparer.Ordinal);
        _set = wanted.ToDictionary(static wish => wish.Rule.Name, wish => fresh.Contains(wish.Rule.Name) ? wish : _set[wish.Rule.Name], StringComparer.Ordinal);
        foreach (var rule in seeded)
        {
            var drops = DropsOf(rule.Name);
            _drops[rule.Name] = new DropCount(0, 0, drops.Packets, drops.Octets, drops.AtMicros);
        }

        return null;
    }

    private ScrubStart StartOf(ScrubRule rule, long untilMicros)
    {
        var drops = DropsOf(rule.Name);
        return new ScrubStart(TimeSpan.FromMicroseconds(untilMicros - time.NowMicros()), drops.Packets, drops.Octets);
    }

    // What ends sooner is told at once; what only goes on longer, when half of that has passed where the end is as far away as it may be.
    private static bool IsLate(long known, long wanted, long nowMicros) => wanted < known || (wanted > known && (wanted - nowMicros < LongestMicros || known - nowMicros < LongestMicros / 2));

    private bool IsSet(NftListing listing, long nowMicros) => _set.Values.All(wish =>
        listing.Counters.ContainsKey(wish.Rule.Name) && listing.LinesOf(wish.Rule.Comment) == wish.Rule.LineCount && (wish.UntilMicros - nowMicros < EndsSoonMicros || listing.Lives(wish.Rule.Name)));

    private void Count(NftListing listing, long nowMicros)
    {
        foreach (var (name, counted) in listing.Counters)
        {
            var drops = DropsOf(name);

            // Somebody set it back.
            drops = counted.Packets < drops.RawPackets ? drops with { BasePackets = drops.Packets, BaseOctets = drops.Octets } : drops;
            _drops[name] = drops with { RawPackets = counted.Packets, RawOctets = counted.Octets, AtMicros = nowMicros };
        }
    }
}

/// <summary>A rule, and until when it acts, µs UTC.</summary>
internal sealed record ScrubWish(ScrubRule Rule, long UntilMicros);

/// <summary>What a rule has dropped: what its counter shows, and what it had counted before somebody set it back.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DropCount(long BasePackets, long BaseOctets, long RawPackets, long RawOctets, long AtMicros)
{
    public long Packets => BasePackets + RawPackets;

    public long Octets => BaseOctets + RawOctets;
}
