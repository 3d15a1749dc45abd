using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Tsunagi.Core;
using Tsunagi.Host.Cli;

namespace Tsunagi.Host.Demo;

/// <summary>What the demo's file has become in the program: ids by the file's keys, and the one password of all users.</summary>
internal sealed class DemoWorld
{
    public const string OperatorEmail = "operator@kaede.example";

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
    /// set theirs through their links; (4) every subscription runs.
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

        return world;
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

            if (attempt > 100)
            {
                throw new IOException($"{subscription} does not run: {states.FirstOrDefault()?["whyNotYet"]}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }
}
