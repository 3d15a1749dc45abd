namespace Tsunagi.Core.Shards;

/// <summary>Limits of a node's shards.</summary>
public sealed record ShardOptions
{
    /// <summary>Posts that may wait in one shard. When full, <c>TryPost</c> refuses (and counts it) and <c>PostAsync</c> waits.</summary>
    public int Queue { get; init; } = 1024;

    /// <summary>Rows of one table in one shard; a post for a key beyond that is refused and counted.</summary>
    public int RowsPerShard { get; init; } = 4096;
}
