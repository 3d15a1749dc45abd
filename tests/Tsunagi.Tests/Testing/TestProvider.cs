using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Usage;

namespace Tsunagi.Tests.Testing;

/// <summary>
/// A provider on real stores in a directory of the test's own: the root tenant, Core's services as the host wires them, one module
/// (<see cref="LineModule"/>) that sells something, and a clock that stands still.
/// </summary>
internal sealed class TestProvider : IAsyncDisposable
{
    private readonly TestStores _stores;

    private TestProvider(TestStores stores, ManualTime time, IReadOnlyList<IServiceModule> modules)
    {
        _stores = stores;
        Time = time;
        Specifications = new SpecificationCatalogue([CoreDescription.Description, Line.Describe(), .. modules.Select(static module => module.Describe())]);
        Events = new EventCatalogue(Specifications.Modules.SelectMany(static m => m.Events));
        Audit = new AuditTrail(Stores, time);
        Changes = new ChangeRecorder(Audit, new Outbox(Events, new OutboxSignal(Stores.Control.Hints)), time);
        Tenants = new TenantDirectory(Stores, Changes, time);
        Plans = new Plans(Stores, Specifications, Changes, time);
        var needs = new SubscriptionNeeds(Rules);
        Domains = new Domains(Stores, Tenants, Dns, needs, Changes, new ProofOptions(), time);
        Prefixes = new Prefixes(Stores, Tenants, needs, Changes, new ProofOptions(), time);
        Sites = new Sites(Stores, Tenants, Changes, time);
        Book = new SubscriptionBook(Stores);
        Orders = new SubscriptionOrders(Stores, Book, Tenants, Plans, Specifications, Rules, new DesiredRecords(Signal), Changes, time);
        Usage = new UsageRecords(Stores, Book, Specifications, Changes, time);
        UsageBatches = new UsageBatches(Stores, Book, Usage, Changes, time);
        Previews = new InvoicePreviews(Stores, Tenants, time);
    }

    public ManualTime Time { get; }

    public Stores Stores => _stores.Stores;

    public LineModule Line { get; } = new();

    public FakeDns Dns { get; } = new();

    /// <summary>Rules of modules; a test adds its own.</summary>
    public List<ISubscriptionRule> Rules { get; } = [];

    public DesiredSignal Signal { get; } = new();

    public SpecificationCatalogue Specifications { get; }

    public EventCatalogue Events { get; }

    public AuditTrail Audit { get; }

    public ChangeRecorder Changes { get; }

    public TenantDirectory Tenants { get; }

    public Plans Plans { get; }

    public Domains Domains { get; }

    public Prefixes Prefixes { get; }

    public Sites Sites { get; }

    public SubscriptionBook Book { get; }

    public SubscriptionOrders Orders { get; }

    public UsageRecords Usage { get; }

    public UsageBatches UsageBatches { get; }

    public InvoicePreviews Previews { get; }

    public Tenant Root { get; private set; } = null!;

    /// <summary>The provider's operator, who may do everything.</summary>
    public Caller Operator { get; private set; } = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<TestProvider> OpenAsync(
        DateTimeOffset? start = null, string timeZone = "Asia/Tokyo", string currency = "JPY", SqlDialect dialect = SqlDialect.Sqlite,
        params IReadOnlyList<IServiceModule> modules)
    {
        SchemaPart[] schema = [.. CoreDescription.Description.Schema, .. modules.SelectMany(static module => module.Describe().Schema)];
        var stores = dialect == SqlDialect.Sqlite ? await TestStores.OpenAsync(schema) : await TestStores.OpenOnPostgresAsync(schema);
        var provider = new TestProvider(stores, start is { } at ? new ManualTime(at) : new ManualTime(), modules);
        provider.Root = await provider.Tenants.EnsureProviderAsync("Test provider", "en", timeZone, currency, Cancel);
        provider.Operator = CallerOf(provider.Root);
        return provider;
    }

    /// <summary>Someone who may do everything in this tenant's part of the tree.</summary>
    public static Caller CallerOf(Tenant tenant) => new(
        "u_" + tenant.Id, $"admin@{tenant.Name.Replace(' ', '-').ToLowerInvariant()}.example", new TenantScope(tenant.Id, tenant.TenantPath),
        new HashSet<string>(StringComparer.Ordinal) { "*" }, tenant.Kind == TenantKind.Provider, "en");

    public async Task<Tenant> AddTenantAsync(string name, Tenant? parent = null, string kind = TenantKind.Customer) =>
        Value(await Tenants.AddAsync(Operator, new NewTenant((parent ?? Root).Id, kind, name), Cancel));

    public async Task<Plan> AddPlanAsync(string code, string currency, params Price[] prices) =>
        Value(await Plans.PutAsync(Operator, new NewPlan(code, LineModule.Specification, code, null, currency, prices), Cancel));

    public async Task<SubscriptionView> TakeAsync(Tenant tenant, string plan, string place = "hall", long quantity = 1) =>
        Value(await Orders.TakeAsync(Operator, new NewSubscription(tenant.Id, plan, "Line " + place, Settings(place), quantity), Cancel));

    public static JsonElement Settings(string place) => JsonSerializer.SerializeToElement(new { place });

    public Reconciler NewReconciler(Stores? stores = null) =>
        new(stores ?? Stores, [Line], EmptyServices.Instance, new Node("node-1", "b_1", _stores.Directory), Signal, Time, NullLogger<Reconciler>.Instance);

    /// <summary>Moves a batch of the outbox to the feed as a new holder of the lease; 0 when another one holds it.</summary>
    /// <param name="stores">Stores that fail, where the move is to fail; the lease is taken in the real ones.</param>
    public ValueTask<int> MoveOutboxAsync(Stores? stores = null) => OutboxMove.RunAsync(Stores, stores ?? Stores, Events, Time, Cancel);

    public static T Value<T>(Outcome<T> outcome)
    {
        Assert.True(outcome.Ok, outcome.Refusal?.ToString());
        return outcome.Value!;
    }

    public ValueTask DisposeAsync() => _stores.DisposeAsync();

    private sealed class EmptyServices : IServiceProvider
    {
        public static readonly EmptyServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}
