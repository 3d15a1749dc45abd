using Tsunagi.Core.Logs;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Delivery;

/// <summary>
/// One accepted message while it is ours. What it costs in memory is this object and, until its first failure, its envelope; a message put off
/// drops the envelope and reads it from the spool again when its time comes, so a million waiting messages stay small. Guarded by the scheduler's lock
/// while it waits, owned by one connection while it is delivered.
/// </summary>
internal sealed class QueuedMessage : WheelItem<QueuedMessage>
{
    public required SpoolId Id { get; init; }

    public required long AcceptedMicros { get; init; }

    public required Lane Lane { get; set; }

    /// <summary>Whose message it is; its lane may be another's (a report to a customer's domain).</summary>
    public required string TenantPath { get; init; }

    public required string Subscription { get; init; }

    /// <summary>Attempts made so far.</summary>
    public int Attempts { get; set; }

    /// <summary>Its recipients by domain, where it goes to several domains' servers, one after another; null for all other mail.</summary>
    public IReadOnlyList<DomainTurn>? Turns { get; init; }

    /// <summary>Whose turn it is.</summary>
    public int Turn { get; set; }

    /// <summary>Null when it must be read from the spool.</summary>
    public Envelope? Envelope { get; set; }

    /// <summary>Null while every recipient waits. Never changed in place: an attempt makes a new list.</summary>
    public RecipientState[]? States { get; set; }

    /// <summary>The next message of the lane's ready list.</summary>
    public QueuedMessage? NextReady { get; set; }

    public QueuedPlace Place { get; set; }

    /// <summary>Until when its sender may take it back; 0 for mail that left at once. Read from the facts only where somebody still waits for that.</summary>
    public long PendingUntilMicros { get; init; }
}

/// <summary>The recipients of one domain.</summary>
/// <param name="Positions">In the envelope.</param>
internal sealed record DomainTurn(string Domain, IReadOnlyList<int> Positions);

/// <summary>Where a queued message is.</summary>
internal enum QueuedPlace : byte
{
    Ready,
    Waiting,
    InDelivery,
    Gone,

    /// <summary>It waits before it leaves, in no list and not in the wheel: <see cref="Pending.PendingKeeper"/> says when it goes on.</summary>
    Pending,
}
