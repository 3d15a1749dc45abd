using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Mail;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Routes;
using Tsunagi.Mail.Try;
using Tsunagi.Tests.Mail.Signing;
using Tsunagi.Tests.Protocols.Mail.Dane;
using Tsunagi.Tests.Protocols.Mail.Route;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Routes;

/// <summary>A gateway whose customer one.example writes to strangers by MX: a DNS of the test, an authority that is trusted, a policy host over HTTPS, and strangers' servers on addresses of loopback.</summary>
internal sealed class MxWorld : IAsyncDisposable
{
    public const string Tenant = "t_root/t_one/";

    private readonly TemporaryDirectory _directory = new();
    private readonly List<TlsServer> _servers = [];
    private readonly MadeCertificates _made;
    private readonly WebApplication _policyHost;

    private MxWorld(MadeCertificates made, X509Certificate2 root, WebApplication policyHost)
    {
        (_made, Root, _policyHost) = (made, root, policyHost);
    }

    public MailNode Node { get; private set; } = null!;

    public ZoneDns Zone { get; } = new();

    public SettableDns Texts { get; } = new();

    /// <summary>The customer's own server, where reports to senders arrive.</summary>
    public CustomerServer Customer { get; } = new();

    public X509Certificate2 Root { get; }

    /// <summary>What the policy host answers by host name: status, type, body.</summary>
    public ConcurrentDictionary<string, (int Status, string Type, string Body)> Policies { get; private init; } = new();

    /// <summary>What was posted to the policy host: path, type, octets.</summary>
    public ConcurrentQueue<(string Path, string Type, byte[] Body)> Posted { get; private init; } = new();

    public int Port { get; private set; }

    public int PolicyPort => new Uri(_policyHost.Urls.First()).Port;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<MxWorld> StartAsync(Func<DepartureOptions, DepartureOptions>? outbound = null, TlsReportOptions? reports = null)
    {
        var made = new MadeCertificates();
        var root = made.Root("root of the test");
        var policies = new ConcurrentDictionary<string, (int Status, string Type, string Body)>();
        var posted = new ConcurrentQueue<(string Path, string Type, byte[] Body)>();
        var host = PolicyHost(made.Server(root, null, "mta-sts.sts.example", "mta-sts.other.example", "r.reports.example"), policies, posted);
        await host.StartAsync(Cancel);
        var world = new MxWorld(made, root, host) { Policies = policies, Posted = posted };
        var anchors = Path.Combine(world._directory.Path, "anchors.pem");
        await File.WriteAllTextAsync(anchors, root.ExportCertificatePem(), Cancel);
        var first = new TlsServer(IPAddress.Parse("127.0.0.11"), 0);
        world._servers.Add(first);
        world.Port = first.Port;
        world.Node = await MailNode.StartAsync(
            options => options with
            {
                Filter = options.Filter with { Enabled = false },
                Delivery = options.Delivery with { FirstRetry = TimeSpan.FromMilliseconds(100), LongestRetry = TimeSpan.FromMilliseconds(200), FirstProbe = TimeSpan.FromSeconds(1), LongestProbe = TimeSpan.FromSeconds(1), MaxMessagesPerConnection = 1 },
                Outbound = (outbound ?? (static given => given))(new DepartureOptions
                {
                    Route = DepartureRoute.Mx, TrustAnchors = anchors, SmtpPort = first.Port, PolicyPort = new Uri(host.Urls.First()).Port, KeepRoute = TimeSpan.Zero,
                }),
                TlsReports = reports ?? new TlsReportOptions(),
            },
            dns: world.Texts, routes: world.Zone);
        world.Node.Sign("s_one", Tenant, "one.example", world.Customer.Port, static given => given with { Relays = ["127.0.0.1"] });
        return world;
    }

    /// <summary>A server of strangers at 127.0.0.NUMBER; 11 is there without TLS from the beginning.</summary>
    public TlsServer Server(int number, params X509Certificate2[] chain)
    {
        if (number == 11)
        {
            return _servers[0];
        }

        _servers.Add(new TlsServer(IPAddress.Parse($"127.0.0.{number}"), Port, chain));
        return _servers[^1];
    }

    public X509Certificate2 Valid(params string[] names) => _made.Server(Root, null, names);

    public X509Certificate2 Expired(params string[] names) => _made.Server(Root, MadeCertificates.Now.AddDays(-1), names);

    public X509Certificate2 Untrusted(params string[] names) => _made.SelfSigned(names);

    /// <summary>A domain whose one server mx.DOMAIN stands at 127.0.0.NUMBER.</summary>
    public void Domain(string domain, int number, params string[] more)
    {
        Zone.Set(domain, [$"{domain} MX 10 mx.{domain}", .. more]);
        Zone.Set($"mx.{domain}", $"mx.{domain} A 127.0.0.{number}");
    }

    /// <summary>Announces a policy and serves it.</summary>
    public void Sts(string domain, string id, string policy)
    {
        Zone.Set("_mta-sts." + domain, $"_mta-sts.{domain} TXT v=STSv1; id={id};");
        Zone.Set("mta-sts." + domain, $"mta-sts.{domain} A 127.0.0.1");
        Policies["mta-sts." + domain] = (200, "text/plain", policy);
    }

    public static string Enforce(params string[] mx) => "version: STSv1\nmode: enforce\n" + string.Concat(mx.Select(static one => $"mx: {one}\n")) + "max_age: 86400\n";

    /// <summary>A message from the customer to others; its id.</summary>
    public async Task<string> SendAsync(params string[] to)
    {
        await using var client = await SmtpSender.ConnectAsync("127.0.0.1", Node.Port, "server.one.example", NextHopTls.Never, TimeProvider.System, Cancel);
        var sent = await client.SendAsync("alice@one.example", to, Encoding.ASCII.GetBytes("From: <alice@one.example>\r\nSubject: hello\r\n\r\nhello\r\n"));
        Assert.True(sent.IsAccepted, sent.Replies[0].ToString());
        return MailNode.IdIn(sent.Replies[0].ToString());
    }

    /// <summary>The first attempt at a message: next hop, address, TLS and policy, answers.</summary>
    public async Task<string> FirstAttemptAsync(string id) => (await AttemptsAsync(id, 1))[0];

    public async Task<IReadOnlyList<string>> AttemptsAsync(string id, int count) => [.. (await Node.EventuallyAsync(
        reader => reader.QueryAsync<AttemptRow>("SELECT next_hop, address, tls, replies FROM mail_attempt WHERE message_id = @Id ORDER BY attempt", new { Id = id }), rows => rows.Count >= count))
        .Select(static row => $"{row.NextHop} [{row.Address}] {row.Tls} {row.Replies}")];

    /// <summary>How each recipient stands, once nobody waits any more.</summary>
    public async Task<string> FatesAsync(string id) => string.Join(' ', (await Node.EventuallyAsync(
        reader => reader.QueryAsync<FateRow>("SELECT recipient, state FROM mail_recipient WHERE message_id = @Id ORDER BY position", new { Id = id }),
        static rows => rows.Count > 0 && rows.All(static row => row.State is not ("queued" or "waiting" or "deferred")))).Select(static row => $"{row.Recipient}={row.State}"));

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Customer.DisposeAsync();
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        await _policyHost.DisposeAsync();
        _made.Dispose();
        _directory.Dispose();
    }

    private static WebApplication PolicyHost(X509Certificate2 certificate, ConcurrentDictionary<string, (int Status, string Type, string Body)> policies, ConcurrentQueue<(string Path, string Type, byte[] Body)> posted)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate })));
        var host = builder.Build();
        host.Run(async context =>
        {
            if (context.Request.Method == "POST")
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body, context.RequestAborted);
                posted.Enqueue((context.Request.Path, context.Request.ContentType ?? "", body.ToArray()));
                return;
            }

            var (status, type, text) = context.Request.Path == "/.well-known/mta-sts.txt" && policies.TryGetValue(context.Request.Host.Host, out var known) ? known : (404, "text/plain", "");
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            if (status is >= 300 and < 400)
            {
                context.Response.Headers.Location = "https://mta-sts.other.example/";
            }

            await context.Response.WriteAsync(text, context.RequestAborted);
        });
        return host;
    }

    private sealed record AttemptRow(string NextHop, string Address, string Tls, string Replies);

    private sealed record FateRow(string Recipient, string State);
}
