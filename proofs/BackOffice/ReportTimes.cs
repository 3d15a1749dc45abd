using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.BackOffice;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Reports;
using Tsunagi.BackOffice.Sample;
using Tsunagi.BackOffice.Statements;
using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Proofs.BackOffice;

/// <summary>The sample of 6,500 customers and 18 months in a SQLite file, and how long each report over it takes: the middle one of five times, the first of which reads from a cold store.</summary>
internal sealed class ReportTimes : IClaim
{
    private const int Customers = 6_500, Seed = 1, Times = 5;

    public string Name => "billing.reports";

    public string Promise => "every report over 6,500 customers and 18 months of invoices ≤ 1 s on SQLite";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            await using var stores = await Stores.OpenAsync(new StoreOptions { Directory = directory }, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
            var module = new BackOfficeModule();
            await Schema.ApplyAsync(stores, [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, .. module.Describe().Schema], TimeProvider.System, cancellationToken);
            await stores.Control.WriteAsync(
                static transaction => transaction.ExecuteAsync(
                    """
                    INSERT INTO tenant (id, tenant_path, parent_id, kind, name, locale, time_zone, currency, external_refs, version, created_at)
                    VALUES ('t_root', 't_root/', NULL, 'provider', 'Provider', 'ja', 'Asia/Tokyo', 'JPY', '{}', 1, @At)
                    """,
                    new { At = TimeProvider.System.NowMicros() }),
                cancellationToken);
            return await MeasureAsync(stores, module, progress, cancellationToken);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(Stores stores, BackOfficeModule module, Progress progress, CancellationToken cancellationToken)
    {
        var specifications = new SpecificationCatalogue([CoreDescription.Description, module.Describe()]);
        var outbox = new Outbox(new EventCatalogue(specifications.Modules.SelectMany(static each => each.Events)), new OutboxSignal(stores.Control.Hints));
        var changes = new ChangeRecorder(new AuditTrail(stores, TimeProvider.System), outbox, TimeProvider.System);
        var (options, caller) = (new BackOfficeOptions(), new Caller("u_one", "one", new TenantScope("t_root", "t_root/"), new HashSet<string> { "*" }, true, "en"));
        var ledger = new GeneralLedger(stores, changes, TimeProvider.System);
        progress.Say($"a sample of {Customers} customers");
        var started = Stopwatch.GetTimestamp();
        var made = await new SampleWriter(stores, ledger, options, changes, TimeProvider.System).FillAsync(caller, new NewSample(Seed, Customers), cancellationToken);
        var filled = Stopwatch.GetElapsedTime(started);
        var book = new ReportBook(stores, specifications, new CivilDay(stores, TimeProvider.System), ledger, options);
        var figures = new List<Figure> { Figure.AtLeast("invoices of the sample", made.Value!.Invoices, 50_000, "0", "", $"made in {filled.TotalSeconds:0} s") };
        foreach (var name in ReportNames.All)
        {
            var times = new List<double>();
            for (var i = 0; i < Times; i++)
            {
                started = Stopwatch.GetTimestamp();
                var sheet = await book.MakeAsync(caller, name, new ReportFilter(), 50, cancellationToken);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                if (!sheet.Ok || sheet.Value.Tables.Count == 0)
                {
                    throw new InvalidOperationException($"{name}: {sheet.Refusal}");
                }
            }

            var middle = times.Order().ElementAt(Times / 2);
            progress.Say($"{name} {middle:0} ms");
            figures.Add(Figure.AtMost(name, middle, 1_000, "0", " ms", $"slowest {times.Max():0} ms"));
        }

        return figures;
    }
}
