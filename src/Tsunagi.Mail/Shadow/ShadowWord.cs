using Tsunagi.Mail.Api;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.Shadow;

/// <summary>What both filters said of one message.</summary>
/// <param name="Domain">Its recipients'.</param>
/// <param name="Ours">spam or clean.</param>
/// <param name="Action">What we would have done.</param>
/// <param name="Theirs">spam, clean, or empty when the other filter said nothing.</param>
/// <param name="Field">The field it said so in.</param>
internal sealed record ShadowWord(string Domain, string Ours, string Action, string Theirs, string Field)
{
    public const string Spam = "spam";
    public const string Clean = "clean";

    public static ShadowWord Of(string domain, MessageVerdict verdict, OldFilterWord old) =>
        new(domain, IsSpam(verdict.Wished) ? Spam : Clean, VerdictView.NameOf(verdict.Wished), old.Says, old.Field);

    // Put off is no word about what a message is.
    private static bool IsSpam(PolicyAction wished) => wished is PolicyAction.Tag or PolicyAction.Quarantine or PolicyAction.Reject;
}
