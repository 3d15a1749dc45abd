namespace Tsunagi.Core.Disk;

/// <summary>
/// The name of one fsync in the program. Each call of <see cref="IDiskFile.SyncData"/>, <see cref="IDiskFile.Sync"/> and
/// <see cref="IDisk.SyncDirectory"/> has its own, listed in <see cref="SyncPoints"/>, so that the tests' disk can ignore exactly that one and a
/// test can show what breaks without it. An fsync without which nothing breaks does not belong in the program.
/// </summary>
public sealed class SyncPoint
{
    internal SyncPoint(string name, string promise)
    {
        Name = name;
        Promise = promise;
    }

    public string Name { get; }

    /// <summary>What would be lost without this fsync.</summary>
    public string Promise { get; }

    public override string ToString() => Name;
}
