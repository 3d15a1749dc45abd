using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Contract;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Meters;
using Tsunagi.Routers.Push;

namespace Tsunagi.Routers.Arms;

/// <summary>
/// A tunnel of a router: (1) its head is read, (2) who it is is known by Basic, and its contract must run, (3) it is answered at once, before anything else was said, (4) chunks
/// become messages, echoes are answered, (5) it asks for confirmation, and is sent that within a moment; a box that comes back from a change says first what became of it, (6) once it has answered, the tunnel
/// is there: over it the router can be asked to pull, and is sent changes. When the connection ends, or is silent for long, the tunnel is gone; the router opens another by itself.
/// </summary>
internal sealed partial class ArmsTunnelHandler(
    RoutersOptions options, ArmsAccess access, ArmsTunnels tunnels, DeviceBook devices, PushOutcomes outcomes, ManagedSites sites, RouterMetrics metrics, TimeProvider time, ILogger<ArmsTunnelHandler> log)
{
    private const int LongestHead = 8_192;
    private static readonly byte[] Taken = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray();
    private static readonly byte[] NotTaken = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"ARMS\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray();
    private static readonly byte[] Busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray();

    private readonly ArmsLimits _limits = ArmsLimits.Default with { MessageOctets = options.Arms.MaxMessageOctets, TextOctets = options.Arms.MaxMessageOctets };

    public async Task HandleAsync(ConnectionContext connection)
    {
        try
        {
            // (1)
            if (await ReadHeadAsync(connection) is not { } head)
            {
                return;
            }

            // (2)
            var caller = await access.FindAsync(AuthorizationOf(head), DeviceSecrets.ResourceServer, connection.ConnectionClosed);
            if (caller.Kind != ArmsCallerKind.Known)
            {
                metrics.Refused("tunnel-credentials");
                await connection.Transport.Output.WriteAsync(NotTaken, connection.ConnectionClosed);
                return;
            }

            if (caller.Device!.State == DeviceStates.Unclaimed || !sites.All.TryGetValue(caller.Device.SubscriptionId, out var site) || site.Suspended)
            {
                metrics.Refused("tunnel-contract");
                await connection.Transport.Output.WriteAsync(Busy, connection.ConnectionClosed);
                return;
            }

            // (3)
            await connection.Transport.Output.WriteAsync(Taken, connection.ConnectionClosed);
            var tunnel = new ArmsTunnel(caller.Device, connection, options, time)
            {
                ResultUrl = ArmsAddresses.ResourceServers(options.Arms, connection.Features.Get<ArmsConnection>() is { IsLegacy: true }, connection.LocalEndPoint as IPEndPoint ?? new IPEndPoint(IPAddress.Loopback, 0))[0],
            };
            await LiveAsync(connection, tunnel);
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ConnectionAbortedException or ConnectionResetException)
        {
            // The router left, or was silent too long; it opens another.
        }
    }

    // (4)
    private async Task LiveAsync(ConnectionContext connection, ArmsTunnel tunnel)
    {
        var parts = new ArrayBufferWriter<byte>();
        try
        {
            while (await tunnel.ReadAsync() is { } chunk)
            {
                if (chunk.Kind == TunnelChunkKind.EchoRequest)
                {
                    await tunnel.EchoAsync();
                    continue;
                }

                if (chunk.Kind == TunnelChunkKind.EchoResponse)
                {
                    continue;
                }

                // Boxes send the chunks of one message before those of the next.
                parts.Write(chunk.Content.Span);
                if (parts.WrittenCount > options.Arms.MaxMessageOctets)
                {
                    return;
                }

                if (chunk.IsTrail)
                {
                    await TakeAsync(connection, tunnel, parts.WrittenMemory);
                    parts.ResetWrittenCount();
                }
            }
        }
        finally
        {
            tunnels.Remove(tunnel);
            tunnel.End();
        }
    }

    private async Task TakeAsync(ConnectionContext connection, ArmsTunnel tunnel, ReadOnlyMemory<byte> octets)
    {
        if (!ArmsReader.TryRead(octets.Span, _limits, out var message, out var error))
        {
            LogUnreadable(log, tunnel.Device.Identity, error.Reason);
            return;
        }

        if (message!.IsResponse)
        {
            // A box whose tunnel ended before it could say that it takes a change says so on its next.
            if (!tunnel.Take(message) && message is { Type: "configure-start", ResultCode: ArmsResult.Success })
            {
                await outcomes.AcceptedAsync(tunnel.Device, message.TransactionId ?? 0, connection.ConnectionClosed);
            }

            return;
        }

        if (message.Type == "configure-done")
        {
            // Written, then answered: once it is told, the box keeps what it runs.
            await tunnel.SendAsync(ArmsAnswers.Done(message, await outcomes.DoneAsync(tunnel.Device, message, connection.ConnectionClosed)));
            return;
        }

        if (message.Type != "push-confirmation-start")
        {
            await tunnel.SendAsync(ArmsAnswers.Refusal(message.Type, message.Type.EndsWith("-done", StringComparison.Ordinal) ? ArmsResult.Transaction : ArmsResult.InvalidType) with { TransactionId = message.TransactionId });
            return;
        }

        // (5)
        var transaction = RandomNumberGenerator.GetInt32(1, int.MaxValue);
        await tunnel.SendAsync(ArmsAnswers.Confirmation(transaction));
        _ = ConfirmAsync(connection, tunnel, transaction);
    }

    // (6) Beside the reading, which brings its answer.
    private async Task ConfirmAsync(ConnectionContext connection, ArmsTunnel tunnel, long transaction)
    {
        try
        {
            var answer = await tunnel.AskAsync(
                new ArmsMessage { Type = "push-confirmation-done", DistributionId = IdOf(tunnel.Device), TransactionId = transaction, Description = "confirm", Body = [] }, CancellationToken.None);
            if (answer is not { ResultCode: ArmsResult.Success })
            {
                connection.Abort();
                return;
            }

            var isFirst = tunnels.Find(tunnel.Device.Id) is null;
            await devices.TunnelledAsync(tunnel.Device, (connection.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "", connection.ConnectionClosed);
            tunnels.Add(tunnel);
            metrics.Tunnelled();
            if (connection.ConnectionClosed.IsCancellationRequested)
            {
                tunnels.Remove(tunnel);
            }

            if (isFirst)
            {
                await outcomes.ReturnedAsync(tunnel.Device, connection.ConnectionClosed);
            }
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
            connection.Abort();
        }
        catch (OperationCanceledException)
        {
            // The router left meanwhile.
        }
    }

    /// <summary>What asks a router to pull its configuration now.</summary>
    public static ArmsMessage PullRequest(RouterDevice device) => new() { Type = "pull-config", DistributionId = IdOf(device), Description = "pull", Body = [new ArmsField("type", "service-config")] };

    private static DistributionId? IdOf(RouterDevice device) => DistributionId.TryParse(device.Identity, out var id) ? id : null;

    // (1)
    private async ValueTask<string?> ReadHeadAsync(ConnectionContext connection)
    {
        using var deadline = new CancellationTokenSource(options.Arms.AnswerDeadline, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, connection.ConnectionClosed);
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync(linked.Token);
            if (TryReadHead(read.Buffer, out var head, out var end))
            {
                connection.Transport.Input.AdvanceTo(end);
                return head;
            }

            connection.Transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted || read.Buffer.Length > LongestHead)
            {
                return null;
            }
        }
    }

    private static bool TryReadHead(ReadOnlySequence<byte> buffer, out string head, out SequencePosition end)
    {
        var reader = new SequenceReader<byte>(buffer);
        var whole = reader.TryReadTo(out ReadOnlySequence<byte> octets, "\r\n\r\n"u8) && octets.Length <= LongestHead;
        head = whole ? Encoding.Latin1.GetString(octets) : "";
        end = reader.Position;
        return whole;
    }

    private static string? AuthorizationOf(string head)
    {
        const string name = "Authorization:";
        var line = head.Split("\r\n").Skip(1).FirstOrDefault(static line => line.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        return line?[name.Length..].Trim();
    }

    [LoggerMessage(6106, LogLevel.Warning, "the store is away; a tunnel is closed, and its router opens another")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(6107, LogLevel.Information, "reading a message in the tunnel of {Router}: {Reason}")]
    private static partial void LogUnreadable(ILogger log, string router, string reason);
}
