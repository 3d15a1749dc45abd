using System.Buffers;
using System.Globalization;
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

    public static async Task<SimulatedArmsTunnel> OpenAsync(SimulatedArmsBox box, Uri url, string key, string root, SimulatedChange? change, TimeSpan echoEvery, TimeProvider time, CancellationToken cancellationToken)
    {
        var tunnel = new SimulatedArmsTunnel(box, await ArmsWire.OpenTunnelAsync(url, box.Id.ToString(), key, root.Length > 0 ? root : null, box.IsLegacy, cancellationToken), echoEvery, time);
        tunnel.Change = change;

        // What became of a change is said before anything else.
        await (change is null ? tunnel.ConfirmAsync(cancellationToken) : tunnel.SendAsync(
            new ArmsMessage
            {
                Type = "configure-done", TransactionResult = change.IsUndone ? 414 : ArmsResult.Success, DistributionId = box.Id, TransactionId = change.Transaction, Description = box.Description, Body = [],
            },
            cancellationToken));
        return tunnel;
    }

    /// <summary>The change that this tunnel brought, or whose outcome it tells; null when there is none, or it was told.</summary>
    public SimulatedChange? Change { get; private set; }

    private Task ConfirmAsync(CancellationToken cancellationToken) => SendAsync(
        new ArmsMessage { Type = "push-confirmation-start", DistributionId = _box.Id, Description = _box.Description, Body = [new ArmsField("push-method", "https-tunnel")] }, cancellationToken);

    public Task ConfirmedAsync() => _confirmed.Task;

    /// <summary>Until it ends.</summary>
    public async Task<ArmsTunnelEnd> LiveAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var echoing = EchoAsync(ending);
        try
        {
            return await ReadAsync(ending.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return ArmsTunnelEnd.Lost;
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

    private async Task<ArmsTunnelEnd> ReadAsync(CancellationToken cancellationToken)
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
                    return ArmsTunnelEnd.Lost;
                }

                if (chunk.Kind == TunnelChunkKind.EchoResponse)
                {
                    _echoed = true;
                    continue;
                }

                parts.Write(chunk.Content.Span);
                if (chunk.IsTrail)
                {
                    if (await TakeAsync(parts.WrittenMemory, cancellationToken) is { } end)
                    {
                        return end;
                    }

                    parts.ResetWrittenCount();
                }
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return ArmsTunnelEnd.Lost;
            }
        }
    }

    /// <summary>A message of the server; null when the tunnel goes on.</summary>
    private async Task<ArmsTunnelEnd?> TakeAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        if (!ArmsReader.TryRead(octets.Span, null, out var message, out var error))
        {
            throw new IOException(error.Reason);
        }

        if (message is { IsResponse: true, Type: "configure-done" })
        {
            return await SettleAsync(message.ResultCode ?? 0, cancellationToken);
        }

        if (message!.IsResponse)
        {
            _transaction = message.TransactionId ?? -1;
            return null;
        }

        if (message.Type == "configure-start")
        {
            return await TakeChangeAsync(message, cancellationToken);
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

        return message.Type == "pull-config" ? ArmsTunnelEnd.Pull : null;
    }

    /// <summary>A change: all modules before the first configuration, as in a pull. It is taken with a number of the box's own.</summary>
    private async Task<ArmsTunnelEnd?> TakeChangeAsync(ArmsMessage request, CancellationToken cancellationToken)
    {
        var (modules, wanted, code) = (new HashSet<string>(), new SortedDictionary<long, byte[]>(), ArmsResult.Success);
        foreach (var field in request.Body ?? [])
        {
            if (field.Name == "module")
            {
                modules.Add(field.Attribute("id") ?? "");
            }
            else if (!modules.Contains(field.Attribute("id") ?? "-") || !field.TryGetContent(out var content) || !long.TryParse(field.Attribute("id"), NumberStyles.None, CultureInfo.InvariantCulture, out var module))
            {
                code = 415;
            }
            else
            {
                wanted[module] = content;
            }
        }

        code = request.DistributionId != _box.Id ? ArmsResult.DistributionIdMismatch : _box.Faults.Remove("refuse-configure") ? 410 : _box.Faults.Remove("busy-configure") ? 302 : code;
        long? transaction = code == ArmsResult.Success ? SimulatedArmsBox.NewChunkId() : null;
        await SendAsync(
            new ArmsMessage
            {
                IsResponse = true, Type = request.Type, TransactionId = transaction, ResultCode = code, Description = ArmsResult.NameOf(code), Body = code == ArmsResult.Success ? [] : null,
            },
            cancellationToken);
        if (transaction is not { } number)
        {
            return null;
        }

        Change = new SimulatedChange(number, wanted);
        return ArmsTunnelEnd.Change;
    }

    /// <summary>The server's word on what became of a change: with 1xx the box keeps what it runs and asks for confirmation; else it goes back, or, where it has gone back already, asks again.</summary>
    private async Task<ArmsTunnelEnd?> SettleAsync(int code, CancellationToken cancellationToken)
    {
        if (Change is null)
        {
            return null;
        }

        if (code is >= 100 and < 200)
        {
            _box.Settled(Change);
            Change = null;
            await ConfirmAsync(cancellationToken);
            return null;
        }

        return code is 502 or 508 ? ArmsTunnelEnd.Pull : Change.IsUndone && code >= 300 ? ArmsTunnelEnd.Lost : ArmsTunnelEnd.Undo;
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
