using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Tsunagi.Core.Net.Proxy;

/// <summary>Reads the PROXY header of connections from listed senders and puts the true peer in its place. Anything else from them ends the connection.</summary>
internal sealed class ProxyProtocolMiddleware(ConnectionDelegate next, ProxyProtocolOptions options, string listener, TimeProvider time)
{
    private static readonly Counter<long> Rejected = CoreMetrics.Meter.CreateCounter<long>(
        "tsunagi.net.proxy.rejected", "{connection}", "Connections from listed senders without a valid PROXY header");

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        if (IsListed(connection.RemoteEndPoint) && !await TryReadHeaderAsync(connection))
        {
            Rejected.Add(1, new KeyValuePair<string, object?>("listener", listener));
            connection.Abort(new ConnectionAbortedException("no valid PROXY header"));
            return;
        }

        await next(connection);
    }

    private bool IsListed(EndPoint? peer)
    {
        if (peer is not IPEndPoint { Address: var address })
        {
            return false;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in options.From)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask<bool> TryReadHeaderAsync(ConnectionContext connection)
    {
        using var clock = new PeerClock(time, connection.ConnectionClosed);
        clock.Arm(options.HeaderDeadline);
        var input = connection.Transport.Input;
        while (true)
        {
            ReadResult read;
            try
            {
                read = await input.ReadAsync(clock.Token);
            }
            catch (Exception gone) when (gone is OperationCanceledException or IOException)
            {
                return false;
            }

            var parse = ProxyHeader.TryParse(read.Buffer, options.MaxHeaderBytes, out var header, out _);
            if (parse == ProxyParse.Ok)
            {
                input.AdvanceTo(read.Buffer.GetPosition(header.Length));
                connection.RemoteEndPoint = header.Source ?? connection.RemoteEndPoint;
                connection.LocalEndPoint = header.Destination ?? connection.LocalEndPoint;
                return true;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (parse == ProxyParse.Bad || read.IsCompleted)
            {
                return false;
            }
        }
    }
}
