using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Contract;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Heartbeats;
using Tsunagi.Routers.Meters;
using Tsunagi.Routers.Push;

namespace Tsunagi.Routers.Arms;

/// <summary>
/// Location server and resource server of ARMS. A post of a router walks: (1) its octets are read, up to a limit, (2) they become a message, (3) the type of the message says
/// which server is meant, whatever the path, (4) who calls is known by Basic and has to be who the message says, (5) a contract that names the box claims it, (6) its site, and that
/// site's contract, say whether it gets anything, (7) the location server tells it where the resource server is, that one gives it the newest configuration of its site, and the
/// negotiation of pushes after it says that it runs it, (8) what was asked and answered is kept with the router. Refusals have the codes of the protocol: with 3xx and 4xx a
/// box asks again by itself, so that nobody has to drive there once the cause is gone.
/// </summary>
internal sealed partial class ArmsServer(
    RoutersOptions options, ArmsAccess access, ArmsAuthority authority, SiteConfigurations configurations, DeviceBook devices, PushOutcomes outcomes, DeviceSecrets secrets, HeartbeatKeys heartbeats, HeartbeatListener listener,
    ManagedSites sites, RouterMetrics metrics, TimeProvider time, ILogger<ArmsServer> log)
{
    private const string UnreadType = "unknown";
    private readonly ArmsLimits _limits = ArmsLimits.Default with { MessageOctets = options.Arms.MaxMessageOctets, TextOctets = options.Arms.MaxMessageOctets };

    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            await AnswerAsync(http);
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
            await WriteAsync(http, ArmsAnswers.Refusal(UnreadType, ArmsResult.ServerBusy));
        }
        catch (BadHttpRequestException bad)
        {
            metrics.Refused("http");
            http.Response.StatusCode = bad.StatusCode;
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The router left; it asks again.
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            metrics.Refused("method");
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        // (1)
        if (await ReadAsync(http) is not { } octets)
        {
            metrics.Refused("message");
            http.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        // (2)
        if (!ArmsReader.TryRead(octets.Span, _limits, out var message, out var error) || message!.IsResponse)
        {
            LogUnreadable(log, AddressOf(http), error.Reason ?? "it is a response");
            metrics.Refused("message");
            await WriteAsync(http, ArmsAnswers.Refusal(UnreadType, error.Code == 0 ? ArmsResult.InvalidType : error.Code));
            return;
        }

        if (!sites.Loaded)
        {
            metrics.Refused("starting");
            await WriteAsync(http, ArmsAnswers.Refusal(message.Type, ArmsResult.ServerBusy));
            return;
        }

        // (3) (4)
        var isLocation = message.Type == ArmsPull.Location;
        var caller = await access.FindAsync(http.Request.Headers.Authorization.FirstOrDefault(), isLocation ? DeviceSecrets.Acs : DeviceSecrets.ResourceServer, http.RequestAborted);
        if (caller.Kind is ArmsCallerKind.Nobody or ArmsCallerKind.WrongKey)
        {
            await RefuseAsync(http, message, caller);
            return;
        }

        var answer = caller.Kind != ArmsCallerKind.Known ? await UnknownAsync(http, message, caller, isLocation)
            : message.DistributionId is { } said && said != caller.Id ? ArmsAnswers.Refusal(message.Type, ArmsResult.DistributionIdMismatch)
            : isLocation ? await LocateAsync(http, message, caller.Device!)
            : await ServeAsync(http, message, caller.Device!);
        metrics.Pulled(message.Type, answer.ResultCode ?? 0);
        await WriteAsync(http, answer);
    }

    // (1)
    private async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options.Arms.MaxMessageOctets;
        }

        if (http.Request.ContentLength > options.Arms.MaxMessageOctets)
        {
            return null;
        }

        using var deadline = new CancellationTokenSource(options.Arms.AnswerDeadline, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, http.RequestAborted);
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, linked.Token);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    // (4) Nothing is said about which ids are known: the words for a wrong key and for none are the same.
    private async ValueTask RefuseAsync(HttpContext http, ArmsMessage message, ArmsCaller caller)
    {
        metrics.Refused("credentials");
        if (caller.Device is { } device)
        {
            await devices.PulledAsync(device, Pull(http, message, ArmsPull.WrongKey, 0), null, http.RequestAborted);
        }

        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        http.Response.Headers.WWWAuthenticate = "Basic realm=\"ARMS\"";
        http.Response.ContentLength = 0;
    }

    private async ValueTask<ArmsMessage> UnknownAsync(HttpContext http, ArmsMessage message, ArmsCaller caller, bool isLocation)
    {
        metrics.Refused("unknown-id");
        if (caller.Kind == ArmsCallerKind.Unknown && isLocation)
        {
            await devices.RememberAsync(caller.Id, AddressOf(http), http.RequestAborted);
        }

        return ArmsAnswers.Refusal(message.Type, ArmsResult.UnknownDistributionId);
    }

    // (5) (6) (7)
    private async ValueTask<ArmsMessage> LocateAsync(HttpContext http, ArmsMessage message, RouterDevice known)
    {
        var device = await devices.ContractedAsync(known, http.RequestAborted);
        var (code, version) = await StandingAsync(device, http.RequestAborted);
        await devices.PulledAsync(device, Pull(http, message, code, 0), null, http.RequestAborted);
        if (code != ArmsResult.Success || await secrets.FindAsync(device, DeviceSecrets.ResourceServer, http.RequestAborted) is not { } key)
        {
            return ArmsAnswers.Refusal(message.Type, code == ArmsResult.Success ? ArmsResult.NoConfiguration : code);
        }

        var lines = (await configurations.OpenAsync(version!, http.RequestAborted)).Lines;
        return ArmsAnswers.Location(options.Arms, key.Password, await authority.RootAsync(http.RequestAborted), Servers(http), lines.Count > 0 ? lines : [SiteConfiguration.DefaultLine]);
    }

    private async ValueTask<ArmsMessage> ServeAsync(HttpContext http, ArmsMessage message, RouterDevice device)
    {
        if (message.Type == "configure-done")
        {
            return ArmsAnswers.Done(message, await outcomes.DoneAsync(device, message, http.RequestAborted));
        }

        if (message.Type is not (ArmsPull.Configuration or ArmsPull.Methods))
        {
            return ArmsAnswers.Refusal(message.Type, message.Type switch
            {
                "push-confirmation-start" => ArmsResult.NotSupported,
                _ when message.Type.EndsWith("-done", StringComparison.Ordinal) => ArmsResult.Transaction,
                _ => ArmsResult.InvalidType,
            });
        }

        var (code, version) = await StandingAsync(device, http.RequestAborted);
        if (message.Type == ArmsPull.Methods)
        {
            // It runs what it was given, whatever became of its contract since. Without a tunnel it asks again, and in the end pulls anew.
            await devices.PulledAsync(device, Pull(http, message, ArmsResult.Success, version?.Number ?? 0), null, http.RequestAborted);
            await outcomes.TakenAsync(device, http.RequestAborted);
            return code != ArmsResult.Success || !options.Arms.Tunnel
                ? ArmsAnswers.Refusal(message.Type, ArmsResult.ServerBusy) : ArmsAnswers.Methods(options.Arms, ArmsAddresses.Tunnels(Servers(http)));
        }

        if (code == ArmsResult.Success)
        {
            // Before anything else: what it is given may depend on what became of a change.
            await outcomes.PulledAsync(device, message["trigger"] ?? "", version!.Number, http.RequestAborted);
        }

        var key = code == ArmsResult.Success && listener.EndPoints.Count > 0 ? await heartbeats.MakeAsync(device, http.RequestAborted) : null;
        await devices.PulledAsync(device, Pull(http, message, code, code == ArmsResult.Success ? version!.Number : 0), key, http.RequestAborted);
        return code != ArmsResult.Success ? ArmsAnswers.Refusal(message.Type, code)
            : ArmsAnswers.Configuration(
                Servers(http), key is null ? null : new ToldHeartbeat(listener.Told(http.Connection.LocalIpAddress ?? IPAddress.Loopback), key.Passphrase, options.Heartbeats.Interval),
                await configurations.OpenAsync(version!, http.RequestAborted));
    }

    /// <summary>(6) Whether the router gets anything: 421 without a site, without a running contract, or where the site has no configuration; 404 while there is a hold.</summary>
    private async ValueTask<(int Code, ConfigurationVersion? Newest)> StandingAsync(RouterDevice device, CancellationToken cancellationToken)
    {
        if (device.State == DeviceStates.Unclaimed || !sites.All.TryGetValue(device.SubscriptionId, out var site))
        {
            return (ArmsResult.NoConfiguration, null);
        }

        var newest = await configurations.NewestAsync(device, cancellationToken);
        return (site.Suspended ? ArmsResult.StandBy : newest is null ? ArmsResult.NoConfiguration : ArmsResult.Success, newest);
    }

    private IReadOnlyList<string> Servers(HttpContext http) => ArmsAddresses.ResourceServers(
        options.Arms, http.Features.Get<ArmsConnection>() is { IsLegacy: true }, new IPEndPoint(http.Connection.LocalIpAddress ?? IPAddress.Loopback, http.Connection.LocalPort));

    private static ArmsPull Pull(HttpContext http, ArmsMessage message, int code, long number) => new(message.Type, message["trigger"] ?? "", message["firmware-info"] ?? "", AddressOf(http), code, number);

    private static string AddressOf(HttpContext http) => http.Connection.RemoteIpAddress is not { } address ? "" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    /// <summary>In one piece, with its length: some boxes read the head of a chunked answer letter by letter.</summary>
    private static async Task WriteAsync(HttpContext http, ArmsMessage message)
    {
        var octets = ArmsWriter.Write(message, declared: true);
        http.Response.ContentType = "text/xml";
        http.Response.ContentLength = octets.Length;
        await http.Response.Body.WriteAsync(octets, http.RequestAborted);
    }

    [LoggerMessage(6104, LogLevel.Warning, "the store is away; routers that pull are told to ask again")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(6105, LogLevel.Information, "reading a message of ARMS from {Address}: {Reason}")]
    private static partial void LogUnreadable(ILogger log, string address, string reason);
}
