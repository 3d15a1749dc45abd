using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Verdict;

/// <summary>What is done with a message for a recipient, and why.</summary>
/// <param name="Action">What is done.</param>
/// <param name="Hold">The quarantine, when it is kept.</param>
/// <param name="Reason">The code that decided; "points" when their sum did; empty when nothing was found.</param>
/// <param name="Wished">What would have been done without tag-only, or without other recipients who take the message (SMTP refuses for all or none).</param>
internal sealed record MessageVerdict(PolicyAction Action, HoldClass Hold, string Reason, PolicyAction Wished, int Points, bool TagOnly, string TagOnlyBy, IReadOnlyList<JudgedEvidence> Evidence)
{
    public const string ByPoints = "points";

    public static readonly MessageVerdict NotChecked = new(PolicyAction.Accept, HoldClass.None, "", PolicyAction.Accept, 0, false, "", []);

    /// <summary>Nothing was done, whatever was wished.</summary>
    public bool Shadow { get; init; }

    /// <summary>What judging it anew needs beside what was heard; null for a verdict that an older program stored, or that nothing was checked for.</summary>
    public VerdictBasis? Basis { get; init; }

    /// <summary>What the policy alone asked for: a refusal that could not be said is one.</summary>
    public PolicyAction Asked => !TagOnly && !Shadow && Wished == PolicyAction.Reject ? PolicyAction.Reject : Action;

    /// <summary>Notes what the same transmission's recipients asked for: one reply stands for all of them.</summary>
    public MessageVerdict Among(int recipients, int refused, int putOff) => Basis is { } basis ? this with { Basis = basis with { Recipients = recipients, Refused = refused, PutOff = putOff } } : this;

    /// <summary>A refusal that cannot be said, because another recipient of the same transaction takes the message.</summary>
    public MessageVerdict KeptInstead() => this with { Action = PolicyAction.Quarantine, Hold = EvidenceCatalogue.Find(Reason) is { Hold: HoldClass.Virus } ? HoldClass.Virus : HoldClass.Policy };
}

/// <summary>One thing found, and what the policy says about it.</summary>
/// <param name="By">The scope that said so ("domain one.example"); empty for the built-in policy.</param>
internal sealed record JudgedEvidence(Evidence Evidence, int Points, PolicyAction Action, string By);
