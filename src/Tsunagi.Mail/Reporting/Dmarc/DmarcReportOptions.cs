using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Mail.Reporting.Dmarc;

/// <summary>
/// The section <c>mail.dmarcReports</c>: what domains that ask for it are told once a day of mail in their name that came to our customers (RFC 9990). Off until organization, contact and author are set.
/// </summary>
public sealed record DmarcReportOptions
{
    /// <summary>Who reports, as people know it.</summary>
    [MaxLength(200)]
    public string Organization { get; init; } = "";

    /// <summary>Where its receivers may ask: an address.</summary>
    [MaxLength(254)]
    public string Contact { get; init; } = "";

    /// <summary>The author of reports: an address of a domain served here whose DKIM keys are in use, since reports must pass DMARC themselves (RFC 9990 section 3.5.2).</summary>
    [MaxLength(254)]
    public string From { get; init; } = "";

    /// <summary>
    /// Only domains get reports that sent mail which passed and was wanted in the last week, and more of it than such as was not: a spammer's domain asks for reports too, and who sends them to it is known as alive, or listed.
    /// </summary>
    public bool OnlyGoodSenders { get; init; } = true;

    /// <summary>Domains that get none, and whose addresses get none, with all below them.</summary>
    public IReadOnlyList<string> Never { get; init; } = [];

    /// <summary>Addresses of one domain that a report goes to.</summary>
    [Range(1, 10)]
    public int MaxAddresses { get; init; } = 2;

    /// <summary>Reports of a day that one address gets: a domain of a stranger names whom it likes.</summary>
    [Range(1, 10_000)]
    public int MaxToOne { get; init; } = 50;

    /// <summary>Largest report, packed; of more records the rarer ones are left out, and it says so.</summary>
    [Range(16 * 1024, 64 * 1024 * 1024)]
    public int MaxBytes { get; init; } = 5 * 1024 * 1024;

    /// <summary>Domains of one day; mail of those beyond is counted as left out.</summary>
    [Range(1, 1_000_000)]
    public int MaxDomains { get; init; } = 10_000;

    /// <summary>Records of one domain and day (messages alike in source, names and results); messages of further ones are counted as left out, and its report says so.</summary>
    [Range(1, 100_000)]
    public int MaxRecords { get; init; } = 2_000;

    /// <summary>Records of one day, of all domains.</summary>
    [Range(1, 10_000_000)]
    public int MaxRecordsTogether { get; init; } = 200_000;

    /// <summary>After the end of the day (UTC) so long at least; up to four times as long, by the domain, so that not all come at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "05:00:00")]
    public TimeSpan SendAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often the node looks whether reports are due.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often what was counted goes to the store: a crash loses so much.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan WriteEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The author's domain: whoever reports is known by it, the same on every node.</summary>
    internal string FromDomain => From[(From.LastIndexOf('@') + 1)..].ToLowerInvariant();

    internal bool IsOn => Organization.Length > 0 && Contact.Length > 0 && From.Length > 0;
}
