namespace Tsunagi.Protocols.Mail.MtaSts;

/// <summary>Where a domain's policy lies.</summary>
public static class StsLocation
{
    /// <summary>The path of the file on the policy host (RFC 8461 section 3.3).</summary>
    public const string Path = "/.well-known/mta-sts.txt";

    /// <summary>The name of the record that says that there is a policy (section 3.1).</summary>
    public static string RecordOf(string domain) => "_mta-sts." + domain;

    /// <summary>The policy host, whose certificate must be valid for this name (section 3.3).</summary>
    public static string HostOf(string domain) => "mta-sts." + domain;

    /// <summary>The answer is a policy only as text/plain (section 3.2); parameters do not matter.</summary>
    public static bool IsPolicyType(string? contentType) =>
        contentType is not null && contentType.Split(';')[0].Trim().Equals("text/plain", StringComparison.OrdinalIgnoreCase);
}
