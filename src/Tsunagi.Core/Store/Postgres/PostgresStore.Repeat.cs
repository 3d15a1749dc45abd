using Npgsql;

namespace Tsunagi.Core.Store.Postgres;

public sealed partial class PostgresStore
{
    /// <summary>Runs work until it succeeds, fails for a reason of its own, or the deadline passes.</summary>
    private async ValueTask<T> UntilDeadlineAsync<T>(Func<CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var deadline = new CancellationTokenSource(_options.Deadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var pause = FirstPause;
        var conflicts = 0;
        Exception? last = null;
        while (true)
        {
            try
            {
                return await work(either.Token);
            }
            catch (Exception fault) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested && EndedByDeadline(fault))
            {
                throw Unavailable(last ?? fault);
            }
            catch (Exception fault) when (PostgresFaults.IsConflict(fault))
            {
                last = fault;
                if (++conflicts >= _options.Attempts)
                {
                    throw new StoreUnavailableException($"store {_options.Schema}: a write met others {conflicts} times and was given up", fault);
                }
            }
            catch (Exception fault) when (PostgresFaults.IsLost(fault) && !cancellationToken.IsCancellationRequested)
            {
                last = fault;
            }
            catch (ObjectDisposedException closed)
            {
                throw new StoreUnavailableException($"store {_options.Schema} is closed", closed);
            }
            catch (PostgresException refused) when (refused.SqlState[..2] is "28" or "3D")
            {
                throw new StoreUnavailableException($"store {_options.Schema}: the database server refuses the connection: {refused.MessageText}", refused);
            }

            StoreMeters.Repeated(_options.Schema);
            LogRepeat(_options.Schema, last.Message);
            try
            {
                await PauseAsync(pause, either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw Unavailable(last);
            }

            pause = Longer(pause);
        }
    }

    private static bool EndedByDeadline(Exception fault) => fault is OperationCanceledException || PostgresFaults.IsLost(fault);

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    // A random part keeps writers that met from meeting again at the same moment.
    private Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), _time, cancellationToken);

    private StoreUnavailableException Unavailable(Exception reason) =>
        new($"store {_options.Schema}: the database did not answer within {_options.Deadline.TotalSeconds:0.#} s: {reason.Message}", reason);
}
