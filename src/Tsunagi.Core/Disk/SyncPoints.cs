namespace Tsunagi.Core.Disk;

/// <summary>Every fsync of the program, each used by exactly one call (a test reads the source and checks it).</summary>
public static class SyncPoints
{
    public static readonly SyncPoint LogDirectory = new("log directory", "a log that acknowledged a record is still in its parent directory");

    public static readonly SyncPoint NewSegment = new("new segment", "the header and the zeroes of a segment are there before a record is written into it");

    public static readonly SyncPoint NewSegmentName = new("new segment name", "a segment that holds acknowledged records is still in its directory");

    public static readonly SyncPoint Batch = new("batch", "an acknowledged record is on the disk");

    public static readonly SyncPoint RecoveredTail = new("recovered tail", "what readers saw after a start is still there after a power loss");

    public static readonly SyncPoint ReleasedSegment = new("released segment", "a segment never comes back after a younger one that ended its records is gone");

    public static readonly SyncPoint BodyFile = new("body file", "the body of an acknowledged item is on the disk");

    public static readonly SyncPoint CutBodyFile = new("cut body file", "the body of an acknowledged item in a used file that was longer is on the disk, and stays as long as it is");

    public static readonly SyncPoint BodyName = new("body name", "the body file of an acknowledged item is still in its directory");

    public static readonly SyncPoint KeyDirectory = new("key directory", "the directory of a key that was used is still in its parent");

    public static readonly SyncPoint KeyFile = new("key file", "a key that was used is on the disk, whole");

    public static readonly SyncPoint KeyName = new("key name", "the file of a key that was used is still in its directory");

    public static readonly SyncPoint LedgerDirectory = new("ledger directory", "the directory of a ledger of rules is still in its parent");

    public static readonly SyncPoint LedgerFile = new("ledger file", "a rule that was lifted does not come back, one that was made is not forgotten: the file is on the disk, whole");

    public static readonly SyncPoint LedgerName = new("ledger name", "the newest file of a ledger of rules is still in its directory under its name");

    public static readonly SyncPoint HeldBody = new("held body", "the content of a message that the quarantine took over is on the disk");

    public static readonly SyncPoint HeldName = new("held name", "the file of a message that the quarantine took over is still in its directory");

    public static readonly SyncPoint HeldDirectory = new("held directory", "the directory of a tenant's held messages is still in its parents");

    public static readonly SyncPoint FlowDirectory = new("flow directory", "the directory of kept flow records is still in its parent");

    public static readonly SyncPoint SealedFlows = new("sealed flows", "the records of a sealed segment are on the disk, and no octet behind them");

    public static readonly SyncPoint SealedFlowsName = new("sealed flows name", "a sealed segment of flow records is still in its directory");

    public static readonly SyncPoint RolledDirectory = new("rolled directory", "the directory of rolled-up flow records is still in its parent");

    public static readonly SyncPoint RolledFlows = new("rolled flows", "a roll-up of flow records is on the disk, whole");

    public static readonly SyncPoint RolledFlowsName = new("rolled flows name", "a roll-up is still in its directory under its name when what it was made from is deleted");

    /// <summary>Those of the logs and the spool.</summary>
    public static IReadOnlyList<SyncPoint> OfLogs { get; } =
        [LogDirectory, NewSegment, NewSegmentName, Batch, RecoveredTail, ReleasedSegment, BodyFile, CutBodyFile, BodyName];

    /// <summary>Those of key files.</summary>
    public static IReadOnlyList<SyncPoint> OfKeys { get; } = [KeyDirectory, KeyFile, KeyName];

    /// <summary>Those of ledgers of rules.</summary>
    public static IReadOnlyList<SyncPoint> OfLedgers { get; } = [LedgerDirectory, LedgerFile, LedgerName];

    /// <summary>Those of held mail.</summary>
    public static IReadOnlyList<SyncPoint> OfHeldMail { get; } = [HeldBody, HeldName, HeldDirectory];

    /// <summary>Those of kept flow records.</summary>
    public static IReadOnlyList<SyncPoint> OfFlows { get; } = [FlowDirectory, SealedFlows, SealedFlowsName];

    /// <summary>Those of rolled-up flow records.</summary>
    public static IReadOnlyList<SyncPoint> OfRollups { get; } = [RolledDirectory, RolledFlows, RolledFlowsName];

    public static IReadOnlyList<SyncPoint> All { get; } = [.. OfLogs, .. OfKeys, .. OfHeldMail, .. OfLedgers, .. OfFlows, .. OfRollups];
}
