using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Core.Logs;

/// <summary>
/// A random life of one spool, drawn from a seed: bursts of accepts, notes and removes, carrying forward, checkpoints, restarts, with power losses,
/// kills and disk errors at random changes of the disk, all held against a <see cref="SpoolModel"/>.
/// </summary>
internal sealed class SpoolCrashProgram
{
    private readonly Random _random;
    private readonly int _seed;
    private readonly CrashDisk _disk = new();
    private readonly ManualTime _time = new();
    private readonly SpoolModel _model = new();
    private readonly List<LogLoss> _losses = [];
    private IDisk _process;
    private Spool? _spool;
    private SpoolConsumer? _consumer;

    private SpoolCrashProgram(int seed, SyncPoint? ignored)
    {
        _seed = seed;
        _random = new Random(seed);
        _disk.Ignore(ignored);
        _process = _disk.Boot();
    }

    private SpoolOptions Options => new()
    {
        Segments = new SegmentLogOptions
        {
            SegmentBytes = 16 << 10,
            MaxBatchBytes = 8 << 10,
            MaxRecordBytes = 4 << 10,
            FreeSpaceFloorBytes = 0,
            HousekeepingEvery = TimeSpan.FromDays(20), // the program drives it
        },
        Consumers = [new LogConsumerOptions("trace")],
        InlineBodyBytes = 1024,
        CarriedBodyBytes = 256,
        MaxFactsBytes = 512,
        Notices = new LogNotices { Lost = loss => _losses.Add(loss) },
    };

    /// <summary>The promise that was broken, or null when all held.</summary>
    public static async Task<string?> RunAsync(int seed, SyncPoint? ignored, int steps = 40)
    {
        var program = new SpoolCrashProgram(seed, ignored);
        try
        {
            await program.RunAsync(steps);
            return null;
        }
        catch (PromiseBroken broken)
        {
            return $"seed {seed}: {broken.Message}";
        }
        finally
        {
            program._disk.Kill();
            await program.CloseAsync();
        }
    }

    private async Task RunAsync(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            if (_random.Next(8) == 0)
            {
                var fault = (CrashDisk.Fault)_random.Next(4);
                _disk.OrderFault(_disk.Changes + 1 + _random.Next(30), fault);
            }

            try
            {
                await StepAsync();
            }
            catch (IOException)
            {
                // Told to the caller, who can do nothing: the next step opens the spool again.
            }

            if (_disk.IsOff || _spool is { IsHealthy: false })
            {
                await RecoverAsync();
            }
        }

        _disk.ClearFaults();
        _disk.Kill();
        await RecoverAsync();
        await OpenAsync();
        await ConsumeAsync(toTheEnd: true);
    }

    private async Task StepAsync()
    {
        await OpenAsync();
        switch (_random.Next(10))
        {
            case < 5:
                await BurstAsync();
                break;
            case 5:
                await ConsumeAsync(toTheEnd: false);
                break;
            case 6:
                _time.Advance(TimeSpan.FromMinutes(11));
                await Task.WhenAll(_spool!.CarryAsync(CancellationToken.None), BurstAsync());
                break;
            case 7:
                await _spool!.WriteCheckpointAsync(CancellationToken.None);
                break;
            case 8:
                await CloseAsync();
                break;
            default:
                _disk.OrderFault(_disk.Changes + 1 + _random.Next(10), (CrashDisk.Fault)_random.Next(2));
                await BurstAsync();
                break;
        }
    }

    private async Task OpenAsync()
    {
        if (_spool is not null)
        {
            return;
        }

        _losses.Clear();
        _spool = await Spool.OpenAsync(_process, "/data/spool", Options, _time, NullLogger.Instance, CancellationToken.None);
        if (_losses.Find(loss => loss.Kind == LossKind.Certain) is { Bytes: > 0 } loss)
        {
            throw new PromiseBroken($"a start reports {loss.Bytes} bytes lost at {loss.Position} although no bad disk was played");
        }

        _model.Meet(_spool);
        _consumer = _spool.OpenConsumer("trace", _model.Committed);
    }

    private async Task CloseAsync()
    {
        _consumer?.Dispose();
        var spool = _spool;
        (_spool, _consumer) = (null, null);
        if (spool is not null)
        {
            await spool.DisposeAsync();
        }
    }

    /// <summary>After the end of the process, by whatever: perhaps the machine went too.</summary>
    private async Task RecoverAsync()
    {
        var powerLoss = _disk.IsOff && _random.Next(3) > 0;
        if (powerLoss)
        {
            _disk.LosePower(_random.Next());
        }

        await CloseAsync();
        if (_disk.IsOff)
        {
            _process = _disk.Boot();
        }
    }

    private async Task BurstAsync()
    {
        var changes = new List<Task>();
        var free = new Queue<SpoolId>(_model.Settled.OrderBy(_ => _random.Next()));
        for (var i = _random.Next(1, 8); i > 0; i--)
        {
            switch (_random.Next(6))
            {
                case < 3:
                    changes.Add(AcceptAsync());
                    break;
                case 3 or 4 when free.TryDequeue(out var noted):
                    changes.Add(NoteAsync(noted));
                    break;
                case 5 when free.TryDequeue(out var removed):
                    changes.Add(RemoveAsync(removed));
                    break;
            }
        }

        await Task.WhenAll(changes);
    }

    private async Task AcceptAsync()
    {
        var id = SpoolId.New(_time);
        var length = _random.Next(4) switch { 0 => _random.Next(1025, 5000), 1 => 0, 2 => _random.Next(257, 1025), _ => _random.Next(1, 257) };
        var content = new byte[length];
        _random.NextBytes(content);
        var facts = _model.BeginAccept(id, content);
        var body = _spool!.BeginBody();
        try
        {
            body.Write(content);
        }
        catch (IOException)
        {
            body.Dispose();
            _model.NeverAccepted(id);
            throw;
        }

        await _spool.AcceptAsync(id, Encoding.ASCII.GetBytes(facts), body, CancellationToken.None);
        _model.Accepted(id, facts);
    }

    private async Task NoteAsync(SpoolId id)
    {
        var note = _model.BeginNote(id);
        await _spool!.NoteAsync(id, Encoding.ASCII.GetBytes(note), CancellationToken.None);
        _model.Noted(id, note);
    }

    private async Task RemoveAsync(SpoolId id)
    {
        var facts = _model.BeginRemove(id);
        await _spool!.RemoveAsync(id, Encoding.ASCII.GetBytes(facts), CancellationToken.None);
        _model.Removed(id, facts);
    }

    private async Task ConsumeAsync(bool toTheEnd)
    {
        do
        {
            var batch = await _consumer!.ReadAsync(toTheEnd ? 1000 : _random.Next(1, 20), TimeSpan.Zero, CancellationToken.None);
            if (batch.End == _model.Committed || (toTheEnd && batch.Records.Count == 0))
            {
                break;
            }

            _model.Consume(batch);
            _consumer.Commit(batch.End);
        }
        while (toTheEnd);

        if (toTheEnd)
        {
            _model.NothingUnseen();
        }
    }

    public override string ToString() => $"seed {_seed}";
}
