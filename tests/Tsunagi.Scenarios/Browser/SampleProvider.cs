using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Identity.Roles;
using Tsunagi.Core.Identity.Users;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Core.Usage;

namespace Tsunagi.Scenarios.Browser;

/// <summary>A small provider with customers, contracts, holds and two days of usage, made through the same services as the console's.</summary>
internal sealed class SampleProvider(IServiceProvider services)
{
    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();

    public Tenant Provider { get; private set; } = null!;

    public Tenant Customer { get; private set; } = null!;

    public SubscriptionView Contract { get; private set; } = null!;

    public SubscriptionView Waiting { get; private set; } = null!;

    public const string OperatorEmail = "hanako.suzuki@hokusei.example";

    public const string CustomerEmail = "taro.sato@sakura.example";

    public Caller Operator { get; private set; } = null!;

    public User OperatorUser { get; private set; } = null!;

    /// <summary>The one-time link of the customer's user.</summary>
    public string CustomerLink { get; private set; } = "";

    private static CancellationToken Cancel => CancellationToken.None;

    public async Task FillAsync()
    {
        var tenants = services.GetRequiredService<TenantDirectory>();
        Provider = await tenants.EnsureProviderAsync("Hokusei Networks", "en", "Asia/Tokyo", "JPY", Cancel);
        var everything = new HashSet<string> { "*" };
        var scope = new TenantScope(Provider.Id, Provider.TenantPath);
        var users = services.GetRequiredService<UserDirectory>();
        OperatorUser = (await users.ListAsync(new Caller("u_0", "sample", scope, everything, true, "en"), "", 1, OperatorEmail, null, Cancel))[0];
        Operator = new Caller(OperatorUser.Id, OperatorEmail, scope, everything, true, "en");
        var reseller = await AddAsync(Provider, TenantKind.Reseller, "Minato System Partners", "P-210");
        Customer = await AddAsync(reseller, TenantKind.Customer, "Sakura Seisakusho KK", "C-10482");
        await AddAsync(Customer, TenantKind.Department, "Osaka plant", null);
        var city = await AddAsync(Provider, TenantKind.Customer, "Kitayama City Office", "C-10007");
        var dentist = await AddAsync(reseller, TenantKind.Customer, "Aozora Dental Clinic", "C-10511");
        await AddThingsAsync();
        CustomerLink = Value(await users.AddAsync(Operator, new NewUser(CustomerEmail, "Taro Sato", Customer.Id, "ja", [new RoleGiven(BuiltInRoles.TenantAdmin, Customer.Id)]), Cancel)).LinkPath;
        Value(await users.AddAsync(Operator, new NewUser("kenji.ito@hokusei.example", "Kenji Ito", Provider.Id, "ja", [new RoleGiven(BuiltInRoles.Support, Provider.Id)]), Cancel));

        var plans = services.GetRequiredService<Plans>();
        Value(await plans.PutAsync(Operator, new NewPlan("mail-standard", SampleModule.Specification, "Mail standard", "メールスタンダード", "JPY",
            [new FlatPrice("Base fee", 12_000), new PerUnitPrice("Messages", SampleModule.Messages, 0.4m, 1, 10_000), new PerUnitPrice("Volume", SampleModule.Bytes, 20, 1_000_000_000)]), Cancel));
        Value(await plans.PutAsync(Operator, new NewPlan("mail-small", SampleModule.Specification, "Mail small", "メールスモール", "JPY", [new FlatPrice("Base fee", 2_800)]), Cancel));

        Contract = await TakeAsync(Customer, "mail-standard", "Headquarters mail", ["sakura.example", "sakura-seisakusho.example"], "mx1.sakura.example");
        Waiting = await TakeAsync(city, "mail-standard", "City hall mail", ["city.kitayama.example"], "silent.kitayama.example");
        var clinic = await TakeAsync(dentist, "mail-small", "Clinic mail", ["aozora-dental.example"], "mail.aozora-dental.example");
        await services.GetRequiredService<SubscriptionOrders>().PlaceHoldAsync(Operator, clinic.Id, new NewHold(HoldKind.NonPayment, "Invoice 2026-09 is open for 60 days"), Cancel);
        await AddUsageAsync(Contract, 900);
        await AddUsageAsync(Waiting, 300);
        Value(await services.GetRequiredService<UsageRecords>().RecordAsync(
            Operator, new NewUsage(Contract.Id, SampleModule.Messages, _time.GetUtcNow(), -40, "ticket-4711", null, "Loop of our own monitoring, ticket 4711"), Cancel));
        await AddEventsAsync(city);
    }

    private async Task<Tenant> AddAsync(Tenant parent, string kind, string name, string? number) => Value(await services.GetRequiredService<TenantDirectory>().AddAsync(
        Operator, new NewTenant(parent.Id, kind, name, null, null, null, number is null ? null : new Dictionary<string, string> { ["crm"] = number }), Cancel));

    private async Task AddThingsAsync()
    {
        var tenants = services.GetRequiredService<TenantDirectory>();
        Value(await tenants.AddContactAsync(Operator, Customer.Id, new NewContact("technical", "Taro Sato", "taro.sato@sakura.example", "+81 3 5550 0143"), Cancel));
        Value(await tenants.AddContactAsync(Operator, Customer.Id, new NewContact("billing", "Misaki Kondo", "keiri@sakura.example"), Cancel));
        var domains = services.GetRequiredService<Domains>();
        var proved = Value(await domains.ClaimAsync(Operator, Customer.Id, "sakura.example", Cancel));
        Value(await domains.ApproveAsync(Operator, proved.Id, "Contract form of 2026-04-02 names it", Cancel));
        Value(await domains.ClaimAsync(Operator, Customer.Id, "sakura-seisakusho.example", Cancel));
        var prefixes = services.GetRequiredService<Prefixes>();
        Value(await prefixes.ClaimAsync(Operator, Customer.Id, "192.0.2.64/27", Cancel));
        Value(await services.GetRequiredService<Sites>().AddAsync(Operator, Customer.Id, "Osaka plant", "2-4-1 Nakanoshima, Kita-ku, Osaka", 34.69, 135.49, Cancel));
    }

    private async Task<SubscriptionView> TakeAsync(Tenant tenant, string plan, string name, string[] domains, string nextHop) => Value(await services.GetRequiredService<SubscriptionOrders>().TakeAsync(
        Operator, new NewSubscription(tenant.Id, plan, name, JsonSerializer.SerializeToElement(new { domains, nextHop })), Cancel));

    private async Task AddUsageAsync(SubscriptionView contract, int perHour)
    {
        const long hour = 3600 * UnixMicros.PerSecond;
        var now = _time.NowMicros() / hour * hour;
        var deltas = Enumerable.Range(0, 48).SelectMany(i =>
        {
            var count = (long)(perHour * (1.2 + Math.Sin((i - 8) / 24.0 * 2 * Math.PI)));
            return new[] { new MeterDelta(contract.TenantPath, contract.Id, SampleModule.Messages, now - (i * hour), count), new MeterDelta(contract.TenantPath, contract.Id, SampleModule.Bytes, now - (i * hour), count * 48_000) };
        }).ToList();
        await services.GetRequiredService<Stores>().Control.WriteAsync(
            async transaction =>
            {
                await MeterDeltas.AppendAsync(transaction, "sample", "b_sample-" + contract.Id, 1, deltas);
                return true;
            },
            Cancel);
    }

    private async Task AddEventsAsync(Tenant city) => await services.GetRequiredService<Stores>().Projections.WriteAsync(
        async transaction =>
        {
            await EventWriter.LockFeedAsync(transaction);
            await EventWriter.AppendAsync(
                transaction,
                [
                    new Event(Id.New("e", _time), "relay.next-hop.silent@1", _time.NowMicros() - (14 * 60 * UnixMicros.PerSecond), city.TenantPath, Waiting.Id,
                        """{"nextHop":"silent.kitayama.example:25","waiting":18,"oldestSeconds":840,"lastAnswer":"connection refused"}""", new string('a', 60) + "1f2e"),
                ],
                services.GetRequiredService<EventCatalogue>());
            return true;
        },
        Cancel);

    private static T Value<T>(Outcome<T> outcome) => outcome.Ok ? outcome.Value : throw new InvalidOperationException(outcome.Refusal.ToString());
}
