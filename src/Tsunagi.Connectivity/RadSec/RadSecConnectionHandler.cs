using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Core.Net;
using Tsunagi.Core.Net.Tls;

namespace Tsunagi.Connectivity.RadSec;

/// <summary>
/// The way of a connection: (1) the handshake, in which the certificate says whose it is (<see cref="RadSecPeers"/>); (2) packets are cut from the stream by their own length; (3) each goes to
/// the server of its code, as a datagram would, and (4) what that answers, at once or when it is durable, goes back in the order it is ready (<see cref="RadSecConnection"/>).
/// </summary>
internal sealed partial class RadSecConnectionHandler(
    ConnectivityOptions options, RadSecPeers peers, RadSecConnections connections, NasHealth nases, AccessServer access, AccountingServer accounting, ConnectivityMetrics metrics, TimeProvider time,
    ILogger<RadSecConnectionHandler> log) : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        // (1)
        var from = (IPEndPoint)connection.RemoteEndPoint!;
        Nas? nas = null;
        var stopping = connection.StopRequested();
        var upgrade = await StartTls.AcceptAsync(
            connection, (_, hello, _, _) => ValueTask.FromResult(peers.OptionsFor(hello.ServerName, from.Address, found => nas = found)), options.RadSec.HandshakeDeadline, time, stopping);
        if (upgrade.Session is not { } session || nas is null)
        {
            metrics.Dropped("radsec-handshake");
            return;
        }

        await using (session)
        {
            var open = new RadSecConnection(nas, from, session, connection.Abort, new RadSecServers(options.RadSec, nases, access, accounting, metrics, time, log));
            connections.Add(open);
            try
            {
                // (2) to (4)
                await open.RunAsync(stopping);
            }
            catch (Exception left) when (left is ConnectionResetException or ConnectionAbortedException or OperationCanceledException or IOException)
            {
                // The access server left or was cut; what it has no answer to it asks again.
            }
            finally
            {
                connections.Remove(open);
            }
        }
    }
}
