using System.Globalization;
using Tsunagi.Core.Disk;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// The files of kept records: (1) blocks are appended to the open one, (2) which is sealed from time to time: synced, then named by what it holds, (3) the oldest are deleted when their
/// time is over or there are too many; (4) at a start, open ones are cut behind their last whole block and sealed. One thread writes; any may read the list, which is replaced whole.
/// </summary>
internal sealed class FlowSegments(IDisk disk, string directory) : IDisposable
{
    internal const string Sealed = ".flows";
    private const string Open = ".open";

    private volatile FlowSegment[] _all = [];
    private IDiskFile? _file;
    private long _next = 1;

    /// <summary>In the order in which they were begun.</summary>
    public IReadOnlyList<FlowSegment> All => _all;

    /// <summary>The one that is appended to; null when there is none.</summary>
    public FlowSegment? Current { get; private set; }

    public long Bytes => _all.Sum(static segment => segment.Bytes);

    public long FreeBytes => disk.FreeBytes(directory);

    /// <summary>(4)</summary>
    /// <param name="after">Numbers up to this one were used by segments that are not there any more.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Start(long after = 0)
    {
        _next = Math.Max(_next, after + 1);
        disk.CreateDirectory(directory);
        var parent = Path.GetDirectoryName(directory) ?? "/";
        disk.SyncDirectory(parent, SyncPoints.FlowDirectory);
        var list = new List<FlowSegment>();
        foreach (var name in disk.List(directory))
        {
            var path = Path.Combine(directory, name);
            if (Parse(path, name) is { } known)
            {
                list.Add(known);
                _next = Math.Max(_next, known.Number + 1);
            }
            else if (name.EndsWith(Open, StringComparison.Ordinal) && long.TryParse(name[..^Open.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                _next = Math.Max(_next, number + 1);
                if (Recover(path, number) is { } recovered)
                {
                    list.Add(recovered);
                }
            }
        }

        _all = [.. list.OrderBy(static segment => segment.Number)];
    }

    /// <summary>(1)</summary>
    /// <exception cref="IOException">The disk refused: nothing of the block is there, and the next is tried in its place.</exception>
    public void Append(ReadOnlySpan<byte> block, long first, long last, int records)
    {
        var current = Current;
        if (current is null || _file is null)
        {
            var number = _next++;
            var path = Path.Combine(directory, number.ToString("D10", CultureInfo.InvariantCulture) + Open);
            _file = disk.Create(path);
            current = new FlowSegment(path, number, first, last, 0, 0);
        }

        Current = current;
        _file.Write(current.Bytes, block);
        Current = current with { First = Math.Min(current.First, first), Last = Math.Max(current.Last, last), Bytes = current.Bytes + block.Length, Records = current.Records + records };
        Replace(current, Current);
    }

    /// <summary>(2) What it holds stays, whatever happens to the machine.</summary>
    /// <exception cref="IOException">The disk refused: the file stays as it is and is looked at again at the next start.</exception>
    public void Seal()
    {
        if (Current is not { } current || _file is not { } file)
        {
            return;
        }

        (Current, _file) = (null, null);
        using (file)
        {
            if (current.Records == 0)
            {
                disk.Delete(current.Path);
                return;
            }

            Seal(file, current);
        }
    }

    /// <summary>Those that could not be sealed when it was time, tried again.</summary>
    /// <exception cref="IOException">The disk refused again.</exception>
    public void SealLeft()
    {
        foreach (var left in _all.Where(segment => !segment.IsSealed && segment.Number != Current?.Number))
        {
            using var file = disk.Open(left.Path, forWriting: true);
            Seal(file, left);
        }
    }

    /// <summary>(3) How many records were deleted.</summary>
    /// <param name="mayGo">Those that are still needed stay, however old and many they are; null for none.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public long Delete(long olderThan, long mostBytes, Func<FlowSegment, bool>? mayGo = null)
    {
        var (deleted, bytes) = (0L, Bytes);
        foreach (var segment in _all)
        {
            if (segment.Number == Current?.Number || (segment.Last >= olderThan && bytes <= mostBytes) || mayGo?.Invoke(segment) == false)
            {
                continue;
            }

            _all = [.. _all.Where(other => other.Number != segment.Number)];
            disk.Delete(segment.Path);
            bytes -= segment.Bytes;
            deleted += segment.Records;
        }

        return deleted;
    }

    /// <summary>For reading; null when it was deleted meanwhile.</summary>
    public IDiskFile? Read(FlowSegment segment)
    {
        // Sealed between the look at the list and now: it has another name.
        foreach (var path in (string?[])[segment.Path, _all.FirstOrDefault(other => other.Number == segment.Number)?.Path])
        {
            try
            {
                if (path is not null)
                {
                    return disk.Open(path, forWriting: false);
                }
            }
            catch (IOException)
            {
                // Under the other name, or gone.
            }
        }

        return null;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private void Seal(IDiskFile file, FlowSegment segment)
    {
        // Half of a block that did not fit may lie behind the end.
        file.Truncate(segment.Bytes);
        file.Sync(SyncPoints.SealedFlows);
        var named = segment with
        {
            Path = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{segment.Number:D10}-{segment.First:D13}-{segment.Last:D13}-{segment.Records}{Sealed}")),
        };
        disk.Rename(segment.Path, named.Path);
        Replace(segment, named);
        disk.SyncDirectory(directory, SyncPoints.SealedFlowsName);
    }

    private FlowSegment? Recover(string path, long number)
    {
        using var file = disk.Open(path, forWriting: true);
        var (reader, segment, length) = (new BlockReader(), new FlowSegment(path, number, long.MaxValue, 0, 0, 0), file.Length);
        while (reader.TryOpen(file, segment.Bytes, length) && reader.IsWhole)
        {
            var header = reader.Header;
            segment = segment with { First = Math.Min(segment.First, header.First), Last = Math.Max(segment.Last, header.Last), Bytes = segment.Bytes + header.Length, Records = segment.Records + header.Records };
        }

        if (segment.Records == 0)
        {
            disk.Delete(path);
            return null;
        }

        _all = [segment];
        Seal(file, segment);
        return _all[0];
    }

    private FlowSegment? Parse(string path, string name)
    {
        var parts = name.EndsWith(Sealed, StringComparison.Ordinal) ? name[..^Sealed.Length].Split('-') : [];
        if (parts.Length != 4 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || !long.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var records))
        {
            return null;
        }

        using var file = disk.Open(path, forWriting: false);
        return new FlowSegment(path, number, first, last, file.Length, records);
    }

    private void Replace(FlowSegment before, FlowSegment after)
    {
        _all = [.. _all.Where(segment => segment.Number != before.Number), after];
    }
}

/// <summary>One file of kept records.</summary>
/// <param name="Number">Rising, never used again.</param>
/// <param name="First">When the first and the last record of it was received, Unix milliseconds.</param>
/// <param name="Bytes">Whole blocks; only these are read.</param>
internal sealed record FlowSegment(string Path, long Number, long First, long Last, long Bytes, long Records)
{
    /// <summary>Nothing is appended to it any more, and all of it is on the disk.</summary>
    public bool IsSealed => Path.EndsWith(FlowSegments.Sealed, StringComparison.Ordinal);
}
