using Tsunagi.BackOffice;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Credits;
using Tsunagi.BackOffice.Facts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Orders;
using Tsunagi.BackOffice.Payments;
using Tsunagi.BackOffice.Projects;
using Tsunagi.BackOffice.Reports;
using Tsunagi.BackOffice.Runs;
using Tsunagi.BackOffice.Shadow;
using Tsunagi.BackOffice.Statements;
using Tsunagi.Core.Events;
using Tsunagi.Core.Exchange.Credits;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice;

/// <summary>A provider with the back office's services on real stores, and a second operator who changed no price and so may release.</summary>
internal sealed class BackOfficeWorld : IAsyncDisposable
{
    private int _sequence;

    private BackOfficeWorld(TestProvider provider, BackOfficeOptions options, Func<Stores, Stores>? stores)
    {
        Provider = provider;
        Options = options;
        var used = stores?.Invoke(provider.Stores) ?? provider.Stores;
        var outbox = new Outbox(provider.Events, new OutboxSignal(used.Control.Hints));
        Accounts = new AccountBook(used);
        AccountOrders = new AccountOrders(used, Accounts, provider.Tenants, options, provider.Changes, provider.Time);
        Facts = new FactReader(provider.Specifications, options);
        Invoices = new InvoiceBook(used);
        Previews = new BillPreviews(used, Accounts, Invoices, Facts, provider.Time);
        Explainer = new LineExplainer(used, Accounts, Invoices);
        Runs = new RunBook(used);
        RunOrders = new RunOrders(used, Runs, Accounts, provider.Changes, new RunSignal(), options, provider.Time);
        Engine = new RunEngine(used, Facts, new InvoiceIssuer(outbox, provider.Specifications, options, provider.Time), outbox, options, provider.Time);
        Credits = new CreditOrders(used, Invoices, Accounts, options, provider.Changes, provider.Time);
        Adjustments = new AdjustmentOrders(used, Accounts, provider.Changes, provider.Time);
        Payments = new PaymentBook(used);
        PaymentOrders = new PaymentOrders(used, Accounts, Payments, Invoices, provider.Changes, provider.Time);
        Ledger = new LedgerBook(used);
        Closer = new MonthCloser(used, new CivilDay(used, provider.Time), provider.Changes, options, provider.Time);
        Shadow = new ShadowRun(used, Facts, options, provider.Time);
        GeneralLedger = new GeneralLedger(used, provider.Changes, provider.Time);
        Reports = new ReportBook(used, provider.Specifications, new CivilDay(used, provider.Time), GeneralLedger, options);
        Openings = new OpeningOrders(used, Accounts, options, provider.Changes, provider.Time);
        OrderBook = new OrderBook(used);
        Pricer = new ItemPricer(used, provider.Tenants, provider.Plans, provider.Specifications, provider.Book, OrderBook, Facts, options, provider.Time);
        ProductOrders = new ProductOrders(used, OrderBook, Pricer, new OrderSignal(), options, provider.Changes, provider.Time);
        Quotes = new QuoteOrders(used, OrderBook, Pricer, ProductOrders, options, provider.Changes, provider.Time);
        Fulfilment = new Fulfilment(used, provider.Orders, provider.Book, Facts, ProductOrders, provider.Specifications, options, provider.Changes, provider.Time);
        ProjectBook = new ProjectBook(used);
        Projects = new ProjectOrders(used, ProjectBook, Pricer, options, provider.Changes, provider.Time);
        ServiceCredits = new ServiceCredits(provider.Changes, provider.Time);
        CreditDecisions = new CreditDecisions(used, new CreditBook(used), ServiceCredits, Facts, provider.Specifications, provider.Time);
        Releaser = provider.Operator with { ActorId = "u_releaser", ActorName = "releaser@provider.example" };
    }

    public TestProvider Provider { get; }

    public BackOfficeOptions Options { get; }

    public AccountBook Accounts { get; }

    public AccountOrders AccountOrders { get; }

    public FactReader Facts { get; }

    public InvoiceBook Invoices { get; }

    public BillPreviews Previews { get; }

    public LineExplainer Explainer { get; }

    public RunBook Runs { get; }

    public RunOrders RunOrders { get; }

    public RunEngine Engine { get; }

    public CreditOrders Credits { get; }

    public AdjustmentOrders Adjustments { get; }

    public PaymentBook Payments { get; }

    public PaymentOrders PaymentOrders { get; }

    public LedgerBook Ledger { get; }

    public MonthCloser Closer { get; }

    public ShadowRun Shadow { get; }

    public GeneralLedger GeneralLedger { get; }

    public ReportBook Reports { get; }

    public OpeningOrders Openings { get; }

    public OrderBook OrderBook { get; }

    public ItemPricer Pricer { get; }

    public ProductOrders ProductOrders { get; }

    public QuoteOrders Quotes { get; }

    public Fulfilment Fulfilment { get; }

    public ProjectBook ProjectBook { get; }

    public ProjectOrders Projects { get; }

    public ServiceCredits ServiceCredits { get; }

    public CreditDecisions CreditDecisions { get; }

    public Caller Releaser { get; }

    public Caller Operator => Provider.Operator;

    public ManualTime Time => Provider.Time;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="stores">Puts a store that fails before the real one, for runs and documents.</param>
    public static async Task<BackOfficeWorld> OpenAsync(
        DateTimeOffset? start = null, string timeZone = "Asia/Tokyo", string currency = "JPY", BackOfficeOptions? options = null, Func<Stores, Stores>? stores = null, SqlDialect dialect = SqlDialect.Sqlite) =>
        new(await TestProvider.OpenAsync(start ?? new DateTimeOffset(2026, 10, 1, 0, 0, 0, TimeSpan.FromHours(9)), timeZone, currency, dialect, new BackOfficeModule()), options ?? new BackOfficeOptions(), stores);

    /// <summary>The same provider seen by a program that was started again.</summary>
    public BackOfficeWorld Restarted(Func<Stores, Stores>? stores = null) => new(Provider, Options, stores);

    public async Task<(Tenant Tenant, BillingAccount Account)> AddCustomerAsync(string name, NewBillingAccount? account = null)
    {
        var tenant = await Provider.AddTenantAsync(name);
        return (tenant, Value(await AccountOrders.AddAsync(Operator, (account ?? new NewBillingAccount("")) with { TenantId = tenant.Id }, Cancel)));
    }

    /// <summary>Places an order and does what of it is due.</summary>
    public async Task<ProductOrder> OrderAsync(Tenant tenant, params NewOrderItem[] items)
    {
        var order = Value(await ProductOrders.PlaceAsync(Operator, new NewOrder(tenant.Id, items), Cancel));
        await Fulfilment.CarryOnAsync(Operator, null, Cancel);
        return (await OrderBook.OrderAsync(Operator, order.Id, Cancel))!;
    }

    /// <summary>Counts usage at a moment, known since now.</summary>
    public async Task CountAsync(SubscriptionView line, string meter, long quantity, DateTimeOffset? at = null) => await Provider.Stores.Control.WriteAsync(
        async transaction =>
        {
            var minute = (at ?? Time.GetUtcNow()).ToUnixTimeSeconds() / 60 * 60_000_000;
            await MeterDeltas.AppendAsync(transaction, "node-1", "b_1", ++_sequence, [new MeterDelta(line.TenantPath, line.Id, meter, minute, quantity)], Time.GetUtcNow().ToUnixTimeMilliseconds() * 1000);
            return true;
        },
        Cancel);

    /// <summary>Computes the bills of a month and says what run they are of.</summary>
    public async Task<RunRow> ComputeAsync(string period)
    {
        // On PostgreSQL a run takes nothing that is younger than a transaction may be.
        Time.Advance(Provider.Stores.Control.Dialect == SqlDialect.Postgres ? TimeSpan.FromSeconds(61) : TimeSpan.FromMilliseconds(1));
        var run = Value(await RunOrders.MakeAsync(Operator, new NewRun(period), Cancel));
        await Engine.CarryOnAsync(run.Id, null, Cancel);
        return (await Runs.FindAsync(Operator, run.Id, Cancel))!;
    }

    /// <summary>Computes, releases and issues.</summary>
    public async Task<RunRow> BillAsync(string period)
    {
        var run = await ComputeAsync(period);
        Assert.Equal(RunState.Ready, run.State);
        Value(await RunOrders.ReleaseAsync(Releaser, run.Id, Cancel));
        await Engine.CarryOnAsync(run.Id, null, Cancel);
        return (await Runs.FindAsync(Operator, run.Id, Cancel))!;
    }

    /// <summary>Documents of an account, oldest first.</summary>
    public async Task<IReadOnlyList<InvoiceRow>> DocumentsAsync(string? account = null) =>
        [.. (await Invoices.ListAsync(Operator, new InvoiceFilter(Account: account), new DateOnly(2026, 12, 31), "", 1000, Cancel)).OrderBy(static row => row.AccountSeq)];

    public async Task<global::Tsunagi.BackOffice.Bills.Bill> BillOfAsync(InvoiceRow row) => (await Invoices.BillAsync(Operator, row.Id, Cancel))!;

    public static T Value<T>(Outcome<T> outcome) => TestProvider.Value(outcome);

    public ValueTask DisposeAsync() => Provider.DisposeAsync();
}
