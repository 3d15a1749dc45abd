using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Configuration;
using Tsunagi.Core.Store;
using Tsunagi.Core.Verbs;
using Tsunagi.Host.Configuration;
using Tsunagi.Host.Demo;
using Tsunagi.Host.Running;

namespace Tsunagi.Host.Try;

/// <summary>
/// `tsunagi try mail`: a person sees copies of his own mail in the console while nothing is delivered. (1) A directory of its own, (2) a node that is told to
/// deliver, bounce and dial nothing (mail.dryRun), (3) a customer with the copies' domains, whose next hop is the person's server, (4) what to do, in the
/// terminal, (5) a line for each message that comes, until Ctrl-C; then everything is taken away.
/// </summary>
internal static class TryMailCommand
{
    private const string Operator = "operator@try.invalid";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public static readonly Verb Verb = new(
        "try mail", "See copies of your own mail in the console while nothing is delivered, until Ctrl-C", [
            new("--next-hop", "your own mail server, host:port: shown as where mail would go, asked only when you say so", Required: true),
            new("--listen", "where copies are taken; 127.0.0.1:2525 without it"),
            new("--domain", $"a domain the copies are addressed to; {TryMailSettings.CopyDomain} without it", Many: true),
            new("--console-port", "the console's port on 127.0.0.1; 8480 without it", Value: VerbValue.Whole),
        ],
        (context, cancellationToken) => RunAsync(context, cancellationToken));

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var port = context["--console-port"] is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 8480;
        if (TryMailSettings.Parse(context["--next-hop"]!, context["--listen"], context.Values("--domain"), port, out var settings) is { } wrong)
        {
            await context.Error.WriteLineAsync("tsunagi try mail: " + wrong);
            return 2;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        return await RunAsync(settings, context.Out, context.Error, TimeProvider.System, stop.Token);
    }

    private static async Task<int> RunAsync(TryMailSettings settings, TextWriter output, TextWriter error, TimeProvider time, CancellationToken stopping)
    {
        // (1)
        var directory = Directory.CreateTempSubdirectory("tsunagi-try-").FullName;
        try
        {
            // (2)
            await output.WriteLineAsync("starting ...");
            await using var node = await StartAsync(settings, directory, time, stopping);
            using var api = new DemoApi(node.Url);

            // (3)
            var password = "try-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
            var user = await SignUpAsync(api, node, settings, password, time, stopping);

            // (4)
            await TryMailTexts.WelcomeAsync(output, settings, node.Url, user, password);

            // (5)
            await WatchAsync(api, node.Url, output, time, stopping);
            return 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await TryMailTexts.GoodbyeAsync(output, settings);
            return 0;
        }
        catch (Exception failed) when (failed is IOException or SocketException or InvalidDataException or SchemaException or StoreUnavailableException)
        {
            await error.WriteLineAsync("tsunagi try mail: " + failed.Message);
            return 1;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
            await output.WriteLineAsync("the copies and everything else this made are gone");
        }
    }

    private static async Task<ProviderNode> StartAsync(TryMailSettings settings, string directory, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<ConfigProblem>();
        var file = Path.Combine(directory, "tsunagi.yaml");
        await File.WriteAllTextAsync(file, "roles: [mail]\nmail:\n  dryRun: true\n", cancellationToken);
        var configuration = NodeConfiguration.Load(
            file, Modules.All,
            new Dictionary<string, string>
            {
                ["data"] = Path.Combine(directory, "data"),
                ["console.listen"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{settings.ConsolePort}"),
                ["mail.listen"] = JsonSerializer.Serialize(new[] { settings.Listen.ToString() }),
                ["mail.hostName"] = "try.tsunagi.invalid",
                ["provider.name"] = "Try",
                ["provider.operator"] = Operator,

                // Whoever runs this named the server himself, and it is asked only when he says so.
                ["outbound.allow"] = """["0.0.0.0/0","::/0"]""",
                ["log.level"] = "error",
            },
            problems);
        return configuration is null
            ? throw new InvalidDataException(string.Join('\n', problems))
            : await ProviderNode.StartAsync(configuration, Modules.All, time, cancellationToken);
    }

    /// <summary>The customer's user, who sees subjects and content: it is his own mail.</summary>
    private static async Task<string> SignUpAsync(
        DemoApi api, ProviderNode node, TryMailSettings settings, string password, TimeProvider time, CancellationToken cancellationToken)
    {
        await api.SetPasswordAsync(node.SetUpLink ?? throw new IOException("the program gave no set-up link"), password, cancellationToken);
        await api.PutAsync(
            "/plans/try",
            new
            {
                code = "try", specification = "mail.gateway", nameEn = "Try", nameJa = "お試し", currency = "JPY",
                prices = new[] { new { model = "flat", label = "Nothing", amount = 0 } },
            },
            cancellationToken);
        var tenant = (string)(await api.PostAsync("/tenants", new { parentId = (string?)null, kind = "customer", name = "Your mail", locale = "en" }, cancellationToken))["id"]!;
        foreach (var domain in settings.Domains)
        {
            var made = await api.PostAsync("/domains", new { tenantId = tenant, name = domain }, cancellationToken);
            await api.PostAsync($"/domains/{made["id"]}/approve", new { reason = "copies only; nothing is delivered" }, cancellationToken);
        }

        var subscription = await api.PostAsync(
            "/subscriptions",
            new { tenantId = tenant, plan = "try", name = "Copies of your mail", settings = new { domains = settings.Domains, nextHop = settings.NextHop.ToString() } },
            cancellationToken);
        var email = "you@" + settings.Domains[0];
        var user = await api.PostAsync(
            "/users", new { email, name = "You", tenantId = tenant, locale = "en", roles = new[] { new { role = "tenant-admin" } } }, cancellationToken);
        using var own = new DemoApi(node.Url);
        await own.SetPasswordAsync((string)user["linkPath"]!, password, cancellationToken);
        await WaitUntilRunningAsync(api, (string)subscription["id"]!, time, cancellationToken);
        return email;
    }

    private static async Task WaitUntilRunningAsync(DemoApi api, string subscription, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var states = (JsonArray)(await api.GetAsync($"/subscriptions/{subscription}/running", cancellationToken))["items"]!;
            if (states.Count > 0 && states.All(static state => state!["whyNotYet"] is null))
            {
                return;
            }

            if (attempt > 100)
            {
                throw new IOException($"the listener takes no copies: {states.FirstOrDefault()?["whyNotYet"]}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken);
        }
    }

    private static async Task WatchAsync(DemoApi api, string url, TextWriter output, TimeProvider time, CancellationToken stopping)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var items = (JsonArray)(await api.GetAsync("/mail/messages?limit=200", stopping))["items"]!;
            foreach (var item in items.Reverse().Where(item => told.Add((string)item!["id"]!)))
            {
                await output.WriteLineAsync($"  {(string?)item!["from"]} -> {(string?)item["to"]}  {item["sizeBytes"]} octets  {url}/console/mail/messages/{item["id"]}");
            }

            // Only the newest can come again.
            told.IntersectWith(items.Select(static item => (string)item!["id"]!));
            await Task.Delay(LookEvery, time, stopping);
        }
    }

    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = true;
        stop.Cancel();
    }
}
