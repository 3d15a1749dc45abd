using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// What a recipient's policy costs the data path: one look for each recipient of each message. And how long it takes from the moment a policy is sent until sessions judge by it: on the node that took it, and on
/// another that shares the store and hears nothing but by looking.
/// </summary>
internal sealed class PolicyLookup : IClaim
{
    private const int Tenants = 1_000;
    private const int Users = 100;
    private const int Looks = 2_000_000;
    private const double BarMicros = 5;
    private const int Changes = 20;

    public string Name => "mail.policy-lookup";

    public string Promise => "with 1,000 tenants that have policies of their own for domain, groups and users, what holds for a recipient is known in < 5 µs, and a change is live on every node in < 1 s";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        progress.Say("making 103,000 policies");
        var started = Stopwatch.GetTimestamp();
        var table = new PolicyTable(1, Policies());
        var made = Stopwatch.GetElapsedTime(started);
        var random = new Random(1);
        string[][] groups = [[], ["sales"], ["board", "sales"]];
        var asked = Enumerable.Range(0, 100_000).Select(_ => random.Next(Tenants)).Select(tenant => (Path: PathOf(tenant), Domain: $"d{tenant}.example", Groups: groups[random.Next(3)], Address: $"u{random.Next(Users * 2)}@d{tenant}.example")).ToArray();
        progress.Say("asking");
        var first = Measure(table, asked, asked.Length);
        var again = Measure(table, asked, Looks);
        var (here, there) = await LiveAsync(progress, cancellationToken);
        return
        [
            Figure.AtMost("a look, as mail asks (most recipients seen before)", again, BarMicros, "0.00", " µs"),
            new Figure("a look, each recipient for the first time", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{first:0.00} µs")),
            new Figure("the table made anew after a change", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{made.TotalMilliseconds:0} ms")),
            Figure.AtMost($"a change live on the node that took it, slowest of {Changes}", here, 1_000, "0", " ms"),
            Figure.AtMost($"a change live on another node, slowest of {Changes}", there, 1_000, "0", " ms"),
        ];
    }

    /// <summary>Milliseconds from sending a policy until the table that sessions read says it.</summary>
    private static async Task<(double Here, double There)> LiveAsync(Progress progress, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            var options = new StoreOptions { Directory = directory };
            await using var stores = await Stores.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
            await Schema.ApplyAsync(stores, [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, .. new MailModule().Describe().Schema], TimeProvider.System, cancellationToken);
            await EnterAsync(stores, progress, cancellationToken);
            await using var other = await Stores.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
            var changes = new ChangeRecorder(new AuditTrail(stores, TimeProvider.System), new Outbox(new EventCatalogue(MailEvents.All), new OutboxSignal(stores.Control.Hints)), TimeProvider.System);
            var book = new PolicyBook(stores, changes, TimeProvider.System);
            using var own = new PolicyWatch(stores, TimeProvider.System, NullLogger<PolicyWatch>.Instance);
            using var others = new PolicyWatch(other, TimeProvider.System, NullLogger<PolicyWatch>.Instance);
            await own.StartAsync(cancellationToken);
            await others.StartAsync(cancellationToken);
            progress.Say("changing policies");
            var (here, there) = (0.0, 0.0);
            for (var change = 0; change < Changes; change++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(37 * change % 500), TimeProvider.System, cancellationToken);
                var caller = Caller.System(new TenantScope("t_root", "t_root/"));
                var (tenant, points) = (change * 37, 1_000 + change);
                var started = Stopwatch.GetTimestamp();
                var put = await book.PutAsync(caller, $"t_{tenant}", "user", $"u1@d{tenant}.example", new FilterPolicy { QuarantinePoints = points }, null, cancellationToken);
                _ = put.Ok ? put : throw new InvalidOperationException(put.Refusal!.Message);
                var live = await Task.WhenAll(UntilAsync(own, tenant, points, started, cancellationToken), UntilAsync(others, tenant, points, started, cancellationToken));
                (here, there) = (Math.Max(here, live[0]), Math.Max(there, live[1]));
            }

            await own.StopAsync(cancellationToken);
            await others.StopAsync(cancellationToken);
            return (here, there);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<double> UntilAsync(PolicyWatch watch, int tenant, int points, long started, CancellationToken cancellationToken)
    {
        while (watch.Table.For(PathOf(tenant), $"d{tenant}.example", [], $"u1@d{tenant}.example").QuarantinePoints != points)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellationToken);
        }

        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task EnterAsync(Stores stores, Progress progress, CancellationToken cancellationToken)
    {
        progress.Say("entering 103,000 policies");
        await stores.Control.WriteAsync(
            static async transaction =>
            {
                for (var tenant = 0; tenant < Tenants; tenant++)
                {
                    await transaction.ExecuteAsync(
                        "INSERT INTO tenant (id, tenant_path, kind, name, locale, time_zone, currency, external_refs, version, created_at) VALUES (@Id, @Path, 'customer', @Id, 'en', 'Asia/Tokyo', 'JPY', '{}', 1, 0)",
                        new { Id = $"t_{tenant}", Path = PathOf(tenant) });
                }

                return true;
            },
            cancellationToken);
        foreach (var together in Policies().Chunk(5_000))
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    foreach (var row in together)
                    {
                        await transaction.ExecuteAsync(
                            "INSERT INTO mail_filter_policy (tenant_path, scope, name, version, policy, updated_at, updated_by) VALUES (@TenantPath, @Scope, @Name, 1, @Json, 0, 'proof')",
                            new { row.TenantPath, row.Scope, row.Name, Json = JsonSerializer.Serialize(row.Policy, PolicyBook.Json) });
                    }

                    return true;
                },
                cancellationToken);
        }
    }

    private static double Measure(PolicyTable table, (string Path, string Domain, string[] Groups, string Address)[] asked, int looks)
    {
        var points = 0L;
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < looks; i++)
        {
            var (path, domain, groups, address) = asked[i % asked.Length];
            points += table.For(path, domain, groups, address).TagPoints;
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        return points > 0 ? elapsed.TotalMicroseconds / looks : throw new InvalidOperationException("no policy said anything");
    }

    private static IEnumerable<FilterPolicyView> Policies()
    {
        yield return new FilterPolicyView("t_root/", "tenant", "", 1, new FilterPolicy { TagOnly = false }, 0, "proof");
        for (var tenant = 0; tenant < Tenants; tenant++)
        {
            FilterPolicyView Row(string scope, string name, FilterPolicy policy) => new(PathOf(tenant), scope, name, 1, policy, 0, "proof");
            yield return Row("tenant", "", new FilterPolicy { TagPoints = 3 + (tenant % 7) });
            yield return Row("domain", $"d{tenant}.example", new FilterPolicy { Actions = new Dictionary<string, PolicyAction> { ["attachment.macro"] = PolicyAction.Quarantine } });
            yield return Row("group", "sales", new FilterPolicy { TagPoints = 20 });
            for (var user = 0; user < Users; user++)
            {
                yield return Row("user", $"u{user}@d{tenant}.example", new FilterPolicy { QuarantinePoints = 30 + user });
            }
        }
    }

    private static string PathOf(int tenant) => $"t_root/t_{tenant}/";
}
