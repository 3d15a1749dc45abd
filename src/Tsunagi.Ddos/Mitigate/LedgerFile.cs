using System.Text.Json;
using Tsunagi.Core.Disk;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>
/// The ledger as it lies on the node, so that it is known with the database away: the active rules, and those that ended and of which the store does not know yet.
/// Replaced in one step: after a crash there is the old one or the new one, whole; after the return, the new one. A rule that was lifted must not come back.
/// </summary>
internal sealed class LedgerFile(IDisk disk, string directory)
{
    private const int LargestBytes = 64 * 1024 * 1024;

    private readonly string _path = Path.Combine(directory, "ledger.json");

    public void Write(LedgerContent content)
    {
        if (!disk.Exists(_path))
        {
            disk.CreateDirectory(directory);
            var parent = Path.GetDirectoryName(directory) ?? "/";
            disk.SyncDirectory(parent, SyncPoints.LedgerDirectory);
        }

        var fresh = _path + ".new";
        disk.Delete(fresh);
        using (var file = disk.Create(fresh))
        {
            file.Write(0, JsonSerializer.SerializeToUtf8Bytes(content));
            file.Sync(SyncPoints.LedgerFile);
        }

        disk.Rename(fresh, _path);
        disk.SyncDirectory(directory, SyncPoints.LedgerName);
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
}
