using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Tsunagi.Core.Store.Postgres;

/// <summary>
/// Hints between nodes. Never a NOTIFY inside the transaction that raises one (that serialises all commits of the server): a loop tells the
/// channels raised in the last window in one statement. A second loop listens on a connection of its own and wakes everyone after each reconnect.
/// </summary>
internal sealed partial class PostgresHints(NpgsqlDataSource source, PostgresStoreOptions options, TimeProvider time, ILogger logger) : IStoreHints, IAsyncDisposable
{
    private static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(1);

    private readonly LocalHints _local = new(time);
    private readonly ConcurrentDictionary<string, bool> _raised = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _anyRaised = new(0, 1);
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _starting = new();
    private Task? _telling;
    private Task? _hearing;

    private string Channel => "tsunagi_" + options.Schema;

    public void Raise(string channel)
    {
        _local.Raise(channel);
        if (_telling is null)
        {
            StartOnce(ref _telling, TellAsync);
        }

        if (_raised.TryAdd(channel, true) && _anyRaised.CurrentCount == 0)
        {
            try
            {
                _anyRaised.Release();
            }
            catch (SemaphoreFullException)
            {
                // Two came at once; one release is enough.
            }
        }
    }

    public StoreHint Listen(string channel)
    {
        var hint = _local.Listen(channel);
        StartOnce(ref _hearing, HearAsync);
        return hint;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_closing.IsCancellationRequested)
        {
            await _closing.CancelAsync();
            await (_telling ?? Task.CompletedTask);
            await (_hearing ?? Task.CompletedTask);
        }
    }

    // A store nobody listens on costs no connection.
    private void StartOnce(ref Task? loop, Func<CancellationToken, Task> run)
    {
        lock (_starting)
        {
            loop ??= run(_closing.Token);
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await _anyRaised.WaitAsync(cancellationToken);
                await Task.Delay(options.HintWindow, time, cancellationToken);
                var names = _raised.Keys.ToArray();
                foreach (var name in names)
                {
                    _raised.TryRemove(name, out _);
                }

                await using var connection = await source.OpenConnectionAsync(cancellationToken);
                await using var command = new NpgsqlCommand("SELECT pg_notify($1, name) FROM unnest($2) AS name", connection);
                command.Parameters.Add(new NpgsqlParameter { Value = Channel });
                command.Parameters.Add(new NpgsqlParameter { Value = names });
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (PostgresFaults.IsLost(fault) || fault is PostgresException)
            {
                LogHintLost(options.Schema, fault.Message);
            }
        }
    }

    private async Task HearAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellationToken);
                connection.Notification += (_, heard) => _local.Raise(heard.Payload);
                await using (var command = new NpgsqlCommand($"LISTEN \"{Channel}\"", connection))
                {
                    await command.ExecuteNonQueryAsync(cancellationToken);
                }

                // Whatever was raised while nobody listened is found by looking.
                _local.RaiseAll();
                while (true)
                {
                    await connection.WaitAsync(cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (PostgresFaults.IsLost(fault) || fault is PostgresException)
            {
                LogHintLost(options.Schema, fault.Message);
            }

            await Task.Delay(Reconnect, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(116, LogLevel.Debug, "store {Store}: hints between nodes are interrupted, polling goes on: {Reason}")]
    private partial void LogHintLost(string store, string reason);
}
