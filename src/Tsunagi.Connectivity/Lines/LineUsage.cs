using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Lines;

/// <summary>What a line used, by the hour, as its accounting told it.</summary>
internal sealed class LineUsage(Stores stores)
{
    public const long HourMicros = 3_600L * 1_000_000;

    public static readonly TenantQuery ByHour = new("connectivity.usage.by-hour", """
        SELECT minute / 3600000000 AS hour, CAST(sum(octets_in) AS bigint) AS from_customer, CAST(sum(octets_out) AS bigint) AS to_customer FROM connectivity_usage
        WHERE {tenant} AND line_id = @Line AND minute >= @From GROUP BY minute / 3600000000 ORDER BY hour
        """);

    /// <summary>Hours since <paramref name="fromMicros"/> in which something was used.</summary>
    public ValueTask<IReadOnlyList<HourOfUse>> SinceAsync(Caller caller, string line, long fromMicros, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<HourOfUse>(ByHour, new { Line = line, From = fromMicros }, cancellationToken);
}

/// <summary>One hour; octets.</summary>
/// <param name="Hour">Hours since 1970.</param>
public sealed record HourOfUse(long Hour, long FromCustomer, long ToCustomer);
