using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Mail.Import;

/// <summary>A file that is imported, by the path it has in the set-up that names it.</summary>
public sealed record MailImportFile([property: Required, MaxLength(1000)] string Name, [property: Required] string Text);

/// <summary>The request to import a Postfix set-up into a subscription.</summary>
public sealed record MailImportRequest
{
    [Required, MaxLength(60), Description("The mail gateway's subscription the domains become part of.")]
    public string SubscriptionId { get; init; } = "";

    [Required, MaxLength(1000), Description("Path of main.cf among the files.")]
    public string MainFile { get; init; } = "";

    [MaxLength(1000), Description("Path of opendkim.conf among the files; no keys are imported without it.")]
    public string? OpenDkimFile { get; init; }

    [MaxLength(1000), Description("Path of Rspamd's multimap.conf among the files; no senders are imported without it.")]
    public string? RspamdFile { get; init; }

    [Description("Whose word about senders Rspamd's maps become: tenant (the subscription's), provider (all tenants).")]
    public ImportedSenders Senders { get; init; } = ImportedSenders.Tenant;

    [Required, Length(1, 1000), Description("main.cf, opendkim.conf, multimap.conf, and the files they name.")]
    public IReadOnlyList<MailImportFile> Files { get; init; } = [];

    [MaxLength(1000), Description("The domains that are cut over now; all that Postfix relays when none is named.")]
    public IReadOnlyList<string> Domains { get; init; } = [];

    [Description("True: say what would be done, and do nothing.")]
    public bool DryRun { get; init; } = true;
}

/// <summary>For whom imported senders are allowed or blocked.</summary>
public enum ImportedSenders
{
    Tenant,
    Provider,
}

/// <summary>What an import did, or would do, domain by domain.</summary>
/// <param name="Steps">At most 5,000.</param>
/// <param name="Refused">Steps that were refused.</param>
/// <param name="Waiting">Domains whose control is still to be proved.</param>
public sealed record MailImportReport(
    bool DryRun, string SubscriptionId, string TenantId, IReadOnlyList<MailImportStep> Steps, int StepsInAll, int Refused, int Waiting, IReadOnlyList<MailImportProblem> Problems, int ProblemsInAll);

/// <summary>One thing.</summary>
/// <param name="Domain">Empty for senders.</param>
/// <param name="Kind">domain, next-hop, recipients, key or senders.</param>
/// <param name="Act">add, change, same, wait or refuse.</param>
/// <param name="Detail">What it is, or why not.</param>
public sealed record MailImportStep(string Domain, string Kind, string Act, string Detail);
