using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Arms;

/// <summary>
/// One tunnel of one router, after its head was read. Whoever writes waits for the one before; one request of ours is under way at a time. It may be over while somebody still takes
/// its last answer, so nothing of it is disposed.
/// </summary>
internal sealed class ArmsTunnel(RouterDevice device, ConnectionContext connection, RoutersOptions options, TimeProvider time)
{
    private const int ChunkOctets = 4_096;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _asking = new(1, 1);
    private volatile bool _isOver;
    private int _nextId = RandomNumberGenerator.GetInt32(1, 1 << 24);
    private (string Type, TaskCompletionSource<ArmsMessage?> Answer)? _awaited;

    public RouterDevice Device => device;

    /// <summary>Where a -done would go without the tunnel; boxes want to be told it.</summary>
    public string ResultUrl { get; init; } = "";

    public void Close() => connection.Abort();

    /// <summary>The next chunk; null when the tunnel ended or was silent too long. What came before the router left is read to its end: a box answers, and leaves at once.</summary>
    public async ValueTask<TunnelChunk?> ReadAsync()
    {
        using var deadline = new CancellationTokenSource(3 * options.Arms.EchoInterval, time);
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync(deadline.Token);
            var buffer = read.Buffer;
            var outcome = TunnelFraming.TryRead(ref buffer, options.Arms.MaxMessageOctets, out var chunk, out _);
            connection.Transport.Input.AdvanceTo(buffer.Start, outcome == TunnelRead.NeedMore ? buffer.End : buffer.Start);
            if (outcome != TunnelRead.NeedMore || read.IsCompleted)
            {
                return chunk is { Kind: not TunnelChunkKind.End } ? chunk : null;
            }
        }
    }

    public ValueTask EchoAsync() => WriteAsync([TunnelFraming.Write(TunnelChunk.EchoResponse)]);

    public ValueTask SendAsync(ArmsMessage message)
    {
        ReadOnlyMemory<byte> octets = ArmsWriter.Write(message, declared: false);
        var (id, pieces) = (Interlocked.Increment(ref _nextId), new List<byte[]>());
        for (var at = 0; at < octets.Length; at += ChunkOctets)
        {
            var length = Math.Min(ChunkOctets, octets.Length - at);
            pieces.Add(TunnelFraming.Write(new TunnelChunk(TunnelChunkKind.Message, id, at + length == octets.Length, octets.Slice(at, length))));
        }

        return WriteAsync(pieces);
    }

    /// <summary>Asks the router, and waits for its answer; null when none came in time.</summary>
    public async ValueTask<ArmsMessage?> AskAsync(ArmsMessage request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Arms.AnswerDeadline, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await _asking.WaitAsync(linked.Token);
            try
            {
                var answer = new TaskCompletionSource<ArmsMessage?>(TaskCreationOptions.RunContinuationsAsynchronously);
                _awaited = (request.Type, answer);
                if (_isOver)
                {
                    return null;
                }

                await SendAsync(request);
                return await answer.Task.WaitAsync(linked.Token);
            }
            finally
            {
                _awaited = null;
                _asking.Release();
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Nothing is read any more: whoever waits for an answer gets none.</summary>
    public void End()
    {
        _isOver = true;
        _awaited?.Answer.TrySetResult(null);
    }

    /// <summary>An answer of the router; false when nobody waits for it.</summary>
    public bool Take(ArmsMessage answer) => _awaited is { } awaited && awaited.Type == answer.Type && awaited.Answer.TrySetResult(answer);

    // Each chunk on its own: a box reads a chunk's line whole or not at all.
    private async ValueTask WriteAsync(IReadOnlyList<byte[]> pieces)
    {
        await _writing.WaitAsync(connection.ConnectionClosed);
        try
        {
            foreach (var piece in pieces)
            {
                FlushResult flushed = await connection.Transport.Output.WriteAsync(piece, connection.ConnectionClosed);
                if (flushed.IsCompleted)
                {
                    throw new IOException("the tunnel is closed");
                }
            }
        }
        finally
        {
            _writing.Release();
        }
    }
}
