using System.Globalization;
using System.Security.Cryptography;
using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

/// <summary>
/// The files of long bodies. A thread of its own syncs them, so that a long body never stands in the way of the log's writer: it takes all that
/// wait, syncs each, then their directory once if one of their names is new. A file whose item is gone is written again by the next long body
/// (<see cref="SpentBodies"/>), unless somebody still reads it.
/// </summary>
internal sealed partial class BodyFiles : IAsyncDisposable
{
    private const string Suffix = ".body";

    private readonly IDisk _disk;
    private readonly string _directory;
    private readonly ILogger _log;
    private readonly object _gate = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SpentBodies _spent;
    private readonly Dictionary<UInt128, int> _readers = [];
    private List<(BodyFile File, TaskCompletionSource Synced)> _toSync = [];
    private List<UInt128> _toDelete = [];
    private bool _closing;

    public BodyFiles(IDisk disk, string directory, SpentBodies spent, ILogger log)
    {
        (_disk, _directory, _spent, _log) = (disk, directory, spent, log);
        disk.CreateDirectory(directory);
        new Thread(Work) { IsBackground = true, Name = "spool bodies" }.Start();
    }

    /// <summary>A file to write a body into: a spent one, whose old bytes lie in it until they are overwritten, or a new one.</summary>
    public BodyFile Create()
    {
        UInt128 name;
        lock (_gate)
        {
            if (_spent.TryTake(out name))
            {
                return new BodyFile(name, _disk.Open(PathOf(name), forWriting: true), IsNew: false);
            }
        }

        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        name = BinaryPrimitives.ReadUInt128BigEndian(random);
        return new BodyFile(name, _disk.Create(PathOf(name)), IsNew: true);
    }

    /// <summary>
    /// Opens a body for reading. The caller must look afterwards whether the item still lives: only from here on is its file not written again. Closed with
    /// <see cref="Close"/>.
    /// </summary>
    public IDiskFile Open(UInt128 name)
    {
        lock (_gate)
        {
            var file = _disk.Open(PathOf(name), forWriting: false);
            _readers[name] = _readers.GetValueOrDefault(name) + 1;
            return file;
        }
    }

    public void Close(UInt128 name, IDiskFile file)
    {
        file.Dispose();
        lock (_gate)
        {
            if (--_readers[name] == 0)
            {
                _readers.Remove(name);
            }
        }
    }

    /// <summary>Completes when the file and its name are on the disk. After a failure this file must not be used.</summary>
    public Task SyncAsync(BodyFile file)
    {
        var synced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_closing)
            {
                throw new LogPoisonedException($"the bodies of {_directory} are closed");
            }

            _toSync.Add((file, synced));
            Monitor.Pulse(_gate);
        }

        return synced.Task;
    }

    /// <summary>Gives up the file of an item that is gone for good: it is written again, or deleted soon.</summary>
    /// <param name="bytes">The length of its body.</param>
    public void GiveUp(UInt128 name, long bytes)
    {
        lock (_gate)
        {
            if (_readers.ContainsKey(name) || _closing || !_spent.TryKeep(name, bytes))
            {
                _toDelete.Add(name);
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Deletes the file soon. Not synced: a file that comes back is deleted at the next start.</summary>
    public void Delete(UInt128 name)
    {
        lock (_gate)
        {
            _toDelete.Add(name);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Deletes what has waited too long to be written again.</summary>
    public void DeleteOld()
    {
        lock (_gate)
        {
            while (_spent.TryTakeOld(out var name))
            {
                _toDelete.Add(name);
            }

            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Deletes every file that no live item names.</summary>
    public void DeleteAllBut(IReadOnlySet<UInt128> live)
    {
        foreach (var file in _disk.List(_directory))
        {
            if (!file.EndsWith(Suffix, StringComparison.Ordinal)
                || !UInt128.TryParse(file.AsSpan(0, file.Length - Suffix.Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var name)
                || !live.Contains(name))
            {
                _disk.Delete(Path.Combine(_directory, file));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.Pulse(_gate);
        }

        await _stopped.Task;
    }

    private string PathOf(UInt128 name) => Path.Combine(_directory, name.ToString("x32", CultureInfo.InvariantCulture) + Suffix);

    private void Work()
    {
        while (true)
        {
            List<(BodyFile File, TaskCompletionSource Synced)> sync;
            List<UInt128> delete;
            lock (_gate)
            {
                while (_toSync.Count == 0 && _toDelete.Count == 0)
                {
                    if (_closing)
                    {
                        _stopped.SetResult();
                        return;
                    }

                    Monitor.Wait(_gate);
                }

                (sync, _toSync) = (_toSync, []);
                (delete, _toDelete) = (_toDelete, []);
            }

            SyncAll(sync);
            foreach (var name in delete)
            {
                try
                {
                    _disk.Delete(PathOf(name));
                }
                catch (IOException e)
                {
                    DeletingFailed(_log, e, _directory);
                }
            }
        }
    }

    private void SyncAll(List<(BodyFile File, TaskCompletionSource Synced)> files)
    {
        var whole = new List<TaskCompletionSource>(files.Count);
        var isNew = false;
        foreach (var (file, synced) in files)
        {
            try
            {
                if (file.IsCut)
                {
                    // fdatasync leaves a shorter length for later, when the file may be longer again.
                    file.File.Sync(SyncPoints.CutBodyFile);
                }
                else
                {
                    file.File.SyncData(SyncPoints.BodyFile);
                }

                whole.Add(synced);
                isNew |= file.IsNew;
            }
            catch (IOException e)
            {
                synced.SetException(e);
            }
        }

        if (whole.Count == 0)
        {
            return;
        }

        try
        {
            if (isNew)
            {
                _disk.SyncDirectory(_directory, SyncPoints.BodyName);
            }

            whole.ForEach(synced => synced.SetResult());
        }
        catch (IOException e)
        {
            whole.ForEach(synced => synced.SetException(e));
        }
    }

    [LoggerMessage(1141, LogLevel.Warning, "deleting a body file of {Directory} failed; the next start deletes it")]
    private static partial void DeletingFailed(ILogger logger, Exception cause, string directory);
}

/// <summary>A body file being written.</summary>
/// <param name="IsNew">Its name is not on the disk yet.</param>
/// <param name="IsCut">It was longer, and was cut to the length of its new body.</param>
internal sealed record BodyFile(UInt128 Name, IDiskFile File, bool IsNew, bool IsCut = false);
