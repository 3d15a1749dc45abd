using System.Globalization;
using Tsunagi.Core.Disk;

namespace Tsunagi.Ddos.Archive.Rollups;

/// <summary>
/// The files of rolled-up records. Each says in its name of which segments it is, and is there wholly or not at all: (1) it is written under another name and synced, (2) gets its name, (3) which is synced, and only then
/// counts. Of one level no two are of the same segment, so what is of a segment that a level has need not be asked of finer ones, and nothing counts twice. One thread writes; any may read the list, which is replaced whole.
/// </summary>
internal sealed class RollupFiles(IDisk disk, string segments)
{
    private const string Named = ".rolled";
    private const string Making = "making.tmp";

    private readonly string _directory = Path.Combine(segments, "rolled");
    private volatile RollupList _list = new([]);

    /// <summary>All at this moment.</summary>
    public RollupList List => _list;

    public long FreeBytes => disk.FreeBytes(_directory);

    /// <summary>The last segment of which anything is known; 0 when there is none.</summary>
    public long LastNumber => _list.All.Count == 0 ? 0 : _list.All.Max(static file => file.To);

    /// <summary>Whether this segment is rolled up, durably.</summary>
    public bool Holds(long number) => _list.Holds(FlowLevel.Minute, number);

    /// <exception cref="IOException">The disk refused.</exception>
    public void Start()
    {
        disk.CreateDirectory(_directory);
        disk.SyncDirectory(segments, SyncPoints.RolledDirectory);
        disk.Delete(Path.Combine(_directory, Making));

        // What a killed program named is there, and may not be so after a power loss: from here on it counts.
        SyncNames();
        var list = new List<RollupFile>();
        foreach (var file in disk.List(_directory).Select(Parse).OfType<RollupFile>().OrderBy(static file => file.Level).ThenBy(static file => file.From).ThenByDescending(static file => file.To))
        {
            // Named, and not counted since the sync of its name failed: it was made again, with more.
            if (list.Count > 0 && list[^1].Level == file.Level && list[^1].To >= file.From)
            {
                disk.Delete(file.Path);
                continue;
            }

            list.Add(file);
        }

        _list = new RollupList(list);
    }

    /// <param name="write">Writes its blocks, one after the other, by calling what it is given; how many rows.</param>
    /// <exception cref="IOException">The disk refused: nothing is there.</exception>
    public RollupFile Add(FlowLevel level, long from, long to, long first, long last, Func<Action<ReadOnlyMemory<byte>>, long> write)
    {
        // (1)
        var path = Path.Combine(_directory, Making);
        disk.Delete(path);
        var (at, rows) = (0L, 0L);
        using (var file = disk.Create(path))
        {
            rows = write(block =>
            {
                file.Write(at, block.Span);
                at += block.Length;
            });
            file.Sync(SyncPoints.RolledFlows);
        }

        // (2)
        var name = string.Create(CultureInfo.InvariantCulture, $"{(int)level}-{from:D10}-{to:D10}-{first:D13}-{last:D13}-{rows}{Named}");
        var made = new RollupFile(Path.Combine(_directory, name), level, from, to, first, last, at, rows);
        disk.Rename(path, made.Path);

        // (3)
        SyncNames();
        _list = new RollupList([.. _list.All, made]);
        return made;
    }

    /// <exception cref="IOException">The disk refused.</exception>
    public void Delete(RollupFile file)
    {
        _list = new RollupList([.. _list.All.Where(other => other != file)]);
        disk.Delete(file.Path);
    }

    /// <summary>For reading; null when it was deleted meanwhile.</summary>
    public IDiskFile? Read(RollupFile file)
    {
        try
        {
            return disk.Open(file.Path, forWriting: false);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void SyncNames() => disk.SyncDirectory(_directory, SyncPoints.RolledFlowsName);

    private RollupFile? Parse(string name)
    {
        var parts = name.EndsWith(Named, StringComparison.Ordinal) ? name[..^Named.Length].Split('-') : [];
        var numbers = new long[6];
        if (parts.Length != numbers.Length || Enumerable.Range(0, numbers.Length).Any(i => !long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) || numbers[0] is < 1 or > 3)
        {
            return null;
        }

        var path = Path.Combine(_directory, name);
        using var file = disk.Open(path, forWriting: false);
        return new RollupFile(path, (FlowLevel)numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], file.Length, numbers[5]);
    }
}

/// <summary>One file of rolled-up rows.</summary>
/// <param name="From">The first and the last segment it is of; it is of all between them that there were.</param>
/// <param name="First">When the first and the last record of them was received, Unix milliseconds.</param>
internal sealed record RollupFile(string Path, FlowLevel Level, long From, long To, long First, long Last, long Bytes, long Rows);

/// <summary>The files at one moment.</summary>
internal sealed class RollupList(IReadOnlyList<RollupFile> all)
{
    // From five minutes on files are made in the order of segments: up to here all are in them.
    private readonly Dictionary<FlowLevel, long> _upTo = FlowLevels.Rolled.ToDictionary(
        static level => level, level => all.Where(file => file.Level >= level && file.Level > FlowLevel.Minute).Select(static file => file.To).DefaultIfEmpty(0).Max());

    private readonly HashSet<long> _minutes = [.. all.Where(static file => file.Level == FlowLevel.Minute).Select(static file => file.From)];

    private readonly Dictionary<FlowLevel, RollupFile[]> _byLevel = FlowLevels.Rolled.ToDictionary(
        static level => level, level => all.Where(file => file.Level == level).OrderBy(static file => file.From).ToArray());

    public IReadOnlyList<RollupFile> All => all;

    public long Bytes => all.Sum(static file => file.Bytes);

    /// <summary>Whether a file of this very level is there that is of these segments.</summary>
    public bool IsIn(FlowLevel level, long from, long to)
    {
        var files = _byLevel[level];
        var (low, high) = (0, files.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (files[middle].From > from)
            {
                high = middle - 1;
            }
            else
            {
                low = middle + 1;
            }
        }

        return high >= 0 && files[high].To >= to;
    }

    /// <summary>Whether what is of this segment is in a file of this level, or in a coarser one: such as was deleted when its time was over counts too.</summary>
    public bool Holds(FlowLevel level, long number) => level switch
    {
        FlowLevel.Raw => false,
        FlowLevel.Minute => number <= _upTo[level] || _minutes.Contains(number),
        _ => number <= _upTo[level],
    };
}
