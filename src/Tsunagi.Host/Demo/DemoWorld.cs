using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Tsunagi.Host.Demo;

/// <summary>Signs up the demo's parties through the API, as an operator would: a reseller, three customers with a domain each, users, a plan, subscriptions.</summary>
internal sealed class DemoWorld
{
    public const string OperatorEmail = "operator@kaede.example";
    private const string Plan = "mail-standard";

    private DemoWorld(string password, IReadOnlyDictionary<string, string> tenants, IReadOnlyDictionary<string, string> subscriptions)
    {
        Password = password;
        Tenants = tenants;
        Subscriptions = subscriptions;
    }

    /// <summary>The one password of every user of this demo, made for it.</summary>
    public string Password { get; }

    /// <summary>Ids by the customer's key.</summary>
    public IReadOnlyDictionary<string, string> Tenants { get; }

    public IReadOnlyDictionary<string, string> Subscriptions { get; }

    public static string UserOf(DemoCustomer customer) => "admin@" + customer.Domain;

    public static async Task<DemoWorld> MakeAsync(DemoApi api, string url, string setUpPath, IReadOnlyList<DemoCustomer> customers, CancellationToken cancellationToken)
    {
        var password = "demo-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        await api.SetPasswordAsync(setUpPath, password, cancellationToken);
        await api.PutAsync("/plans/" + Plan, PlanRequest(), cancellationToken);
        var reseller = await AddTenantAsync(api, null, "reseller", "Hikari Partners ひかりパートナーズ", "ja", cancellationToken);
        var tenants = new Dictionary<string, string> { ["reseller"] = reseller };
        var subscriptions = new Dictionary<string, string>();
        foreach (var customer in customers)
        {
            var tenant = await AddTenantAsync(api, customer.BelowReseller ? reseller : null, "customer", customer.Name, customer.Locale, cancellationToken);
            tenants[customer.Key] = tenant;
            await api.PostAsync(
                $"/tenants/{tenant}/contacts", new { role = "technical", name = customer.Contact, email = "it@" + customer.Domain }, cancellationToken);
            var domain = await api.PostAsync("/domains", new { tenantId = tenant, name = customer.Domain }, cancellationToken);
            await api.PostAsync($"/domains/{domain["id"]}/approve", new { reason = "the demo's domain; there is no DNS on loopback" }, cancellationToken);
            var subscription = await api.PostAsync(
                "/subscriptions",
                new
                {
                    tenantId = tenant, plan = Plan, name = "Mail for " + customer.Domain,
                    settings = new { domains = new[] { customer.Domain }, nextHop = $"127.0.0.1:{customer.Receiver.Port}" },
                },
                cancellationToken);
            subscriptions[customer.Key] = (string)subscription["id"]!;
            var user = await api.PostAsync(
                "/users",
                new { email = UserOf(customer), name = customer.Contact, tenantId = tenant, locale = customer.Locale, roles = new[] { new { role = "tenant-admin" } } },
                cancellationToken);
            using var own = new DemoApi(url);
            await own.SetPasswordAsync((string)user["linkPath"]!, password, cancellationToken);
        }

        await WaitUntilRunningAsync(api, subscriptions.Values, cancellationToken);
        return new DemoWorld(password, tenants, subscriptions);
    }

    private static async Task<string> AddTenantAsync(DemoApi api, string? parent, string kind, string name, string locale, CancellationToken cancellationToken)
    {
        var tenant = await api.PostAsync("/tenants", new { parentId = parent, kind, name, locale }, cancellationToken);
        return (string)tenant["id"]!;
    }

    /// <summary>Wanted equals running for every subscription, or the reason it does not.</summary>
    private static async Task WaitUntilRunningAsync(DemoApi api, IEnumerable<string> subscriptions, CancellationToken cancellationToken)
    {
        foreach (var subscription in subscriptions)
        {
            for (var attempt = 0; ; attempt++)
            {
                var states = (JsonArray)(await api.GetAsync($"/subscriptions/{subscription}/running", cancellationToken))["items"]!;
                if (states.Count > 0 && states.All(static state => state!["whyNotYet"] is null))
                {
                    break;
                }

                if (attempt > 100)
                {
                    throw new IOException($"{subscription} does not run: {states.FirstOrDefault()?["whyNotYet"]}");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
            }
        }
    }

    private static object PlanRequest() => new
    {
        code = Plan, specification = "mail.gateway", nameEn = "Mail standard", nameJa = "メール スタンダード", currency = "JPY",
        prices = new object[]
        {
            new { model = "flat", label = "Mail gateway, basic fee", amount = 5_000 },
            new
            {
                model = "tiers", label = "Messages", meter = "mail.messages", per = 100,
                tiers = new object[] { new { upTo = 1_000, amount = 50 }, new { upTo = (int?)null, amount = 30 } },
            },
            new { model = "perUnit", label = "Volume", meter = "mail.bytes", amount = 10, per = 1_000_000_000, included = 1_000_000_000 },
        },
    };
}
