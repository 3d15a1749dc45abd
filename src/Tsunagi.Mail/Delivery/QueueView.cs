namespace Tsunagi.Mail.Delivery;

/// <summary>A next hop as it stands on this node.</summary>
/// <param name="State">"up", "failing" or "held".</param>
/// <param name="Why">What the last failure was, or who holds it; empty when it is up.</param>
/// <param name="SinceAt">Since when it fails; null when it does not.</param>
/// <param name="NextAt">When it is asked again; null when it is up or held.</param>
public sealed record NextHopView(
    string NextHop, string State, string Why, long? SinceAt, long? NextAt, int Connections, int Ready, int Waiting, int InDelivery, int Failures);

/// <summary>A message of the queue at this moment: what the trace cannot know, because nothing was written about it yet.</summary>
/// <param name="Place">"ready", "waiting", "pending" (it waits before it leaves) or "in-delivery".</param>
/// <param name="WhyNot">Why its mail may not go now (a hold, an ended subscription); null when it may.</param>
public sealed record QueuedView(string Place, string? WhyNot, NextHopView? NextHop);
