using Tsunagi.Core.Outcomes;

namespace Tsunagi.Mail.Pending;

/// <summary>Which mail to others waits.</summary>
public enum PendingMail
{
    /// <summary>None.</summary>
    None,

    /// <summary>Mail to a domain that was never written to and looks like one that often is.</summary>
    Doubtful,

    /// <summary>All of it.</summary>
    All,
}

/// <summary>How long mail to others waits before it leaves, so that its sender can take it back. Said field by field; the scope is the sender's: provider, tenant, domain, group, user.</summary>
public sealed record PendingPolicy
{
    /// <summary>The longest window: mail is not kept from leaving for longer than people remember having sent it.</summary>
    public const int MostMinutes = 60;

    /// <summary>Minutes that it waits; 0 for not at all.</summary>
    public int? Minutes { get; init; }

    /// <summary>Which mail waits.</summary>
    public PendingMail? Which { get; init; }

    /// <summary>The sender gets a notice with a link.</summary>
    public bool? Notice { get; init; }

    internal static PendingPolicy BuiltIn { get; } = new() { Minutes = 0, Which = PendingMail.All, Notice = true };

    internal bool IsOn => Minutes > 0 && Which != PendingMail.None;

    internal PendingPolicy Over(PendingPolicy wider) => new() { Minutes = Minutes ?? wider.Minutes, Which = Which ?? wider.Which, Notice = Notice ?? wider.Notice };

    /// <summary>Null when it can be had.</summary>
    internal Refusal? Check() =>
        Minutes is < 0 or > MostMinutes ? Refusal.Invalid("mail.policy.pending", "pending.minutes", $"mail cannot wait {Minutes} minutes", $"0 (not at all) to {MostMinutes}")
        : Which is { } which && !Enum.IsDefined(which) ? Refusal.Invalid("mail.policy.pending", "pending.which", $"'{which}' is not known", "none, doubtful, all")
        : null;
}
