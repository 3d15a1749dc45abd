namespace Tsunagi.Mail.Checks.Clamav;

/// <summary>What clamd says of a stream (clamd(8)): "stream: OK", "stream: NAME FOUND", "INSTREAM size limit exceeded. ERROR"; within a session each with "N: " before it.</summary>
/// <param name="Signature">The name of what was found; null for a clean stream.</param>
/// <param name="Error">What clamd could not do; null when it did.</param>
internal readonly record struct ClamdReply(string? Signature, string? Error)
{
    public bool IsSizeLimit => Error?.Contains("size limit", StringComparison.OrdinalIgnoreCase) == true;

    public static ClamdReply Read(string text)
    {
        var reply = text.Trim('\0', '\n', ' ');
        var digits = 0;
        while (digits < reply.Length && char.IsAsciiDigit(reply[digits]))
        {
            digits++;
        }

        if (digits > 0 && reply.AsSpan(digits).StartsWith(": "))
        {
            reply = reply[(digits + 2)..];
        }

        if (reply is "stream: OK")
        {
            return new ClamdReply(null, null);
        }

        const string from = "stream: ", found = " FOUND";
        return reply.StartsWith(from, StringComparison.Ordinal) && reply.EndsWith(found, StringComparison.Ordinal) && reply.Length > from.Length + found.Length
            ? new ClamdReply(reply[from.Length..^found.Length], null)
            : new ClamdReply(null, reply.Length == 0 ? "an empty reply" : reply);
    }
}
