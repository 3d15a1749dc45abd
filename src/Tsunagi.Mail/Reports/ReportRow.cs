namespace Tsunagi.Mail.Reports;

/// <summary>One report, or a message that should have been one. Times in µs.</summary>
/// <param name="Kind">dmarc, tls, or empty for what cannot be read.</param>
/// <param name="CameBy">mail, or upload.</param>
/// <param name="MessageId">The message it came in; empty for an upload.</param>
/// <param name="Author">Domain of the author of that message, or the name of who uploaded it.</param>
/// <param name="AuthorResult">What DMARC says of that author: pass, fail, none, temperror, permerror; unchecked without a resolver; upload.</param>
/// <param name="Policy">p= as the reporter found it; for TLS the type of the first policy.</param>
/// <param name="Published">The rest of the policy, for people.</param>
/// <param name="Messages">Messages, or sessions of a TLS report.</param>
/// <param name="LeftOut">Records that cannot be read, or are of names outside the domain.</param>
/// <param name="State">loading, read or refused.</param>
/// <param name="Why">Why it is refused; a clause in English.</param>
public sealed record ReportRow(
    string Id, string TenantPath, string Kind, string Domain, string Organization, string Contact, string ReportId, long BeginAt, long EndAt, long ReceivedAt, string CameBy, string MessageId,
    string Author, string AuthorResult, string Policy, string Published, long Messages, long Passed, long Records, long LeftOut, string Digest, string State, string Why)
{
    public const string Dmarc = "dmarc";
    public const string Tls = "tls";
    public const string Loading = "loading";
    public const string Read = "read";
    public const string Refused = "refused";
    public const string Uploaded = "upload";

    /// <summary>Its author is who it says it is, or somebody of the domain's own brought it.</summary>
    public bool IsTrusted => AuthorResult is "pass" or Uploaded;
}

/// <summary>How a report came, and what is known of who sent it.</summary>
internal sealed record ReportOrigin(string CameBy, string MessageId, string Author, string AuthorResult);

/// <summary>What became of one report.</summary>
/// <param name="State">stored, already (this very report was stored before), or refused.</param>
/// <param name="Why">Why it is refused.</param>
public sealed record ReportOutcome(string State, string FileName, string Kind, string Domain, string Organization, string ReportId, string Id, string Why)
{
    public const string Stored = "stored";
    public const string Already = "already";
    public const string Refused = "refused";
}
