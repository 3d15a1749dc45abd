using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Tsunagi.Mail.Milter;

/// <summary>
/// Where another mail server's filtering enters. The walk of a message behind it: (1) versions and options; (2) client, HELO, sender and recipients are noted;
/// (3) header fields and body pieces become one body, as if it had come by SMTP, forged fields left out; (4) at its end the checks look once, and each
/// recipient's policy judges (<see cref="Verdict.MailFilter"/>); (5) one answer for all: refused only when all refuse, held by the server when somebody's policy keeps it,
/// else marked and taken. What was refused is in the trace; the rest is the server's to tell.
/// </summary>
internal sealed partial class MilterConnectionHandler(MilterServices services, ILogger<MilterConnectionHandler> log) : ConnectionHandler
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
