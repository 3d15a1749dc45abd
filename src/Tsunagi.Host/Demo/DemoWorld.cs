using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Tsunagi.Core;
using Tsunagi.Host.Cli;

namespace Tsunagi.Host.Demo;

/// <summary>What the demo's file has become in the program: ids by the file's keys, and the one password of all users.</summary>
internal sealed class DemoWorld
{
    public const string OperatorEmail = "operator@kaede.example";

    /// <summary>Releases invoice runs: the operator made the prices, so another person looks at the bills.</summary>
    public const string BillingEmail = "billing@kaede.example";

    private readonly Dictionary<(string Kind, string Key), string> _ids;

    private DemoWorld(string password, Dictionary<(string, string), string> ids)
    {
        Password = password;
        _ids = ids;
    }

    /// <summary>The one password of every user of this demo, made for it.</summary>
    public string Password { get; }

    public string TenantOf(DemoCustomer customer) => _ids[("tenant", customer.Key)];

    public string SubscriptionOf(DemoCustomer customer) => _ids[("subscription", customer.Subscription)];

    /// <summary>
    /// (1) The operator sets a password through the one-time link of the first start; (2) the file is applied by the verb that everyone has; (3) its users
    /// set theirs through their links; (4) every subscription runs; (5) each customer has a billing account.
    /// </summary>
    public static async Task<DemoWorld> MakeAsync(DemoApi api, DemoServer server, string file, DemoFile content, CancellationToken cancellationToken)
    {
        // (1)
        var password = "demo-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        await api.SetPasswordAsync(server.SetUpPath ?? throw new IOException("the program gave no set-up link"), password, cancellationToken);

        // (2)
        var applied = await ApplyAsync(file, server.DataDirectory, cancellationToken);
        var ids = ((JsonArray)applied["done"]!).ToDictionary(static change => ((string)change!["kind"]!, (string)change["key"]!), static change => (string)change!["id"]!);

        // (3)
        await Task.WhenAll(((JsonObject)applied["links"]!).Select(link => SetPasswordAsync(server.Url, (string)link.Value!, password, cancellationToken)));

        // (4)
        var world = new DemoWorld(password, ids);
        foreach (var customer in content.Customers)
        {
            await WaitUntilRunningAsync(api, world.SubscriptionOf(customer), cancellationToken);
        }

        // (5)
        await AddBillingAsync(api, server, world, content, cancellationToken);
        return world;
    }

    /// <summary>A billing account for each customer, and the person who releases the bills.</summary>
    private static async Task AddBillingAsync(DemoApi api, DemoServer server, DemoWorld world, DemoFile content, CancellationToken cancellationToken)
    {
        foreach (var tenant in content.Customers.Select(world.TenantOf).Distinct())
        {
            await api.PostAsync("/backoffice/accounts", new { tenantId = tenant, postalCode = "105-0001", address = "東京都港区虎ノ門1-2-3" }, cancellationToken);
        }

        var provider = (string)((JsonArray)(await api.GetAsync("/tenants?kind=provider", cancellationToken))["items"]!)[0]!["id"]!;
        var user = await api.PostAsync("/users", new { email = BillingEmail, name = "Mariko Hara", tenantId = provider, roles = new[] { new { role = "billing" } } }, cancellationToken);
        await SetPasswordAsync(server.Url, (string)user["linkPath"]!, world.Password, cancellationToken);
    }

    private static async Task<JsonNode> ApplyAsync(string file, string data, CancellationToken cancellationToken)
    {
        var home = Path.GetDirectoryName(file)!;
        var (output, error) = (new StringWriter(), new StringWriter());
        var environment = new CliEnvironment { Out = output, Error = error, In = TextReader.Null, Variable = static _ => null, HomeDirectory = home, CurrentDirectory = home };
        var exit = await CommandLine.RunAsync(["apply", "-f", file, "--data", data, "--json"], CoreVerbs.All, environment, cancellationToken);
        return exit == 0 ? JsonNode.Parse(output.ToString())! : throw new IOException($"tsunagi apply -f {file}: {error}{output}");
    }

    private static async Task SetPasswordAsync(string url, string link, string password, CancellationToken cancellationToken)
    {
        using var own = new DemoApi(url);
        await own.SetPasswordAsync(link, password, cancellationToken);
    }

    /// <summary>Wanted equals running, or the reason it does not.</summary>
    private static async Task WaitUntilRunningAsync(DemoApi api, string subscription, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var states = (JsonArray)(await api.GetAsync($"/subscriptions/{subscription}/running", cancellationToken))["items"]!;
            if (states.Count > 0 && states.All(static state => state!["whyNotYet"] is null))
            {
                return;
            }

            if (attempt > 600)
            {
                throw new IOException($"{subscription} does not run: {states.FirstOrDefault()?["whyNotYet"]}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }
}
