using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Tsunagi.Protocols.Net.Dns;

namespace Tsunagi.Host.Resolver;

/// <summary>
/// Asks recursive resolvers (RFC 1035 section 7): (1) each server in turn by UDP from a port of its own, a few times; (2) an answer counts only when it
/// comes from the server asked, with the id and question asked (RFC 5452 section 9.1); (3) a truncated one is asked again by TCP (RFC 7766).
/// </summary>
internal sealed class StubResolver(IReadOnlyList<IPEndPoint> servers, TimeProvider time)
{
    private const int Rounds = 2;
    private const int MaxDatagram = 4_096;
    private const int MaxForeignDatagrams = 32;
    private static readonly TimeSpan PerServer = TimeSpan.FromSeconds(2);

    /// <summary>The answer, or null when no server gave a usable one.</summary>
    public async ValueTask<DnsMessage?> AskAsync(DnsName name, DnsType type, CancellationToken cancellationToken) => (await TryAskAsync(name, type, cancellationToken)).Answer;

    /// <summary>The answer, or why there is none: "SERVFAIL" (which is what a validating resolver says of a bogus one) or that nobody answered.</summary>
    public async ValueTask<(DnsMessage? Answer, string Problem)> TryAskAsync(DnsName name, DnsType type, CancellationToken cancellationToken)
    {
        var problem = servers.Count == 0 ? "no resolver is known" : "no resolver answered";

        // (1)
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var server in servers)
            {
                switch (await AskServerAsync(server, name, type, cancellationToken))
                {
                    case { ResponseCode: DnsResponseCode.NoError or DnsResponseCode.NameError } answer:
                        return (answer, "");
                    case { ResponseCode: DnsResponseCode.ServerFailure }:
                        problem = "SERVFAIL";
                        break;
                    case { } failed:
                        problem = $"the resolver answered {failed.ResponseCode}";
                        break;
                }
            }
        }

        return (null, problem);
    }

    private async ValueTask<DnsMessage?> AskServerAsync(IPEndPoint server, DnsName name, DnsType type, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(PerServer, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var query = DnsMessage.Query(BinaryPrimitives.ReadUInt16LittleEndian(RandomNumberGenerator.GetBytes(2)), name, type);
        var buffer = new byte[MaxDatagram];
        if (!DnsMessageWriter.TryWrite(query, buffer, out var length))
        {
            return null;
        }

        try
        {
            var answer = await ByUdpAsync(server, query, buffer.AsMemory(0, length), linked.Token);

            // (3)
            return answer is { IsTruncated: true } ? await ByTcpAsync(server, query, buffer.AsMemory(0, length), linked.Token) : answer;
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private static async ValueTask<DnsMessage?> ByUdpAsync(IPEndPoint server, DnsMessage query, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        await socket.SendAsync(bytes, cancellationToken);
        var buffer = new byte[MaxDatagram];
        for (var i = 0; i < MaxForeignDatagrams; i++)
        {
            var length = await socket.ReceiveAsync(buffer, cancellationToken);

            // (2) The socket is connected, so the source is checked by the kernel.
            if (DnsMessageReader.TryRead(buffer.AsSpan(0, length), null, out var answer, out _) && answer!.IsAnswerTo(query))
            {
                return answer;
            }
        }

        return null;
    }

    private static async ValueTask<DnsMessage?> ByTcpAsync(IPEndPoint server, DnsMessage query, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancellationToken);
        await using var stream = new NetworkStream(socket);
        var framed = new byte[2 + bytes.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)bytes.Length);
        bytes.CopyTo(framed.AsMemory(2));
        await stream.WriteAsync(framed, cancellationToken);
        var prefix = new byte[2];
        await stream.ReadExactlyAsync(prefix, cancellationToken);
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(message, cancellationToken);
        return DnsMessageReader.TryRead(message, null, out var answer, out _) && answer!.IsAnswerTo(query) ? answer : null;
    }
}
