namespace Tsunagi.Mail.Delivery;

/// <summary>A next hop as the watch over outages sees it.</summary>
/// <param name="FailingSinceMicros">0 when it does not fail.</param>
/// <param name="AnsweredMicros">When it last answered; 0 when it has not since the start.</param>
/// <param name="Reason">What the last failure was.</param>
/// <param name="Waiting">How many messages wait for it, by tenant; only while it fails.</param>
internal sealed record NextHopHealth(
    string NextHop, long FailingSinceMicros, long AnsweredMicros, long NextProbeMicros, string Reason, IReadOnlyDictionary<string, int> Waiting)
{
    public bool IsFailing => FailingSinceMicros != 0;
}
