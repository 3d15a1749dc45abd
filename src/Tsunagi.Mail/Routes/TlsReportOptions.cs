using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Mail.Routes;

/// <summary>
/// The section <c>mail.tlsReports</c>: what other domains are told of our sessions with their servers (RFC 8460). Off until organisation, contact and author are set; only for mail that leaves by MX.
/// </summary>
public sealed record TlsReportOptions
{
    /// <summary>Who reports, as people know it.</summary>
    [MaxLength(200)]
    public string Organization { get; init; } = "";

    /// <summary>Where its receivers may ask: an address.</summary>
    [MaxLength(254)]
    public string Contact { get; init; } = "";

    /// <summary>The author of reports by mail: an address of a domain served here whose DKIM keys are in use, since unsigned reports are thrown away (RFC 8460 section 3).</summary>
    [MaxLength(254)]
    public string From { get; init; } = "";

    /// <summary>Addresses of one domain that a report goes to.</summary>
    [Range(1, 10)]
    public int MaxAddresses { get; init; } = 2;

    /// <summary>Reports of a day that one address, or one HTTPS host, gets: a domain of a stranger names whom it likes.</summary>
    [Range(1, 10_000)]
    public int MaxToOne { get; init; } = 50;

    /// <summary>Largest report, packed; of more failures the rarer ones are left out.</summary>
    [Range(16 * 1024, 16 * 1024 * 1024)]
    public int MaxBytes { get; init; } = 1024 * 1024;

    /// <summary>After the end of the day (UTC) so long at least; up to four times as long, by the domain, so that not all come at once (RFC 8460 section 4.1).</summary>
    [Range(typeof(TimeSpan), "00:00:00", "05:00:00")]
    public TimeSpan SendAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often the node looks whether reports are due.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMinutes(10);

    internal bool IsOn => Organization.Length > 0 && Contact.Length > 0 && From.Length > 0;
}
