namespace Tsunagi.Core.Exchange.Routes;

/// <summary>
/// The machines that traffic passes through and that drop what wanted rules match, and count it: beside the routers, which drop and say nothing (<see cref="IRouteRealiser"/>). May be used on any thread and never waits.
/// </summary>
public interface IScrubbers
{
    /// <summary>A program without any.</summary>
    static IScrubbers None { get; } = new NoScrubbers();

    /// <summary>The scrubbers as they stand now.</summary>
    IReadOnlyList<ScrubberView> All { get; }

    private sealed class NoScrubbers : IScrubbers
    {
        public IReadOnlyList<ScrubberView> All => [];
    }
}

/// <summary>A scrubber.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="State">"up", "failing" (what is wanted could not be set, or not be looked at), or "starting".</param>
/// <param name="SinceAt">Since when, µs UTC.</param>
/// <param name="Repaired">How often somebody else had changed its table.</param>
/// <param name="LastError">What went wrong last; null when nothing did yet.</param>
/// <param name="Rules">Those that are wanted, and for a while those that were.</param>
public sealed record ScrubberView(string Name, string State, long SinceAt, long Repaired, string? LastError, IReadOnlyList<ScrubbedRule> Rules)
{
    public const string Up = "up";
    public const string Failing = "failing";
    public const string Starting = "starting";
}

/// <summary>A wanted rule on a scrubber.</summary>
/// <param name="Key">The wanted route's.</param>
/// <param name="State">"waiting", "in place", "refused" (it cannot be done there) or "gone".</param>
/// <param name="Why">Why it is refused, in words that whoever sees the rule may read; null else.</param>
/// <param name="SinceAt">Since when it is in that state, µs UTC.</param>
/// <param name="Packets">Packets that it has dropped.</param>
/// <param name="Octets">Octets of them, from the IP header on.</param>
/// <param name="CountedAt">When that was read, µs UTC; 0 when it never was.</param>
public sealed record ScrubbedRule(string Key, string State, string? Why, long SinceAt, long Packets, long Octets, long CountedAt)
{
    public const string Waiting = "waiting";
    public const string InPlace = "in place";
    public const string Refused = "refused";
    public const string Gone = "gone";

    /// <summary>It acts on traffic, as far as is known.</summary>
    public bool Acts => State == InPlace;
}
