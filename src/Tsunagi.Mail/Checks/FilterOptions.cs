using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Mail.Checks;

/// <summary>What this node can check, and how much work a message may make. What is checked and done for whom is policy, not configuration.</summary>
public sealed record FilterOptions : ICheckedSettings
{
    /// <summary>False: no message is checked, whatever policies say; its way costs nothing then.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Where clamd listens: "/run/clamav/clamd.ctl" or "host:port"; empty when there is none.</summary>
    [MaxLength(253)]
    public string Clamd { get; init; } = "";

    /// <summary>Sessions with clamd at once.</summary>
    [Range(1, 1_000)]
    public int ClamdSessions { get; init; } = 10;

    /// <summary>Most octets clamd takes (its StreamMaxLength); a longer message is not given to it.</summary>
    [Range(64 * 1024, 1L << 31)]
    public long ClamdMaxBytes { get; init; } = 25L * 1024 * 1024;

    /// <summary>The classifier's model, in the data directory or with its whole path; empty: none is asked. One that is not there yet is waited for.</summary>
    [MaxLength(400)]
    public string ClassifierModel { get; init; } = Classify.ModelPath.FileName;

    /// <summary>Messages that a tenant's own model is made from: beyond them the oldest makes room for the newest.</summary>
    [Range(1, 5_000)]
    public int TaughtExamples { get; init; } = 300;

    /// <summary>Features kept of each of the large groups of such a message: three octets each.</summary>
    [Range(50, 4_000)]
    public int TaughtFeatures { get; init; } = 400;

    /// <summary>Wait for all checks of one message.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan CheckDeadline { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Wait for the answers of the DNS to one message.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan DnsDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Wait for what block lists and the DNS say of a message's client.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:30")]
    public TimeSpan ListDeadline { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a block list that is good is asked for its test points.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan ListTestEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The same for one that was taken out.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan ListRetryEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Largest message that is looked into; what is longer is told as not scanned.</summary>
    [Range(64 * 1024, 1L << 30)]
    public int MaxScanBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Octets of all messages being looked into together, beyond those that lie in memory anyway.</summary>
    [Range(1024 * 1024, 1L << 40)]
    public long ScanMemoryBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Things found in one message that are kept; beyond them, the first of each code still is.</summary>
    [Range(1, 500)]
    public int MaxEvidence { get; init; } = 50;

    /// <summary>Different links of one message that are looked at: the first ones.</summary>
    [Range(1, 1_000)]
    public int Links { get; init; } = 100;

    /// <summary>Domains that links may lead to, with all below them, without anything said about it: the provider's own portal, a service that everybody uses.</summary>
    [MaxLength(1_000)]
    public IReadOnlyList<string> LinkSkip { get; init; } = [];

    /// <summary>Domains whose names in other letters are told of anybody's links (banks, authorities); the tenants' own are, for them, without being named.</summary>
    [MaxLength(1_000)]
    public IReadOnlyList<string> ProtectedDomains { get; init; } = [];

    /// <summary>Lists of names in the DNS (URIBL) that links are looked up in; none where none is named.</summary>
    [MaxLength(20)]
    public IReadOnlyList<Links.LinkListOptions> LinkLists { get; init; } = [];

    /// <summary>Most questions to them for one message.</summary>
    [Range(1, 500)]
    public int LinkLookups { get; init; } = 20;

    /// <summary>Archives within archives.</summary>
    [Range(0, 20)]
    public int ArchiveDepth { get; init; } = 5;

    /// <summary>Files of all archives of one message.</summary>
    [Range(1, 1_000_000)]
    public int ArchiveFiles { get; init; } = 2_000;

    /// <summary>Files of one message that are uuencoded in a text or lie within a TNEF file; clamd is given each by itself.</summary>
    [Range(1, 2_000)]
    public int HiddenFiles { get; init; } = 100;

    /// <summary>Octets unpacked for one message.</summary>
    [Range(64 * 1024, 1L << 32)]
    public long ArchiveBytes { get; init; } = 64L * 1024 * 1024;

    // One zone is asked once, tested once and told of once: which of two entries' codes would hold is nobody's guess.
    public Refusal? Check() => LinkLists.GroupBy(static list => list.Zone, StringComparer.OrdinalIgnoreCase).FirstOrDefault(static zone => zone.Count() > 1) is { } twice
        ? Refusal.Invalid("mail.filter.link-list-twice", "settings.linkLists", $"'{twice.Key}' is named more than once", "each zone once, with all its codes")
        : null;
}
