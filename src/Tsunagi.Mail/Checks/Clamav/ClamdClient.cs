using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Tsunagi.Mail.Checks.Clamav;

/// <summary>
/// Scans through a bounded number of sessions with clamd, kept open between messages. (1) wait for one of them; (2) take an idle one, or open one;
/// (3) give the content; a session that clamd closed while it lay idle is replaced once. A clamd that takes no connection is not asked again for a moment.
/// </summary>
internal sealed class ClamdClient(FilterOptions options, TimeProvider time) : IDisposable
{
    // clamd closes sessions that say nothing (IdleTimeout, 30 s by default).
    private static readonly TimeSpan IdleLife = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _free = new(options.ClamdSessions, options.ClamdSessions);
    private readonly ConcurrentStack<ClamdSession> _idle = new();
    private long _awayUntil;

    /// <exception cref="CheckUnavailableException">clamd is away.</exception>
    public async ValueTask<ClamdReply> ScanAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (time.GetTimestamp() < Volatile.Read(ref _awayUntil))
        {
            throw new CheckUnavailableException($"scanning with clamd at {options.Clamd}: it did not answer a moment ago");
        }

        // (1)
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await ScanInSessionAsync(content, cancellationToken);
        }
        catch (Exception away) when (away is SocketException or IOException)
        {
            throw new CheckUnavailableException($"scanning with clamd at {options.Clamd}: {away.Message}", away);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        while (_idle.TryPop(out var session))
        {
            session.Dispose();
        }

        _free.Dispose();
    }

    private async ValueTask<ClamdReply> ScanInSessionAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        // (2)
        while (_idle.TryPop(out var idle))
        {
            if (time.GetElapsedTime(idle.UsedAt) < IdleLife)
            {
                try
                {
                    return await ScanAsync(idle, content, cancellationToken);
                }
                catch (Exception closed) when (closed is IOException or SocketException)
                {
                    // It was closed meanwhile, or clamd is gone: a new one will tell.
                    break;
                }
            }

            idle.Dispose();
        }

        return await ScanAsync(await OpenAsync(cancellationToken), content, cancellationToken);
    }

    // Only one that takes no connection is left alone for a moment: one message that keeps it busy must not let the next ones pass unseen.
    private async ValueTask<ClamdSession> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            var session = await ClamdSession.OpenAsync(options.Clamd, cancellationToken);
            Volatile.Write(ref _awayUntil, 0);
            return session;
        }
        catch (Exception away) when (away is SocketException or IOException or OperationCanceledException)
        {
            Volatile.Write(ref _awayUntil, time.GetTimestamp() + (long)(AskAgainAfter.TotalSeconds * time.TimestampFrequency));
            throw;
        }
    }

    // (3)
    private async ValueTask<ClamdReply> ScanAsync(ClamdSession session, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var isFit = false;
        try
        {
            var reply = await session.ScanAsync(content, cancellationToken);
            isFit = reply.Error is null;
            return reply;
        }
        finally
        {
            if (isFit)
            {
                session.UsedAt = time.GetTimestamp();
                _idle.Push(session);
            }
            else
            {
                session.Dispose();
            }
        }
    }
}
