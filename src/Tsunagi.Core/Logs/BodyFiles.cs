using System.Globalization;
using System.Security.Cryptography;
using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

/// <summary>
/// The files of long bodies. A thread of its own syncs them, so that a long body never stands in the way of the log's writer: it takes all that
/// wait, syncs each, then their directory once.
/// </summary>
internal sealed partial class BodyFiles : IAsyncDisposable
{
    private const string Suffix = ".body";

    private readonly IDisk _disk;
    private readonly string _directory;
    private readonly ILogger _log;
    private readonly object _gate = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<(IDiskFile File, TaskCompletionSource Synced)> _toSync = [];
    private List<UInt128> _toDelete = [];
    private bool _closing;

    public BodyFiles(IDisk disk, string directory, ILogger log)
    {
        (_disk, _directory, _log) = (disk, directory, log);
        disk.CreateDirectory(directory);
        new Thread(Work) { IsBackground = true, Name = "spool bodies" }.Start();
    }

    public IDiskFile Create(out UInt128 name)
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        name = BinaryPrimitives.ReadUInt128BigEndian(random);
        return _disk.Create(PathOf(name));
    }

    public IDiskFile Open(UInt128 name) => _disk.Open(PathOf(name), forWriting: false);

    /// <summary>Completes when the file and its name are on the disk. After a failure this file must not be used.</summary>
    public Task SyncAsync(IDiskFile file)
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

    /// <summary>Deletes the file soon. Not synced: a file that comes back is deleted at the next start.</summary>
    public void Delete(UInt128 name)
    {
        lock (_gate)
        {
            _toDelete.Add(name);
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
            List<(IDiskFile File, TaskCompletionSource Synced)> sync;
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

    private void SyncAll(List<(IDiskFile File, TaskCompletionSource Synced)> files)
    {
        var whole = new List<TaskCompletionSource>(files.Count);
        foreach (var (file, synced) in files)
        {
            try
            {
                file.SyncData(SyncPoints.BodyFile);
                whole.Add(synced);
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
            _disk.SyncDirectory(_directory, SyncPoints.BodyName);
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
