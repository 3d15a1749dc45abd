using System.Globalization;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Heartbeats;

namespace Tsunagi.Routers.Arms;

/// <summary>The answers of location and resource server, in the order of elements in which boxes read them.</summary>
internal static class ArmsAnswers
{
    private const string PushPort = "10443";
    private const string PushTimeout = "60";
    private const string HeartbeatAlgorithm = "HMAC-SHA1";

    public static ArmsMessage Refusal(string type, int code, string? why = null) => new() { IsResponse = true, Type = type, ResultCode = code, Description = why ?? ArmsResult.NameOf(code) };

    /// <summary>rs-solicitation: where the resource servers are, and the key they want. Lines and servers are told in pairs; the shorter list begins anew.</summary>
    public static ArmsMessage Location(ArmsOptions options, string key, string root, IReadOnlyList<string> servers, IReadOnlyList<LocationLine> lines) => Success("rs-solicitation",
    [
        new("rs-preshared-key", key),
        new("ll-timeout", Seconds(options.LineTimeout)),
        new("rs-retry-max", options.RetryMax.ToString(CultureInfo.InvariantCulture)),
        new("rs-retry-interval", Seconds(options.RetryInterval)),
        new("lifetime", "0"),
        .. Enumerable.Range(0, Math.Min(SiteConfiguration.MostLines, Math.Max(servers.Count, lines.Count))).Select(i => new ArmsField("rs-info")
        {
            Fields = [new ArmsField("url", servers[i % servers.Count]), new ArmsField("md-config", new LocationConfig(lines[i % lines.Count], root).Write())],
        }),
    ]);

    /// <summary>config-solicitation: all modules before the first configuration, since boxes take none of a module that was not told.</summary>
    /// <param name="heartbeat">Null: the box sends none.</param>
    public static ArmsMessage Configuration(IReadOnlyList<string> servers, ToldHeartbeat? heartbeat, SiteConfiguration configuration) => Success("config-solicitation",
    [
        new("proposal-for-sa") { Fields = [new ArmsField("push-port", PushPort), new ArmsField("push-timeout", PushTimeout)] },
        .. (heartbeat?.Servers ?? []).Select(server => new ArmsField("heartbeat-info")
        {
            Fields =
            [
                new ArmsField("host", server.Address.ToString()), new ArmsField("port", server.Port.ToString(CultureInfo.InvariantCulture)), new ArmsField("passphrase", heartbeat!.Passphrase),
                new ArmsField("interval", Seconds(heartbeat.Interval)), new ArmsField("algorithm", HeartbeatAlgorithm),
            ],
        }),
        .. servers.Select(ArmsAddresses.Host).Distinct().Select(static host => new ArmsField("rs-push-server-address", host)),
        .. servers.Select(static server => new ArmsField("rs-pull-server-url", server)),
        .. Modules(configuration),
    ]);

    /// <summary>configure-start: the whole configuration, since a module that is not told is stopped and removed on the box.</summary>
    public static ArmsMessage Configure(RouterDevice device, string resultUrl, SiteConfiguration configuration) =>
        new() { Type = "configure-start", DistributionId = DistributionId.TryParse(device.Identity, out var id) ? id : null, ResultUrl = resultUrl, Description = "configure", Body = Modules(configuration) };

    private static IReadOnlyList<ArmsField> Modules(SiteConfiguration configuration) =>
    [
        .. configuration.Modules.Select(static module => new ArmsField("module", module.Info) { Attributes = [Mark("id", module.Id), KeyValuePair.Create("version", module.Version)] }),
        .. configuration.Modules.Select(static module => new ArmsField("md-config", module.Text ?? module.Base64!)
        {
            Attributes =
            [
                Mark("id", module.Id), .. module.CommitOrder is { } order ? (KeyValuePair<string, string>[])[Mark("commit-order", order)] : [],
                KeyValuePair.Create("encoding", module.Text is null ? "base64" : "text"),
            ],
        }),
    ];

    /// <summary>The answer to a -done.</summary>
    public static ArmsMessage Done(ArmsMessage done, int code) => code == ArmsResult.Success
        ? new() { IsResponse = true, Type = done.Type, TransactionId = done.TransactionId, ResultCode = code, Description = "Success", Body = [] }
        : Refusal(done.Type, code) with { TransactionId = done.TransactionId };

    /// <summary>push-method-query: the tunnel, which works from behind a translator too.</summary>
    public static ArmsMessage Methods(ArmsOptions options, IReadOnlyList<string> tunnels) => Success("push-method-query",
    [
        new("push-method", "https-tunnel"),
        .. tunnels.Select(static tunnel => new ArmsField("https-tunnel-url", tunnel)),
        new("https-tunnel-echo-interval", Seconds(options.EchoInterval)),
    ]);

    public static ArmsMessage Confirmation(long transaction) => new() { IsResponse = true, Type = "push-confirmation-start", TransactionId = transaction, ResultCode = ArmsResult.Success, Description = "Success" };

    private static ArmsMessage Success(string type, IReadOnlyList<ArmsField> body) => new() { IsResponse = true, Type = type, ResultCode = ArmsResult.Success, Description = "Success", Body = body };

    private static KeyValuePair<string, string> Mark(string name, long number) => KeyValuePair.Create(name, number.ToString(CultureInfo.InvariantCulture));

    private static string Seconds(TimeSpan span) => ((long)span.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
