using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using Tsunagi.Protocols.Cpe.Arms;

namespace Tsunagi.Routers.Simulate;

/// <summary>A box's end of a tunnel: confirmation, echoes, and what it is asked.</summary>
internal sealed class SimulatedArmsTunnel : IAsyncDisposable
{
    private const int LongestChunk = 1024 * 1024;
    private readonly SimulatedArmsBox _box;
    private readonly SslStream _stream;
    private readonly PipeReader _reader;
    private readonly TimeSpan _echoEvery;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TaskCompletionSource _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _transaction = -1;
    private bool _echoed = true;

    private SimulatedArmsTunnel(SimulatedArmsBox box, SslStream stream, TimeSpan echoEvery, TimeProvider time)
    {
        _box = box;
        _stream = stream;
        _reader = PipeReader.Create(stream);
        _echoEvery = echoEvery;
        _time = time;
    }

    public static async Task<SimulatedArmsTunnel> OpenAsync(SimulatedArmsBox box, Uri url, string key, string root, TimeSpan echoEvery, TimeProvider time, CancellationToken cancellationToken)
    {
        var tunnel = new SimulatedArmsTunnel(box, await ArmsWire.OpenTunnelAsync(url, box.Id.ToString(), key, root.Length > 0 ? root : null, cancellationToken), echoEvery, time);
        await tunnel.SendAsync(new ArmsMessage
        {
            Type = "push-confirmation-start", DistributionId = box.Id, Description = box.Description, Body = [new ArmsField("push-method", "https-tunnel")],
        }, cancellationToken);
        return tunnel;
    }

    public Task ConfirmedAsync() => _confirmed.Task;

    /// <summary>Until it is lost; true when it was asked to pull.</summary>
    public async Task<bool> LiveAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var echoing = EchoAsync(ending);
        try
        {
            return await ReadAsync(ending.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            await ending.CancelAsync();
            await echoing;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _confirmed.TrySetCanceled(CancellationToken.None);
        try
        {
            // As boxes leave: a last chunk, and TLS is closed before the connection.
            await _stream.WriteAsync(TunnelFraming.Write(TunnelChunk.End), CancellationToken.None);
            await _stream.ShutdownAsync();
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException or ObjectDisposedException)
        {
            // The other end left first.
        }

        await _reader.CompleteAsync();
        await _stream.DisposeAsync();
        _writing.Dispose();
    }

    private async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var parts = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await _reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (TunnelFraming.TryRead(ref buffer, LongestChunk, out var chunk, out var problem) is var outcome && outcome != TunnelRead.NeedMore)
            {
                if (outcome == TunnelRead.Bad)
                {
                    throw new IOException(problem);
                }

                if (chunk!.Kind == TunnelChunkKind.End)
                {
                    return false;
                }

                if (chunk.Kind == TunnelChunkKind.EchoResponse)
                {
                    _echoed = true;
                    continue;
                }

                parts.Write(chunk.Content.Span);
                if (chunk.IsTrail)
                {
                    if (await TakeAsync(parts.WrittenMemory, cancellationToken))
                    {
                        return true;
                    }

                    parts.ResetWrittenCount();
                }
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return false;
            }
        }
    }

    /// <summary>A message of the server; true when it is to pull.</summary>
    private async Task<bool> TakeAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        if (!ArmsReader.TryRead(octets.Span, null, out var message, out var error))
        {
            throw new IOException(error.Reason);
        }

        if (message!.IsResponse)
        {
            _transaction = message.TransactionId ?? -1;
            return false;
        }

        var isConfirmation = message.Type == "push-confirmation-done";
        var code = isConfirmation && (message.TransactionId != _transaction || _box.Faults.Remove("refuse-confirmation")) ? 402 : message.Type is "pull-config" || isConfirmation ? ArmsResult.Success : ArmsResult.InvalidType;
        await SendAsync(
            new ArmsMessage
            {
                IsResponse = true, Type = message.Type, TransactionId = message.TransactionId, ResultCode = code, Description = ArmsResult.NameOf(code) is { Length: > 0 } name ? name : "Failure",
                Body = code == ArmsResult.Success ? [] : null,
            },
            cancellationToken);
        if (isConfirmation && code == ArmsResult.Success)
        {
            _confirmed.TrySetResult();
            if (_box.Faults.Remove("lose-tunnel"))
            {
                throw new IOException("the line is down");
            }
        }

        return message.Type == "pull-config";
    }

    private async Task EchoAsync(CancellationTokenSource ending)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_echoEvery, _time, ending.Token);
                if (!_echoed)
                {
                    await ending.CancelAsync();
                    return;
                }

                _echoed = false;
                await WriteAsync(TunnelFraming.Write(TunnelChunk.EchoRequest), ending.Token);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The reading ends as well.
        }
    }

    private Task SendAsync(ArmsMessage message, CancellationToken cancellationToken) =>
        WriteAsync(TunnelFraming.Write(new TunnelChunk(TunnelChunkKind.Message, SimulatedArmsBox.NewChunkId(), IsTrail: true, ArmsWriter.Write(message, declared: false))), cancellationToken);

    private async Task WriteAsync(byte[] octets, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _stream.WriteAsync(octets, cancellationToken);
            await _stream.FlushAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }
}
