using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Mail.Pending;

/// <summary>mail.pending: mail that waits before it leaves. How long it waits is the policies' to say.</summary>
public sealed record PendingOptions
{
    /// <summary>Who notices are from; "outbox@" and the gateway's name when empty.</summary>
    [MaxLength(320)]
    public string From { get; init; } = "";

    /// <summary>How long after its time the link of a notice still shows what became of the message.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan LinkLife { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long what was decided stays in the list.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "400.00:00:00")]
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Messages to a domain from which on it counts as one that is often written to.</summary>
    [Range(1, 1_000)]
    public int OftenMessages { get; init; } = 3;

    /// <summary>How long a domain is remembered after it was last written to.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "2000.00:00:00")]
    public TimeSpan KnownFor { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Most pairs of tenant and domain that a node remembers; those longest not written to go first.</summary>
    [Range(1_000, 10_000_000)]
    public int Correspondents { get; init; } = 500_000;

    /// <summary>How often what a node learnt is written to the store, and what others learnt is read.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan ShareEvery { get; init; } = TimeSpan.FromSeconds(2);
}
