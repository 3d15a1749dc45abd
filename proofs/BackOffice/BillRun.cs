using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.BackOffice;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Facts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Runs;
using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Mail;

namespace Tsunagi.Proofs.BackOffice;

/// <summary>
/// The bills of a month for 6,500 customers with 12 services each, four of them metered day by day, in a SQLite file with FULL synchronisation: computed, released
/// and issued with numbers, lines, ledger and events. Then what the bill of one customer would be, a hundred times. A small run goes before, in a file of its own:
/// the host that makes a month's bills has been up for a while, and its code is compiled.
/// </summary>
internal sealed class BillRun : IClaim
{
    private const int Customers = 6_500, WarmingCustomers = 600, Services = 12, Metered = 4, Days = 31, Together = 50;
    private static readonly DateTimeOffset Begun = new(2026, 9, 1, 0, 0, 0, TimeSpan.FromHours(9));

    public string Name => "billing.run";

    public string Promise => "6,500 customers × 12 services × 1 month ≤ 10 s incl. ledger on SQLite with FULL; preview of a customer ≤ 50 ms";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        _ = await OnceAsync(WarmingCustomers, progress, cancellationToken);
        return await OnceAsync(Customers, progress, cancellationToken);
    }

    private static async Task<IReadOnlyList<Figure>> OnceAsync(int customers, Progress progress, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            var clock = new Clock(new DateTimeOffset(2026, 11, 1, 0, 5, 0, TimeSpan.FromHours(9)));
            await using var stores = await Stores.OpenAsync(new StoreOptions { Directory = directory }, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
            IServiceModule[] modules = [new MailModule(), new BackOfficeModule()];
            await Schema.ApplyAsync(stores, [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, .. modules.SelectMany(static module => module.Describe().Schema)], TimeProvider.System, cancellationToken);
            progress.Say($"{customers} customers with {Services} services each");
            await FillAsync(stores, customers, progress, cancellationToken);
            return await RunAsync(stores, customers, modules, clock, progress, cancellationToken);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Figure>> RunAsync(Stores stores, int customers, IServiceModule[] modules, Clock clock, Progress progress, CancellationToken cancellationToken)
    {
        var options = new BackOfficeOptions();
        var specifications = new SpecificationCatalogue([CoreDescription.Description, .. modules.Select(static module => module.Describe())]);
        var outbox = new Outbox(new EventCatalogue(specifications.Modules.SelectMany(static module => module.Events)), new OutboxSignal(stores.Control.Hints));
        var changes = new ChangeRecorder(new AuditTrail(stores, clock), outbox, clock);
        var (accounts, invoices, book) = (new AccountBook(stores), new InvoiceBook(stores), new RunBook(stores));
        var facts = new FactReader(specifications, options);
        var orders = new RunOrders(stores, book, accounts, changes, new RunSignal(), new BackOfficeOptions(), clock);
        var engine = new RunEngine(stores, facts, new InvoiceIssuer(outbox, specifications, options, clock), outbox, options, clock);
        var caller = new Caller("u_one", "one", new TenantScope("t_root", "t_root/"), new HashSet<string> { "*" }, true, "en");

        progress.Say("computing");
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        var run = (await orders.MakeAsync(caller, new NewRun("2026-10"), cancellationToken)).Value!;
        await engine.CarryOnAsync(run.Id, null, cancellationToken);
        var computed = Stopwatch.GetElapsedTime(started);
        var released = await orders.ReleaseAsync(caller, run.Id, cancellationToken);
        progress.Say(released.Ok ? "issuing" : released.Refusal!.Message);
        await engine.CarryOnAsync(run.Id, null, cancellationToken);
        var whole = Stopwatch.GetElapsedTime(started);
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;

        var counts = await book.CountAsync(run.Id, cancellationToken);
        var ledger = await new LedgerBook(stores).BalancesAsync(cancellationToken);
        var last = await stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT max(seq) - count(*) FROM bo_invoice"), cancellationToken);
        var previews = new BillPreviews(stores, accounts, invoices, facts, clock);
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 100; i++)
        {
            started = Stopwatch.GetTimestamp();
            var preview = await previews.PreviewAsync(caller, $"ba_{i * 61 % customers:00000}", "2026-11", cancellationToken);
            slowest = Stopwatch.GetElapsedTime(started) is var took && took > slowest && i > 0 ? took : slowest;
            if (!preview.Ok)
            {
                throw new InvalidOperationException(preview.Refusal.ToString());
            }
        }

        return
        [
            Figure.AtMost("run with ledger", whole.TotalSeconds, 10, "0.0", " s", $"computing {computed.TotalSeconds:0.0} s, issuing {(whole - computed).TotalSeconds:0.0} s; {cpu.TotalSeconds:0.0} s of CPU"),
            Figure.AtLeast("usage records rated, the rest of a bill's making with it", customers * (double)Metered * Days / computed.TotalSeconds, 100_000, "#,0", "/s"),
            Figure.AtLeast("invoices issued", counts.Where(static count => count.State == DraftState.Issued).Sum(static count => count.Bills), customers, "0", ""),
            Figure.AtMost("gaps in the numbers", last, 0, "0", ""),
            Figure.AtMost("the ledger comes to", Math.Abs(ledger.Sum(static balance => balance.AmountMinor)), 0, "0", ""),
            Figure.AtMost("preview of a customer, slowest of 100", slowest.TotalMilliseconds, 50, "0.0", " ms"),
        ];
    }

    private static async Task FillAsync(Stores stores, int customers, Progress progress, CancellationToken cancellationToken)
    {
        var begun = UnixMicros.From(Begun);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO tenant (id, tenant_path, parent_id, kind, name, locale, time_zone, currency, external_refs, version, created_at)
                    VALUES ('t_root', 't_root/', NULL, 'provider', 'Provider', 'ja', 'Asia/Tokyo', 'JPY', '{}', 1, @At);
                    INSERT INTO plan (id, specification, code, name_en, name_ja, version, created_at) VALUES ('p_flat', 'mail.gateway', 'flat', 'Flat', 'Flat', 1, @At), ('p_used', 'mail.gateway', 'used', 'Used', 'Used', 1, @At);
                    INSERT INTO plan_version (plan_id, number, currency, prices, created_at) VALUES
                      ('p_flat', 1, 'JPY', '[{"model":"flat","label":"Fee","amount":1980.5}]', @At),
                      ('p_used', 1, 'JPY', '[{"model":"flat","label":"Fee","amount":980},{"model":"tiers","label":"Messages","meter":"mail.messages","tiers":[{"upTo":1000,"amount":0.5},{"amount":0.3}],"per":1}]', @At)
                    """,
                    new { At = begun });
                return true;
            },
            cancellationToken);
        for (var first = 0; first < customers; first += Together)
        {
            var from = first;
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    for (var customer = from; customer < Math.Min(from + Together, customers); customer++)
                    {
                        await AddCustomerAsync(transaction, customer, begun);
                    }

                    return true;
                },
                cancellationToken);
            if (first % 1_000 == 0)
            {
                progress.Say($"{first} customers are there");
            }
        }
    }

    private static async ValueTask AddCustomerAsync(ISqlTransaction transaction, int customer, long begun)
    {
        var (tenant, account) = ($"t_{customer:00000}", $"ba_{customer:00000}");
        var path = $"t_root/{tenant}/";
        await transaction.ExecuteAsync(
            """
            INSERT INTO tenant (id, tenant_path, parent_id, kind, name, locale, time_zone, currency, external_refs, version, created_at)
            VALUES (@Tenant, @Path, 't_root', 'customer', @Name, 'ja', 'Asia/Tokyo', 'JPY', '{}', 1, @At)
            """,
            new { Tenant = tenant, Path = path, Name = "顧客 " + tenant, At = begun });
        await transaction.ExecuteAsync(
            $"""
            INSERT INTO bo_account ({BillingAccount.Columns}) VALUES (@Id, @Path, @Tenant, @Name, NULL, '105-0001', '東京都港区虎ノ門1-2-3', 'JP', NULL, NULL, NULL, 'ja', 'Asia/Tokyo', 'JPY', 'jp', 'eom:1', 31, '2026-10',
              '2026-10', @Refs, 1, @At, 0)
            """,
            new { Id = account, Path = path, Tenant = tenant, Name = "顧客 " + tenant, Refs = "{}", At = begun });
        var deltas = new List<MeterDelta>();
        for (var service = 0; service < Services; service++)
        {
            var id = $"s_{customer:00000}_{service:00}";
            var metered = service < Metered;
            await transaction.ExecuteAsync(
                "INSERT INTO subscription (id, tenant_path, tenant_id, plan_id, name, external_refs, version, created_at) VALUES (@Id, @Path, @Tenant, @Plan, @Name, @Refs, 1, @At)",
                new { Id = id, Path = path, Tenant = tenant, Plan = metered ? "p_used" : "p_flat", Name = "Service " + service, Refs = "{}", At = begun + service });
            await transaction.ExecuteAsync(
                """
                INSERT INTO subscription_version (subscription_id, number, tenant_path, plan_version, quantity, settings, valid_from, valid_to, known_from, known_to)
                VALUES (@Id, 1, @Path, 1, 2, @Settings, @At, NULL, @At, NULL)
                """,
                new { Id = id, Path = path, Settings = "{}", At = begun });
            if (metered)
            {
                deltas.AddRange(Enumerable.Range(0, Days).Select(day => new MeterDelta(path, id, "mail.messages", begun + ((30 + day) * 86_400_000_000L), 20 + ((customer + day) % 50))));
            }
        }

        await MeterDeltas.AppendAsync(transaction, "node", "b", customer, deltas, begun + (62 * 86_400_000_000L) - 86_400_000_000L);
    }

    /// <summary>Five past midnight of the month's first day, and a microsecond later with every look.</summary>
    private sealed class Clock(DateTimeOffset at) : TimeProvider
    {
        private long _looks;

        public override DateTimeOffset GetUtcNow() => at.AddTicks(Interlocked.Add(ref _looks, 10));
    }
}
