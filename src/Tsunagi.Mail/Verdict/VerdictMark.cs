using System.Globalization;
using System.Text;
using Tsunagi.Mail.Checks;

namespace Tsunagi.Mail.Verdict;

/// <summary>The header field that says to the customer's server what was found: codes and numbers only, nothing that a sender wrote.</summary>
internal static class VerdictMark
{
    private const int MaxCodes = 20;

    /// <summary>"X-Tsunagi-Verdict: tag; reason=attachment.macro; points=5" and one line with the codes.</summary>
    public static string Of(MessageVerdict verdict)
    {
        var text = new StringBuilder("X-Tsunagi-Verdict: ");
        text.Append(verdict.Action.ToString().ToLowerInvariant()).Append("; reason=").Append(verdict.Reason)
            .Append(CultureInfo.InvariantCulture, $"; points={verdict.Points}");
        var codes = verdict.Evidence.Where(static judged => EvidenceCatalogue.Find(judged.Evidence.Code) is { IsNote: false }).Select(static judged => judged.Evidence.Code)
            .Distinct(StringComparer.Ordinal).Take(MaxCodes);
        foreach (var code in codes)
        {
            text.Append(";\r\n\tfound=").Append(code);
        }

        return text.Append("\r\n").ToString();
    }
}
