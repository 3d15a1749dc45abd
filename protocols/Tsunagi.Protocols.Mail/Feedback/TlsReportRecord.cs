using System.Collections.Immutable;

namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>The TXT record at _smtp._tls.DOMAIN (RFC 8460 section 3): where reports about sessions with its servers are wanted.</summary>
public static class TlsReportRecord
{
    private const int MostAddresses = 10;

    /// <summary>The name of the record.</summary>
    public static string NameOf(string domain) => "_smtp._tls." + domain;

    /// <summary>
    /// The addresses, mailto: and https: alone, in their order and ten at most. False where the domain wants no reports: no record of the version, several, or none of its addresses can be used.
    /// </summary>
    /// <code>
    /// tlsrpt-record = tlsrpt-version 1*(field-delim tlsrpt-field) [field-delim]
    /// tlsrpt-version = %s"v=TLSRPTv1"     tlsrpt-rua = %s"rua=" tlsrpt-uri *("," tlsrpt-uri)
    /// </code>
    public static bool TryRead(IReadOnlyList<string> texts, out ImmutableArray<Uri> addresses)
    {
        ArgumentNullException.ThrowIfNull(texts);
        addresses = [];
        List<string> records = [.. texts.Where(static text => text.StartsWith("v=TLSRPTv1", StringComparison.Ordinal) && (text.Length == 10 || text[10] is ';' or ' ' or '\t'))];
        if (records.Count != 1)
        {
            return false;
        }

        string? list = records[0].Split(';').Skip(1).Select(static field => field.Trim(' ', '\t')).FirstOrDefault(static field => field.StartsWith("rua=", StringComparison.Ordinal));
        addresses =
        [
            .. (list ?? "rua=")[4..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(MostAddresses)
                .Select(static text => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && IsUsable(uri) ? uri : null).OfType<Uri>(),
        ];
        return !addresses.IsEmpty;
    }

    private static bool IsUsable(Uri uri) => uri.Scheme == Uri.UriSchemeMailto
        ? Mailbox(uri) is not null
        : uri.Scheme == Uri.UriSchemeHttps && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0 && uri.OriginalString.Length <= 2_000;

    /// <summary>The address of a mailto:, without header fields that it may name; null when it is none.</summary>
    public static Smtp.Mailbox? Mailbox(Uri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        string text = uri.OriginalString;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string address = Uri.UnescapeDataString(text[(colon + 1)..].Split('?')[0]);
        return uri.Scheme == Uri.UriSchemeMailto && Smtp.Mailbox.TryParse(address, out Smtp.Mailbox? mailbox) ? mailbox : null;
    }
}
