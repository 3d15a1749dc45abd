namespace Tsunagi.Mail.Delivery;

/// <summary>
/// When a message (or a next hop that does not answer) is tried again: the first wait doubles with each attempt up to the longest, and each wait
/// is spread by ±10 % so that mail put off together does not come back together. The spread depends on the message only, so a restart does not
/// move it.
/// </summary>
internal sealed record RetrySchedule(TimeSpan First, TimeSpan Longest)
{
    /// <param name="attempts">How many attempts failed so far, 1 or more.</param>
    /// <param name="seed">Any number that differs between messages.</param>
    public TimeSpan WaitAfter(int attempts, uint seed)
    {
        var doublings = Math.Min(attempts - 1, 30);
        var wait = Math.Min(First.Ticks * Math.Pow(2, doublings), Longest.Ticks);

        // Knuth's multiplicative hash of message and attempt, as a number in [0, 1).
        var spread = unchecked((seed + (uint)attempts) * 2654435761u) / (double)(1L << 32);
        return TimeSpan.FromTicks((long)(wait * (0.9 + (0.2 * spread))));
    }
}
