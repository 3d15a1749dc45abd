using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Net;

namespace Tsunagi.Mail.Inbound;

/// <summary>
/// Where a client's mail enters. The walk of a message, from its first octet to the scheduler:
/// <list type="number">
/// <item>(1) the listener has counted the connection and learnt the true peer; the session greets it;</item>
/// <item>(2) lines go to the pure machine (Protocols.Mail.Smtp), which says what is allowed and asks what it cannot know;</item>
/// <item>(2a) by a submission listener: who hands mail in proves it under TLS (<see cref="Submission.SmtpAuthentication"/>), and sends as whom the credential names;</item>
/// <item>(2b) a listed proxy that says by XCLIENT who its client is begins another session over the same connection, which is that client's;</item>
/// <item>(3) each recipient is decided on: whose domain, does it exist, can its next hop take such a message (<see cref="RecipientCheck"/>);</item>
/// <item>(4) the content goes, dots off, into one spool body per subscription, headed by our trace header; the header section is read for the trace
/// and against loops, and loses what only we may write (<see cref="MessageIntake"/>);</item>
/// <item>(4a) the checks look at the content once and say what they found (<see cref="Checks.CheckRun"/>);</item>
/// <item>(4b) what holds for each recipient judges it (<see cref="Verdict.Judge"/>): refused, put off, or taken, marked or kept; parts are split by verdict;</item>
/// <item>(5) the bodies are made durable with their facts; only then 250 with the message's id;</item>
/// <item>(6) the scheduler gets the message and takes it on (<see cref="Delivery.DeliveryScheduler"/>).</item>
/// </list>
/// What is refused is refused here, while the sender listens; what is acknowledged is ours until it is delivered or reported on.
/// </summary>
internal sealed partial class SmtpConnectionHandler(SmtpSessionServices services, ILogger<SmtpConnectionHandler> log) : ConnectionHandler
{
    public override Task OnConnectedAsync(ConnectionContext connection) => OnConnectedAsync(connection, services.Door);

    /// <summary>The same for clients that came in by another listener.</summary>
    public async Task OnConnectedAsync(ConnectionContext connection, SmtpDoor door)
    {
        var session = new SmtpSession(connection, services, door, before: null);
        try
        {
            await session.RunAsync();
            while (session.Told is not null)
            {
                // (2b)
                var before = session;
                session = new SmtpSession(connection, services, door, before);
                await before.DisposeAsync();
                await session.RunAsync();
            }
        }
        catch (Exception left) when (left is ConnectionResetException or ConnectionAbortedException or OperationCanceledException or IOException)
        {
            // The peer left or was cut: what it had not finished is forgotten, as RFC 5321 section 4.1.1.10 asks.
            services.Metrics.SessionBroken();
        }
        catch (Exception ours)
        {
            LogSessionFailed(log, (connection.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "", ours);
        }
        finally
        {
            await session.DisposeAsync();
        }
    }

    [LoggerMessage(2001, LogLevel.Error, "the SMTP session with {Client} ended by an error of ours")]
    private static partial void LogSessionFailed(ILogger log, string client, Exception exception);
}
