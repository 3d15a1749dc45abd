namespace Tsunagi.Mail.Delivery;

/// <summary>One attempt as it runs: which message, which of its recipients, against whom, since when.</summary>
internal sealed record Attempt(
    QueuedMessage Message, Envelope Envelope, IReadOnlyList<int> Tried, long StartedMicros, string NextHop, string Address, string Tls);
