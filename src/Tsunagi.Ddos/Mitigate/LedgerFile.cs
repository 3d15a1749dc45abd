using System.Text.Json;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Time;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>
/// The ledger as it lies on the node, so that it is known with the database away: the active rules, and those that ended and of which the store does not know yet.
/// Replaced in one step: after a crash there is the old one or the new one, whole; after the return, the new one. A rule that was lifted must not come back.
/// A file beside it keeps room for one more, which is given up when the disk is full.
/// </summary>
internal sealed class LedgerFile(IDisk disk, string directory)
{
    private const int LargestBytes = 64 * 1024 * 1024;

    // For 200 rules, the most there are by default.
    private const int ReserveBytes = 256 * 1024;

    private readonly string _path = Path.Combine(directory, "ledger.json");
    private readonly string _reserve = Path.Combine(directory, "ledger.reserve");

    /// <summary>Makes room for it, while there is some.</summary>
    public void Prepare()
    {
        disk.CreateDirectory(directory);
        Reserve();
    }

    public void Write(LedgerContent content)
    {
        if (!disk.Exists(_path))
        {
            disk.CreateDirectory(directory);
            var parent = Path.GetDirectoryName(directory) ?? "/";
            disk.SyncDirectory(parent, SyncPoints.LedgerDirectory);
        }

        var octets = JsonSerializer.SerializeToUtf8Bytes(content);
        try
        {
            Replace(octets);
        }
        catch (DiskFullException) when (disk.Exists(_reserve))
        {
            disk.Delete(_reserve);
            Replace(octets);
            return;
        }

        Reserve();
    }

    private void Replace(byte[] octets)
    {
        var fresh = _path + ".new";
        disk.Delete(fresh);
        using (var file = disk.Create(fresh))
        {
            file.Write(0, octets);
            file.Sync(SyncPoints.LedgerFile);
        }

        disk.Rename(fresh, _path);
        disk.SyncDirectory(directory, SyncPoints.LedgerName);
    }

    // It holds nothing: whether it is there after a power loss does not matter.
    private void Reserve()
    {
        if (disk.Exists(_reserve))
        {
            return;
        }

        try
        {
            using var file = disk.Create(_reserve);
            file.Write(0, new byte[ReserveBytes]);
        }
        catch (DiskFullException)
        {
            disk.Delete(_reserve);
        }
    }

    /// <summary>Empty when there is none.</summary>
    /// <exception cref="JsonException">It is damaged.</exception>
    public LedgerContent Read() =>
        disk.ReadAtMost(_path, LargestBytes) is { } octets ? JsonSerializer.Deserialize<LedgerContent>(octets.Span) ?? LedgerContent.Empty : LedgerContent.Empty;
}

/// <summary>What the file holds.</summary>
internal sealed record LedgerContent(IReadOnlyList<MitigationRow> Active, IReadOnlyList<MitigationRow> Ended)
{
    public static readonly LedgerContent Empty = new([], []);

    /// <summary>
    /// For so long after the ledger last agreed with the store its rules are announced with the store away: as long as routers keep them while a node starts (graceful restart, two minutes), and as long as a rule lives that
    /// nobody sees to (five). After that others may have lifted them, and the attack may be over.
    /// </summary>
    public static readonly TimeSpan YoungFor = TimeSpan.FromMinutes(7);

    /// <summary>Those of both that the store was not told of yet.</summary>
    public IReadOnlyList<string> Unstored { get; init; } = [];

    /// <summary>When the ledger last agreed with the store (Unix microseconds), to a minute; 0 where that is not known.</summary>
    public long AgreedAt { get; init; }

    /// <summary>What the switch did and the store was not told of yet.</summary>
    public IReadOnlyList<LedgerNote> Notes { get; init; } = [];

    /// <summary>Its rules may be announced without asking the store.</summary>
    public bool IsYoung(long nowMicros) => nowMicros - AgreedAt <= (long)YoungFor.TotalMicroseconds;
}

/// <summary>An event that is still to be told.</summary>
internal sealed record LedgerNote(string Type, string Facts, string Id, long AtMicros)
{
    public static LedgerNote Of(string type, SwitchOrder order, int rules, string node, TimeProvider time) =>
        new(type, JsonSerializer.Serialize(new { node, by = order.By, reason = order.Reason, rules }), Core.Ids.Id.New("e", time), time.NowMicros());
}
