namespace Tsunagi.Protocols.Mail.MtaSts;

/// <summary>The TXT record at _mta-sts.DOMAIN (RFC 8461 section 3.1): that there is a policy, and which version of it.</summary>
public static class StsRecord
{
    /// <summary>
    /// The id of the policy. False, with the reason, where there is none: no record of the version, several, or one that cannot be read; then the domain has no MTA-STS.
    /// </summary>
    /// <code>
    /// sts-text-record = sts-version 1*(sts-field-delim sts-field) [sts-field-delim]
    /// sts-version     = %s"v=STSv1"        sts-id = %s"id=" 1*32(ALPHA / DIGIT)
    /// </code>
    public static bool TryRead(IReadOnlyList<string> texts, out string id, out string why)
    {
        ArgumentNullException.ThrowIfNull(texts);
        id = "";
        List<string> records = [.. texts.Where(static text => text.StartsWith("v=STSv1", StringComparison.Ordinal) && (text.Length == 7 || text[7] is ';' or ' ' or '\t'))];
        if (records.Count != 1)
        {
            why = records.Count == 0 ? "there is no record of version STSv1" : "there are several records of version STSv1";
            return false;
        }

        foreach (string field in records[0].Split(';').Skip(1))
        {
            string trimmed = field.Trim(' ', '\t');
            if (trimmed.StartsWith("id=", StringComparison.Ordinal))
            {
                id = trimmed[3..];
                break;
            }
        }

        bool isGood = id.Length is > 0 and <= 32 && id.All(char.IsAsciiLetterOrDigit);
        why = isGood ? "" : "the record has no id of 1 to 32 letters and digits";
        id = isGood ? id : "";
        return isGood;
    }
}
