namespace Tsunagi.Core.Store.Sqlite;

/// <summary>How one SQLite file is opened.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The database file; its directory must exist.</summary>
    public required string Path { get; init; }

    /// <summary>What messages and meters call it ("control", "projections").</summary>
    public required string Name { get; init; }

    /// <summary>True: a completed write survives power loss (synchronous=FULL). False: only after MakeDurableAsync (NORMAL).</summary>
    public bool Full { get; init; } = true;

    /// <summary>Connections that read at the same time.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Writes that may wait for the writer; one more waits in its caller, and no longer than <see cref="Deadline"/>.</summary>
    public int QueuedWrites { get; init; } = 1024;

    /// <summary>Writes that may share one commit.</summary>
    public int WritesPerCommit { get; init; } = 128;

    /// <summary>No further write joins a commit that has run this long.</summary>
    public TimeSpan CommitWindow { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>A read or write that could not begin for this long fails with <see cref="StoreUnavailableException"/>.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);
}
