using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Mail.Reports;

/// <summary>The section <c>mail.reports</c>: reports that others send about customers' domains (DMARC aggregate, TLS).</summary>
public sealed record ReportOptions
{
    /// <summary>The address they are sent to, which customers name in rua= of their records; one for all of them. Empty: none come by mail.</summary>
    [MaxLength(254)]
    public string Address { get; init; } = "";

    /// <summary>Largest message to that address.</summary>
    [Range(64 * 1024, 1L << 28)]
    public long MaxMessageBytes { get; init; } = 24L * 1024 * 1024;

    /// <summary>Octets that one message or file may unpack to.</summary>
    [Range(1024 * 1024, 1L << 32)]
    public long MaxUnpackedBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary>Records of one report.</summary>
    [Range(1_000, 5_000_000)]
    public int MaxRecords { get; init; } = 200_000;

    /// <summary>Source addresses of one message of reports whose names are asked for in the DNS, those with most mail first.</summary>
    [Range(0, 1_000)]
    public int MaxNames { get; init; } = 64;

    /// <summary>Days for which reports and their records are kept, from their receipt.</summary>
    [Range(31, 3_650)]
    public int KeepDays { get; init; } = 400;

    /// <summary>Days for which the rows of refused and unreadable ones are kept.</summary>
    [Range(1, 3_650)]
    public int KeepRefusedDays { get; init; } = 30;

    /// <summary>How often what is older is taken out.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromHours(1);
}
