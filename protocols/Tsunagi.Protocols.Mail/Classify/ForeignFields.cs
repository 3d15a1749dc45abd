namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// Header fields that say nothing about who wrote a message: those of the receiving side (delivery notes, filters' marks), and those of a mailing list that passed it on.
/// A model must learn neither where its examples were collected nor which lists their owner reads: spam comes over lists as well, and would hide behind their marks.
/// </summary>
internal static class ForeignFields
{
    // Written by those who receive, store or filter.
    private static readonly string[] OfReceiver =
    [
        "received", "return-path", "delivered-to", "delivery-date", "x-original-to", "envelope-to", "x-envelope-to", "x-envelope-from", "x-delivered-to", "status", "x-status", "x-uid", "x-uidl", "x-keywords", "x-mozilla-status", "x-mozilla-status2",
        "x-mozilla-keys", "lines", "content-length", "authentication-results", "received-spf", "x-received", "x-gmail-labels", "x-gm-thrid", "xref", "x-folder", "x-evolution-source", "x-imap", "x-imapbase", "x-fetchmail-warning", "x-from-line",
        "x-pyzor", "x-bogosity", "x-dcc-metrics", "x-rcpt-to", "x-virus-scanned", "x-virus-status", "x-md5sum", "replied", "forwarded", "x-quarantine-id", "x-amavis-alert", "x-barracuda-spam-score", "x-sieve", "x-mail-from", "x-reject",
        "x-authentication-warning", "x-mime-autoconverted", "x-loop", "old-subject", "x-url", "apparently-to", "x-info", "x-info2", "x-library", "x-filter", "x-filtered", "x-scanned-by",
    ];

    private static readonly string[] OfReceiverHeads = ["x-spam", "x-tsunagi", "x-rspamd", "x-ms-exchange", "x-forefront", "x-google", "x-gm-", "arc-", "x-apparently", "x-antivirus", "x-scanned", "x-mailscanner", "x-barracuda", "x-ironport", "x-proofpoint", "x-amavis", "x-habeas", "resent-", "x-resent-", "x-virus"];

    // Of a list wherever they stand (RFC 2369, RFC 2919, and what list programs write).
    private static readonly string[] OfList =
    [
        "list-id", "list-post", "list-help", "list-archive", "list-subscribe", "list-owner", "x-beenthere", "x-mailman-version", "x-original-date", "mailing-list", "x-mailing-list", "x-acceptable-languages", "x-unsubscription-info", "x-list-admin",
        "x-list-host", "x-yahoo-profile", "x-reply-to", "x-topics", "x-no-archive", "x-precedence-ref", "x-content-filtered-by", "x-archive-number",
    ];

    private static readonly string[] OfListHeads = ["x-egroups", "x-ml-", "x-list-", "x-mailman", "x-listprocessor", "x-majordomo", "x-ecartis", "x-ezmlm"];

    // Of the list when there is one, else of whoever sent it.
    private static readonly string[] OfListIfAny = ["sender", "reply-to", "errors-to", "precedence", "list-unsubscribe", "list-unsubscribe-post", "return-receipt-to"];

    // Who wrote a newsletter writes some of a list's fields itself; these only a program writes that passes messages of others on.
    private static readonly string[] MarksOfList = ["list-post", "x-beenthere", "mailing-list", "x-mailing-list", "x-mailman-version", "x-egroups-return"];

    /// <summary>The message was passed on by a list of people who write to each other.</summary>
    public static bool IsMarkOfList(ReadOnlySpan<char> name) => Is(name, MarksOfList);

    /// <summary>The field is passed over.</summary>
    public static bool Is(ReadOnlySpan<char> name, bool isOfList) =>
        Is(name, OfReceiver) || Begins(name, OfReceiverHeads) || Is(name, OfList) || Begins(name, OfListHeads) || (isOfList && Is(name, OfListIfAny));

    private static bool Is(ReadOnlySpan<char> name, string[] names)
    {
        foreach (string one in names)
        {
            if (name.SequenceEqual(one))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Begins(ReadOnlySpan<char> name, string[] heads)
    {
        foreach (string head in heads)
        {
            if (name.StartsWith(head, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
