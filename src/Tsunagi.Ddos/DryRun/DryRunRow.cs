using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Tsunagi.Core.Api;
using Tsunagi.Ddos.Mitigate;

namespace Tsunagi.Ddos.DryRun;

/// <summary>A dry run that is over, as its table holds it.</summary>
/// <param name="Inputs">What it stood on (<see cref="DryRunInputs"/>).</param>
/// <param name="CoverPercent">Of the minutes asked about, rounded down.</param>
public sealed record DryRunRow(
    string Id, string TenantPath, string TenantId, string SubscriptionId, string Node, string Mode, long Days, string Inputs, string State, long FromAt, long ToAt, string MadeBy, long MadeAt, long DoneAt, long CoverPercent,
    long Opened, long RulesOut, string Verdict, string Problem, string Report)
{
    public const string Running = "running";
    public const string Done = "done";
    public const string Failed = "failed";

    internal const string Columns = """
        id, tenant_path, tenant_id, subscription_id, node, mode, days, inputs, state, from_at, to_at, made_by, made_at, done_at, cover_percent, opened, rules_out, verdict, problem, report
        """;

    // A list does not read what is read one by one.
    internal const string Heads = """
        id, tenant_path, tenant_id, subscription_id, node, mode, days, inputs, state, from_at, to_at, made_by, made_at, done_at, cover_percent, opened, rules_out, verdict, problem, '' AS report
        """;

    internal DryRunReport? ReportOf() => Report.Length == 0 ? null : JsonSerializer.Deserialize<DryRunReport>(Report, ApiJson.Options);
}

/// <summary>A dry run that is wanted.</summary>
public sealed record DryRunRequest
{
    [Required, StringLength(100, MinimumLength = 1), Description("Whose: a protection (its subscription), a tenant with one protection, or an address or prefix that is protected.")]
    public string Of { get; init; } = "";

    [Range(1, 90), Description("How many days back; as many as a report must be of without it (7).")]
    public int? Days { get; init; }

    [AllowedValues(ResponseMode.Ask, ResponseMode.Automatic, null), Description("ask or automatic; automatic without it.")]
    public string? As { get; init; }
}

/// <summary>A dry run: under way, or over.</summary>
/// <param name="State">running, done or failed.</param>
/// <param name="Progress">How far it has come, 0 to 1.</param>
/// <param name="IsCurrent">What it stood on is as it was: limits, prefixes, detection. False where the protection is not on this node.</param>
/// <param name="Report">Absent while it runs, in lists, and where it failed.</param>
public sealed record DryRunView(
    string Id, string Protection, string TenantId, string Node, string As, long Days, string State, double Progress, long From, long To, string MadeBy, long MadeAt, long? DoneAt, long? CoverPercent, long? Opened, long? RulesOut,
    string? Verdict, bool IsCurrent, string? Problem, DryRunReport? Report)
{
    internal static DryRunView Of(DryRunRow row, bool isCurrent) => new(
        row.Id, row.SubscriptionId, row.TenantId, row.Node, row.Mode, row.Days, row.State, 1, row.FromAt, row.ToAt, row.MadeBy, row.MadeAt, row.DoneAt, row.CoverPercent, row.Opened, row.RulesOut,
        row.Verdict.Length == 0 ? null : row.Verdict, isCurrent, row.Problem.Length == 0 ? null : row.Problem, row.ReportOf());
}
