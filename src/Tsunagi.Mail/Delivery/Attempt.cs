using System.Diagnostics;

namespace Tsunagi.Mail.Delivery;

/// <summary>One attempt as it runs: which message, which of its recipients, against whom, since when.</summary>
internal sealed record Attempt(
    QueuedMessage Message, Envelope Envelope, IReadOnlyList<int> Tried, long StartedMicros, string NextHop, string Address, string Tls)
{
    /// <summary>Its span; null when nobody listens. Ended when the outcome is on the disk.</summary>
    public Activity? Activity { get; init; }
}
