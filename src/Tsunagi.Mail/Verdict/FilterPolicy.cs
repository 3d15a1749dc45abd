using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Mail.Limits;
using Tsunagi.Mail.Pending;

namespace Tsunagi.Mail.Verdict;

/// <summary>
/// What somebody wants done with arriving mail, and how much is sent. Every field may be left out: then the next wider scope says (provider, tenant, domain, group, user, from
/// the widest to the narrowest; the narrowest that says something counts, field by field and code by code).
/// </summary>
public sealed record FilterPolicy
{
    private const int MaxActions = 200;

    /// <summary>False: mail is not checked at all.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Nothing harder is done than tagging; the why page says what would have been done.</summary>
    public bool? TagOnly { get; init; }

    /// <summary>Nothing is done at all, not even tagging: mail is judged, the trace says what would have been done, and what another filter said is compared with it.</summary>
    public bool? Shadow { get; init; }

    /// <summary>Checks switched off or on, by name.</summary>
    public IReadOnlyDictionary<string, bool>? Checks { get; init; }

    /// <summary>What is done about a code of evidence ("attachment.macro": "quarantine").</summary>
    public IReadOnlyDictionary<string, PolicyAction>? Actions { get; init; }

    /// <summary>Points from which on a message is tagged; 0 for never.</summary>
    public int? TagPoints { get; init; }

    /// <summary>Points from which on it is kept in the quarantine for unwanted mail; 0 for never.</summary>
    public int? QuarantinePoints { get; init; }

    /// <summary>Points from which on it is refused; 0 for never.</summary>
    public int? RejectPoints { get; init; }

    /// <summary>What "it reads like unwanted mail" is worth in points: three times as much when it is sure, half when it is not; 0 for nothing.</summary>
    public int? ClassifierPoints { get; init; }

    /// <summary>Senders that were never here, and did not prove who they are, are put off once (greylist). Off where nobody says anything, and without effect where nothing harder than tagging is done.</summary>
    public bool? Greylist { get; init; }

    /// <summary>Block lists that are asked of who brings a message, and what their answers are worth; beside those of the wider scopes.</summary>
    public IReadOnlyList<BlockList>? BlockLists { get; init; }

    /// <summary>How much is sent. For the tenant as a whole (and, for all tenants, the provider) alone.</summary>
    public SendingPolicy? Sending { get; init; }

    /// <summary>How long what is sent to others waits before it leaves; the scope is the sender's.</summary>
    public PendingPolicy? Pending { get; init; }

    /// <summary>Null when everything in it is known here.</summary>
    public Refusal? Check()
    {
        foreach (var name in Checks?.Keys ?? [])
        {
            if (!EvidenceCatalogue.Checks.Contains(name, StringComparer.Ordinal))
            {
                return Refusal.Invalid("mail.policy.check", "checks", $"there is no check '{name}'", string.Join(", ", EvidenceCatalogue.Checks));
            }
        }

        if (Actions?.Count > MaxActions)
        {
            return Refusal.Invalid("mail.policy.actions", "actions", "too many actions", $"at most {MaxActions}");
        }

        foreach (var (code, action) in Actions ?? new Dictionary<string, PolicyAction>())
        {
            if (EvidenceCatalogue.Find(code) is not { IsNote: false } known)
            {
                return Refusal.Invalid("mail.policy.code", "actions", $"nothing can be done about '{code}'", string.Join(", ", EvidenceCatalogue.All.Where(static c => !c.IsNote).Select(static c => c.Code)));
            }

            if (!Enum.IsDefined(action) || (action == PolicyAction.Defer && !known.CanDefer))
            {
                return Refusal.Invalid("mail.policy.action", "actions", $"{code}: '{action}' is not to be had here", known.CanDefer ? "accept, tag, quarantine, defer, reject" : "accept, tag, quarantine, reject");
            }
        }

        foreach (var (field, points) in (ReadOnlySpan<(string, int?)>)[("tagPoints", TagPoints), ("quarantinePoints", QuarantinePoints), ("rejectPoints", RejectPoints), ("classifierPoints", ClassifierPoints)])
        {
            if (points is < 0 or > 10_000)
            {
                return Refusal.Invalid("mail.policy.points", field, $"{points} points", "0 (never) to 10000");
            }
        }

        return (BlockLists is { } lists ? BlockList.Check(lists) : null) ?? Sending?.Check() ?? Pending?.Check();
    }
}
