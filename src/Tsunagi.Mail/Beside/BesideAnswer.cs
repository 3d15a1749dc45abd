using Tsunagi.Core.Logs;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.Beside;

/// <summary>What another mail server is told about a message: one answer for all its recipients.</summary>
/// <param name="Action">What it should do.</param>
/// <param name="Verdict">The hardest of what can be done, with what it rests on; null where nothing was checked.</param>
/// <param name="Policy">The policy that verdict is by; null with it.</param>
/// <param name="Reply">What the sender hears when it is refused or put off ("554 5.7.1 Not taken: …"); else empty. Empty too when the message could not be kept: come again.</param>
/// <param name="Authentication">A whole Authentication-Results field with its line end, or empty.</param>
internal sealed record BesideAnswer(PolicyAction Action, SpoolId Id, MessageVerdict? Verdict, EffectivePolicy? Policy, string Reply, string Authentication)
{
    public static readonly BesideAnswer NotChecked = new(PolicyAction.Accept, default, null, null, "", "");

    public static readonly BesideAnswer NotKept = new(PolicyAction.Defer, default, null, null, "", "");

    /// <summary>The field that says what was found, with its line end; empty for what is delivered as it came.</summary>
    public string Mark => Verdict is null || Action is PolicyAction.Accept or PolicyAction.Reject or PolicyAction.Defer ? "" : VerdictMark.Of(Verdict);
}
