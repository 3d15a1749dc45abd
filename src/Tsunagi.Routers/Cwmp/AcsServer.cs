using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Protocols.Cpe.DataModel;
using Tsunagi.Routers.Contract;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Meters;
using Tsunagi.Routers.Tasks;

namespace Tsunagi.Routers.Cwmp;

/// <summary>
/// The auto-configuration server (TR-069 A6 3.4, 3.7). A post of a router walks: (1) its octets are read as they come, up to a limit, (2) its session is found by cookie
/// or connection, (3) the table of the session's order says what it is, (4) an Inform is checked for credentials, noted, and begins a session, (5) a request of the
/// router's own is answered, (6) an answer goes to the task that asked, (7) the next request of the next task goes out, or an empty answer ends the session. A
/// router that nobody claimed gets its InformResponse and the empty answer: nothing is read from it and nothing is done on it.
/// </summary>
internal sealed partial class AcsServer(
    RoutersOptions options, AcsAccess access, AcsSessions sessions, DeviceBook devices, TaskBook tasks, TreeStore trees, ManagedSites sites, RouterMetrics metrics, TimeProvider time, ILogger<AcsServer> log)
{
    private const string CookieName = "tsunagi-cwmp";
    private static readonly string[] Methods = ["Inform", "GetRPCMethods", "TransferComplete", "AutonomousTransferComplete", "RequestDownload"];

    private readonly CwmpLimits _limits = CwmpLimits.Default with { MessageOctets = options.Cwmp.MaxMessageOctets };

    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            await AnswerAsync(http);
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
            http.Response.Headers.RetryAfter = "60";
            await RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, "store");
        }
        catch (BadHttpRequestException bad)
        {
            await RefuseAsync(http, bad.StatusCode, "http");
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The router left; its session waits for it until it is idle too long.
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            await RefuseAsync(http, StatusCodes.Status405MethodNotAllowed, "method");
            return;
        }

        if (!sites.Loaded)
        {
            http.Response.Headers.RetryAfter = "10";
            await RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, "starting");
            return;
        }

        // (1)
        var (envelope, wrong) = await ReadAsync(http);
        if (wrong.Length > 0)
        {
            LogUnreadable(log, http.Connection.RemoteIpAddress?.ToString() ?? "", wrong);
            await RefuseAsync(http, StatusCodes.Status400BadRequest, "message");
            return;
        }

        // (2)
        var session = sessions.Find(http.Request.Cookies[CookieName], AcsConnection.Of(http));
        var input = SessionTable.InputOf(envelope);
        if (input == SessionInput.Inform)
        {
            await BeginAsync(http, envelope!);
            return;
        }

        if (session is null)
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, "session");
            return;
        }

        await session.Turn.WaitAsync(http.RequestAborted);
        try
        {
            // (3)
            session.LastAt = time.NowMicros();
            switch (session.IsOver ? SessionStep.Refuse : SessionTable.Step(session.State, input))
            {
                case SessionStep.Reply:
                    await WriteAsync(http, session, envelope!.Id, Reply(envelope.Message));
                    break;
                case SessionStep.Ask:
                    await AskAsync(http, session);
                    break;
                case SessionStep.Take:
                    // (6)
                    session.Script?.Take(envelope!.Message);
                    await AskAsync(http, session);
                    break;
                case SessionStep.Lose:
                    (session.Script, session.Task) = (null, null);
                    sessions.End(session, "lost");
                    http.Response.StatusCode = StatusCodes.Status204NoContent;
                    break;
                default:
                    sessions.End(session, "order");
                    await RefuseAsync(http, StatusCodes.Status400BadRequest, "order");
                    break;
            }
        }
        finally
        {
            session.Turn.Release();
        }
    }

    // (1)
    private async ValueTask<(CwmpEnvelope? Envelope, string Wrong)> ReadAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options.Cwmp.MaxMessageOctets;
        }

        if (http.Request.ContentLength is 0)
        {
            return (null, "");
        }

        using var deadline = new CancellationTokenSource(options.Cwmp.SessionIdle, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, http.RequestAborted);
        var reader = new CwmpReader(_limits);
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            var any = false;
            int count;
            while ((count = await http.Request.Body.ReadAsync(buffer, linked.Token)) > 0)
            {
                // Blanks are an empty post to some.
                any |= buffer.AsSpan(0, count).ContainsAnyExcept(" \r\n\t\0"u8);
                if (!reader.Feed(buffer.AsSpan(0, count)))
                {
                    break;
                }
            }

            return !any ? (null, "") : reader.TryComplete(out var envelope, out var error) ? (envelope, "") : (null, $"after {error.Offset} octets: {error.Reason}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // (4)
    private async Task BeginAsync(HttpContext http, CwmpEnvelope envelope)
    {
        var inform = (Inform)envelope.Message;
        if (DeviceIdentity.WhyNot(inform.Device) is { } whyNot)
        {
            LogUnreadable(log, http.Connection.RemoteIpAddress?.ToString() ?? "", whyNot);
            await RefuseAsync(http, StatusCodes.Status400BadRequest, "identity");
            return;
        }

        var known = await devices.KnownAsync(DeviceIdentity.Of(inform.Device), http.RequestAborted);
        if (!await access.IsAllowedAsync(known, http.Request.Headers.Authorization.FirstOrDefault(), http.Request.Method, http.RequestAborted))
        {
            http.Response.Headers.Append("WWW-Authenticate", access.Challenge());
            http.Response.Headers.Append("WWW-Authenticate", $"Basic realm=\"{AcsAccess.Realm}\"");
            await RefuseAsync(http, StatusCodes.Status401Unauthorized, "credentials");
            return;
        }

        if (await devices.InformedAsync(inform, http.Connection.RemoteIpAddress?.ToString() ?? "", http.RequestAborted) is not { } device)
        {
            await RefuseAsync(http, StatusCodes.Status403Forbidden, "unclaimed");
            return;
        }

        if (sessions.Begin(device, envelope.Version, AcsConnection.Of(http)) is not { } session)
        {
            http.Response.Headers.RetryAfter = "60";
            await RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, "sessions");
            return;
        }

        http.Response.Cookies.Append(CookieName, session.Cookie, new CookieOptions { HttpOnly = true, Path = "/", IsEssential = true });
        await WriteAsync(http, session, envelope.Id, new InformResponse(), UseVersion(envelope));
    }

    // Since 1.4 a router tells which versions it has, and is told which is used (TR-069 A6 3.7.2.1).
    private static string? UseVersion(CwmpEnvelope envelope)
    {
        var offered = envelope.SupportedVersions?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        var own = "1." + ((int)envelope.Version).ToString(CultureInfo.InvariantCulture);
        return offered.Length == 0 ? null : offered.Contains(own) ? own : offered.FirstOrDefault(static v => v is "1.0" or "1.1" or "1.2" or "1.3" or "1.4") ?? own;
    }

    // (5)
    private static CwmpMessage Reply(CwmpMessage request) => request switch
    {
        GetRpcMethods => new GetRpcMethodsResponse(Methods),
        TransferComplete => new TransferCompleteResponse(),
        AutonomousTransferComplete => new AutonomousTransferCompleteResponse(),
        RequestDownload => new RequestDownloadResponse(),
        _ => new CwmpFault(8000, CwmpFault.NameOf(8000)) { SoapCode = "Server" },
    };

    // (7)
    private async Task AskAsync(HttpContext http, AcsSession session)
    {
        while (session.Requests < options.Cwmp.MaxRequests && await ScriptAsync(session, http.RequestAborted) is { } script)
        {
            if (script.Next() is { } request)
            {
                if (script.HasEffect)
                {
                    await tasks.SentAsync(session.Task!, http.RequestAborted);
                }

                session.State = SessionState.RouterAnswers;
                session.Requests++;
                metrics.Asked();
                await WriteAsync(http, session, session.Requests.ToString(CultureInfo.InvariantCulture), request);
                return;
            }

            await EndTaskAsync(session, script, http.RequestAborted);
        }

        sessions.End(session, "whole");
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async ValueTask<TaskScript?> ScriptAsync(AcsSession session, CancellationToken cancellationToken)
    {
        var device = session.Device;
        if (session.Script is not null)
        {
            return session.Script;
        }

        // A router of nobody, of an ended contract or of one with a hold is heard and not worked on.
        if (device.State == DeviceStates.Unclaimed || !sites.All.TryGetValue(device.SubscriptionId, out var site) || site.Suspended)
        {
            return null;
        }

        if (await tasks.NextAsync(device, cancellationToken) is not { } task)
        {
            return null;
        }

        var root = Enum.TryParse<DataModelRoot>(device.Root, out var known) ? known : DataModelRoot.Unknown;
        session.Task = task;
        return session.Script = task.Kind switch
        {
            TaskKinds.Adopt => new AdoptScript(ParameterNames.Prefix(root), options.Cwmp.MaxParameters, options.Cwmp.ValuesAtOnce, time.NowMicros()),
            TaskKinds.Refresh => new RefreshScript(await trees.ReadAsync(device, cancellationToken), options.Cwmp.ValuesAtOnce, time.NowMicros()),
            TaskKinds.Reboot => new RebootScript(task.Id),
            _ => new DiagnosticScript(task.Kind == TaskKinds.Trace, task.State == TaskStates.Ready, root, task.Argument, time.NowMicros()),
        };
    }

    private async ValueTask EndTaskAsync(AcsSession session, TaskScript script, CancellationToken cancellationToken)
    {
        var task = session.Task!;
        (session.Script, session.Task) = (null, null);
        if (script.End is not { } end)
        {
            return;
        }

        if (end.Tree is { } tree)
        {
            if (task.Kind == TaskKinds.Adopt)
            {
                await devices.AdoptedAsync(session.Device, tree, task.Id, cancellationToken);
            }
            else
            {
                await devices.RefreshedAsync(session.Device, tree, cancellationToken);
            }
        }

        await tasks.EndAsync(session.Device, task, end, cancellationToken);
    }

    private static async Task WriteAsync(HttpContext http, AcsSession session, string? id, CwmpMessage message, string? useVersion = null)
    {
        var octets = CwmpWriter.Write(new CwmpEnvelope { Version = session.Version, Id = id, Message = message, UseVersion = useVersion });
        http.Response.ContentType = "text/xml; charset=\"utf-8\"";
        http.Response.ContentLength = octets.Length;
        http.Response.Headers["SOAPServer"] = "Tsunagi";
        await http.Response.Body.WriteAsync(octets, http.RequestAborted);
    }

    private async Task RefuseAsync(HttpContext http, int status, string why)
    {
        metrics.Refused(why);
        if (!http.Response.HasStarted)
        {
            http.Response.StatusCode = status;
            http.Response.ContentLength = 0;
            await http.Response.CompleteAsync();
        }
    }

    [LoggerMessage(6101, LogLevel.Warning, "the store is away; routers are told to come back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(6102, LogLevel.Information, "reading a message of a router at {Address}: {Reason}")]
    private static partial void LogUnreadable(ILogger log, string address, string reason);
}
