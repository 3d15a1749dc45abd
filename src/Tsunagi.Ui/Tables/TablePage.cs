namespace Tsunagi.Ui.Tables;

/// <summary>One page of rows.</summary>
/// <param name="Next">The cursor of the next page, or null at the end.</param>
/// <param name="Total">How many rows there are in all, when that is cheap to know.</param>
/// <param name="StaleSinceMicros">Set when the rows come from a projection that lags: up to when it is complete.</param>
public sealed record TablePage<TRow>(IReadOnlyList<TRow> Rows, string? Next = null, long? Total = null, long? StaleSinceMicros = null);
