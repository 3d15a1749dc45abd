namespace Tsunagi.Core.Store.Postgres;

/// <summary>How one schema of a PostgreSQL database is used as a store.</summary>
public sealed record PostgresStoreOptions
{
    /// <summary>"Host=…;Database=…;Username=…;Password=…".</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The schema, made when absent, and what messages and meters call the store ("control", "projections").</summary>
    public required string Schema { get; init; }

    /// <summary>Connections that write at the same time, and as many that read.</summary>
    public int Connections { get; init; } = 16;

    /// <summary>A read or write, with all its repeats, fails with <see cref="StoreUnavailableException"/> after this.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>One statement is ended by the server after this.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>A write that conflicts with others is run at most this often.</summary>
    public int Attempts { get; init; } = 50;

    /// <summary>Hints raised within this time are told to the other nodes together.</summary>
    public TimeSpan HintWindow { get; init; } = TimeSpan.FromMilliseconds(20);
}
