using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Tsunagi.Mail.Beside;

namespace Tsunagi.Mail.Milter;

/// <summary>
/// Where another mail server's milter enters. Its walk: (1) versions and options; (2) client, HELO, sender and recipients are noted; (3) header fields and body pieces are
/// given to the message (<see cref="BesideMessage"/>, where the walk goes on); (4) at its end it is judged, (5) and the one answer is said in packets.
/// </summary>
internal sealed partial class MilterConnectionHandler(BesideServices services, ILogger<MilterConnectionHandler> log) : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        using var session = new MilterSession(connection, services);
        try
        {
            await session.RunAsync();
        }
        catch (Exception left) when (left is ConnectionResetException or ConnectionAbortedException or OperationCanceledException or IOException)
        {
            // The server went, or said nothing for too long: it takes its mail by its own default (milter_default_action).
        }
        catch (Exception ours)
        {
            LogSessionFailed(log, (connection.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "", ours);
        }
    }

    [LoggerMessage(2531, LogLevel.Error, "the milter session with {Server} ended by an error of ours")]
    private static partial void LogSessionFailed(ILogger log, string server, Exception exception);
}
