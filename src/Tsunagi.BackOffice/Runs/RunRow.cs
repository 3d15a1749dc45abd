namespace Tsunagi.BackOffice.Runs;

/// <summary>An invoice run as its row is kept.</summary>
/// <param name="State">One of <see cref="RunState"/>'s words.</param>
/// <param name="Cursor">The path of the last account whose bill was computed.</param>
internal sealed record RunRow(
    string Id, string TenantPath, string Period, string State, string IssueDate, long KnownAt, long RulesVersion, string? OnlyAccount, string MadeBy, string MadeByName, long MadeAt,
    string? ReleasedBy, string? ReleasedByName, long? ReleasedAt, long? EndedAt, long Accounts, string Cursor)
{
    internal const string Columns = """
        id, tenant_path, period, state, issue_date, known_at, rules_version, only_account, made_by, made_by_name, made_at, released_by, released_by_name, released_at, ended_at, accounts, cursor
        """;
}

/// <summary>How far a run is.</summary>
public static class RunState
{
    public const string Computing = "computing";
    public const string Ready = "ready";
    public const string Issuing = "issuing";
    public const string Issued = "issued";
    public const string Discarded = "discarded";
}

/// <summary>How far one account's bill of a run is.</summary>
public static class DraftState
{
    public const string Ready = "ready";

    /// <summary>Nothing to bill.</summary>
    public const string Empty = "empty";

    /// <summary>The period was billed already.</summary>
    public const string Billed = "billed";

    /// <summary>Less than nothing: it is carried to the next bill.</summary>
    public const string Carried = "carried";

    /// <summary>It cannot be made; the draft says why.</summary>
    public const string Failed = "failed";

    /// <summary>Another document of the account was issued after it was computed: the next run has it.</summary>
    public const string Stale = "stale";

    public const string Issued = "issued";
}

/// <summary>One account's bill of a run, as its row is kept.</summary>
internal sealed record DraftRow(
    string RunId, string AccountId, string TenantPath, string State, string AccountName, long AfterSeq, string Currency, long NetMinor, long TaxMinor, long TotalMinor, long? PreviousMinor,
    long LineCount, string InputHash, string Bill, string? Problem, string? InvoiceId);

/// <summary>What a draft holds: the bill, and the names of its services as they were.</summary>
/// <param name="Once">The numbers of the lines whose price is charged once.</param>
/// <param name="Spread">Of lines whose revenue is earned over a term: their numbers and its months.</param>
internal sealed record DraftContent(Bills.Bill Bill, IReadOnlyDictionary<string, string> Services, IReadOnlyList<int>? Once = null, IReadOnlyDictionary<int, int>? Spread = null);
