namespace Tsunagi.Core.Store;

/// <summary>Which database a node uses.</summary>
public sealed record StoreOptions
{
    /// <summary>Directory of the SQLite files control.db and projections.db, when there is no PostgreSQL.</summary>
    public required string Directory { get; init; }

    /// <summary>The connection string of a PostgreSQL database ("Host=…;Database=…;Username=…"), or null for SQLite.</summary>
    public string? Postgres { get; init; }

    /// <summary>How long a read or write may wait before it fails with <see cref="StoreUnavailableException"/>.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);
}
