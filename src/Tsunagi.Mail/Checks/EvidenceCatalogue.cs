using System.Collections.Frozen;
using Tsunagi.Mail.Checks.Attachments;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Checks.Clamav;
using Tsunagi.Mail.Checks.Classifier;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Mail.Checks.Header;
using Tsunagi.Mail.Checks.Links;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.Checks;

/// <summary>Every code of every check: what policies may name, and the words of the why page.</summary>
internal static class EvidenceCatalogue
{
    public static readonly IReadOnlyList<EvidenceCode> All =
        [.. CheckRun.Codes, .. HeaderCheck.Codes, .. LinkCheck.Codes, .. AttachmentCheck.Codes, .. ClamavCheck.Codes, .. AuthenticationCheck.Codes, .. ClientCheck.Codes, .. ClassifierCheck.Codes, .. SenderWord.Codes, .. GreylistWord.Codes];

    private static readonly FrozenDictionary<string, EvidenceCode> ByCode = All.ToFrozenDictionary(static code => code.Code, StringComparer.Ordinal);

    /// <summary>The names of the checks that a policy may switch.</summary>
    public static readonly IReadOnlyList<string> Checks = [HeaderCheck.CheckName, LinkCheck.CheckName, AttachmentCheck.CheckName, ClamavCheck.CheckName, AuthenticationCheck.CheckName, ClientCheck.CheckName, ClassifierCheck.CheckName];

    /// <summary>Null for a code of a newer program.</summary>
    public static EvidenceCode? Find(string code) => ByCode.GetValueOrDefault(code);
}
