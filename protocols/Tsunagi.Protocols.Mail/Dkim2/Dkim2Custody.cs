using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Dkim2;

/// <summary>What was said in MAIL and RCPT.</summary>
/// <param name="MailFrom">The reverse-path, with its brackets or without; "&lt;&gt;" or nothing for the null path.</param>
/// <param name="Recipients">The forward-paths of this transaction.</param>
public sealed record Dkim2Envelope(string MailFrom, IReadOnlyList<string> Recipients);

/// <summary>The chain of custody (sections 8.2, 8.3 and 10.4).</summary>
internal static class Dkim2Custody
{
    /// <summary>What breaks it, in the words of the draft; null when nothing does.</summary>
    public static string? Problem(IReadOnlyList<Dkim2Signature> signatures, Dkim2Envelope? envelope, Dkim2Options options)
    {
        for (int i = 0; i < signatures.Count; i++)
        {
            Dkim2Signature signature = signatures[i];
            string what = $"{Dkim2Draft.SignatureField} i={signature.Hop}";
            if (options.NeedsBrackets && !signature.Recipients.Append(signature.MailFrom ?? "<>").All(HasBrackets))
            {
                return $"{what} syntax error";
            }

            // A hop signs for the domain it sends as, or one above it; a null path is of no domain.
            string from = Domain(signature.MailFrom ?? "");
            if (from.Length > 0 && !MailDomain.IsSameOrBelow(from, signature.Domain))
            {
                return $"{what} MAIL FROM and d= do not match";
            }

            if (i > 0 && Broken(signatures[i - 1], signature, from) is { } broken)
            {
                return $"{what} {broken}";
            }
        }

        Dkim2Signature last = signatures[^1];
        if (last.NextDomain is not null)
        {
            return $"{Dkim2Draft.SignatureField} i={last.Hop} unexpected nd= tag";
        }

        return envelope is null ? null : Differs(last, envelope);
    }

    // Without an exact match labels are taken off the sender's domain from the left (section 8.3).
    private static string? Broken(Dkim2Signature before, Dkim2Signature signature, string from)
    {
        if (before.NextDomain is { } next)
        {
            return next == signature.Domain ? null : "MAIL nd= does not match";
        }

        string own = from.Length > 0 ? from : signature.Domain;
        return before.Recipients.Any(recipient => Domain(recipient) is { Length: > 0 } domain && MailDomain.IsSameOrBelow(own, domain))
            ? null
            : $"MAIL FROM {signature.MailFrom ?? "nd="} did not match";
    }

    private static string? Differs(Dkim2Signature last, Dkim2Envelope envelope)
    {
        string what = $"{Dkim2Draft.SignatureField} i={last.Hop}";
        if (Normal(last.MailFrom!) != Normal(envelope.MailFrom))
        {
            return $"{what} MAIL FROM {envelope.MailFrom} did not match";
        }

        var sentTo = last.Recipients.Select(Normal).ToHashSet(StringComparer.Ordinal);
        return envelope.Recipients.FirstOrDefault(recipient => !sentTo.Contains(Normal(recipient))) is { } other ? $"{what} RCPT TO {other} did not match" : null;
    }

    private static bool HasBrackets(string path) => path.StartsWith('<') && path.EndsWith('>') && path.Length >= 2;

    private static string Bare(string path) => HasBrackets(path) ? path[1..^1] : path;

    // Local parts as they are, domains without case and as A-labels.
    private static string Normal(string path)
    {
        string bare = Bare(path);
        int at = bare.LastIndexOf('@');
        return at < 0 ? bare : bare[..(at + 1)] + Domain(path);
    }

    private static string Domain(string path)
    {
        string bare = Bare(path);
        int at = bare.LastIndexOf('@');
        return at >= 0 && MailDomain.TryNormalize(bare[(at + 1)..], out string domain) ? domain : "";
    }
}
