namespace Tsunagi.Tests.Isolation;

/// <summary>Words that random requests are made of.</summary>
internal static class IsolationWords
{
    /// <summary>Names of query parameters and of fields, those of the API and those that only a careless program would take.</summary>
    public static readonly IReadOnlyList<string> Parameters =
    [
        "account", "actor", "basis", "below", "by", "category", "contains", "currency", "cursor", "days", "domain", "format", "from", "group", "hours", "include", "kind", "language", "last", "limit", "line", "list", "month",
        "name", "nas", "number", "order", "owner", "parentId", "path", "period", "pool", "q", "recipient", "scope", "sender", "service", "severity", "site", "sort", "state", "subject", "subscription", "subscriptionId",
        "suffix", "tenant", "tenantId", "tenantPath", "text", "to", "top", "type", "until", "user", "userId", "vrf", "where",
    ];

    /// <summary>Columns of tables, by which is sorted and filtered.</summary>
    public static readonly IReadOnlyList<string> Columns = ["id", "name", "tenant", "state", "time", "user", "subscription", "address", "reason", "site", "tenant_path", "amount", "(select name from tenant)", "name;--"];

    /// <summary>What breaks careless programs.</summary>
    public static readonly IReadOnlyList<string> Hostile =
    [
        "", "%", "_", "*", "'", "\"", "' OR 1=1 --", "\0", "\u202e", "😀", "null", "true", "{}", "[]", "../../etc/passwd", "%2e%2e%2f", "<script>alert(1)</script>", "0001-01-01", "9999-12-31T23:59:59Z", "2026-02-30", "::/0", "0.0.0.0/0",
        new string('a', 5_000), "(((((((((((((((", "\ud800",
    ];
}
