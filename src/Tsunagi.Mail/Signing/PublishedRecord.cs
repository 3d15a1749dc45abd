using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Mail.Signing;

/// <summary>Judges what the DNS says of a key against what should stand there: as a verifier reads it, not letter by letter.</summary>
internal static class PublishedRecord
{
    private const int MaxShown = 120;

    /// <summary>Null when there was no answer, which says nothing.</summary>
    public static (string State, string Found)? Judge(MailDnsAnswer<string> answer, string wanted) => answer.Status switch
    {
        MailDnsStatus.TempError => null,
        MailDnsStatus.Found when answer.Values.Length > 1 => (PublishedState.Differs, $"{answer.Values.Length} TXT records stand there; verifiers take one (RFC 6376 section 3.6.2.2)"),
        MailDnsStatus.Found => Compare(answer.Values[0], wanted),
        _ => (PublishedState.Missing, "there is no TXT record"),
    };

    private static (string State, string Found) Compare(string text, string wanted)
    {
        if (!DkimKey.TryParse(text, out var found, out var reason))
        {
            return (PublishedState.Differs, $"{reason}: {Shown(text)}");
        }

        if (!DkimKey.TryParse(wanted, out var own, out reason))
        {
            throw new InvalidOperationException($"a record of our own does not read: {reason}");
        }

        return found!.IsRevoked ? (PublishedState.Differs, "the record there withdraws the key (p= is empty)")
            : found.Type != own!.Type || !found.PublicKey.Span.SequenceEqual(own.PublicKey.Span) ? (PublishedState.Differs, "another key stands there: " + Shown(text))
            : !found.AllowsSha256 || !found.AllowsMail ? (PublishedState.Differs, "the record there does not allow it for mail (h= or s=): " + Shown(text))
            : found.IsTesting ? (PublishedState.Differs, "the record there says that signatures are a test (t=y)")
            : (PublishedState.Found, "");
    }

    private static string Shown(string text) => text.Length <= MaxShown ? text : text[..MaxShown] + "…";
}
