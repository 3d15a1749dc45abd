using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;
using Tsunagi.Mail.WhatIf;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// Past mail of a provider of 1,000 tenants with policies of their own, entered into the trace as its projector enters it, then asked what an edited policy would have done to it. Everything the question
/// needs is read from the store: there are no bodies.
/// </summary>
internal sealed class WhatIfReplay : IClaim
{
    private const int Past = 10_000;
    private const int Many = 100_000;
    private const int Tenants = 1_000;
    private const int Together = 1_000;

    public string Name => "mail.what-if";

    public string Promise => "what an edited policy would have done to 10,000 past mails is said in < 60 s, from stored verdicts alone";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            await using var stores = await Stores.OpenAsync(new StoreOptions { Directory = directory }, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
            await Schema.ApplyAsync(stores, [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, SecretBox.Schema, LeaseSchema.Control, LeaseSchema.Projections, .. new MailModule().Describe().Schema], TimeProvider.System, cancellationToken);
            await PoliciesAsync(stores, cancellationToken);
            await using var services = await ServicesAsync(stores, directory, cancellationToken);
            await services.GetRequiredService<PolicyWatch>().LoadAsync(cancellationToken);
            var desk = services.GetRequiredService<WhatIfDesk>();
            var table = services.GetRequiredService<PolicyWatch>().Table;
            List<Figure> figures = [];
            await FillAsync(stores, table, 0, Past, progress, cancellationToken);
            var (same, _, _) = await AskAsync(desk, null, cancellationToken);
            figures.Add(new Figure("under the policies as they are", $"{same.Changed} of {same.Copies} copies otherwise", Bar: "0") { Holds = same.Changed == 0 && same.Copies == Past && same.NotJudged.Count == 0 });
            var (answer, seconds, live) = await AskAsync(desk, Draft, cancellationToken);
            figures.Add(Figure.AtMost($"{Past:n0} past mails under an edited policy of the provider", seconds, 60, "0.00", " s", $"{answer.Changed:n0} of {answer.Copies:n0} copies otherwise, in {answer.Changes.Count} ways; {live / 1e6:0} MB alive at most"));
            await FillAsync(stores, table, Past, Many, progress, cancellationToken);
            var (many, manySeconds, manyLive) = await AskAsync(desk, Draft, cancellationToken);
            figures.Add(new Figure($"{Many:n0} past mails", string.Create(CultureInfo.InvariantCulture, $"{manySeconds:0.0} s, {manyLive / 1e6:0} MB alive at most"), Peer: $"{many.Changed:n0} of {many.Copies:n0} copies otherwise"));
            return figures;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static FilterPolicy Draft => new() { TagOnly = false, QuarantinePoints = 12, Actions = new Dictionary<string, PolicyAction> { ["attachment.executable"] = PolicyAction.Reject } };

    private static async Task<(WhatIfAnswer Answer, double Seconds, long Live)> AskAsync(WhatIfDesk desk, FilterPolicy? draft, CancellationToken cancellationToken)
    {
        var place = new PolicyPlace("t_root", "t_root/", "tenant", "");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var live = 0L;
        var started = Stopwatch.GetTimestamp();
        var asked = await desk.AskAsync(new WhatIfQuestion(place, draft ?? Standing, 30), _ => live = Math.Max(live, GC.GetTotalMemory(false) - before), cancellationToken);
        return (asked.Value ?? throw new InvalidOperationException(asked.Refusal!.Message), Stopwatch.GetElapsedTime(started).TotalSeconds, live);
    }

    private static FilterPolicy Standing => new() { TagPoints = 9 };

    private static async Task PoliciesAsync(Stores stores, CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        async transaction =>
        {
            await PutAsync("t_root/", "tenant", "", Standing);
            for (var tenant = 0; tenant < Tenants; tenant++)
            {
                await PutAsync(PathOf(tenant), "tenant", "", new FilterPolicy { TagPoints = 3 + (tenant % 17) });
                await PutAsync(PathOf(tenant), "domain", $"d{tenant}.example", new FilterPolicy { Actions = new Dictionary<string, PolicyAction> { ["attachment.macro"] = PolicyAction.Quarantine } });
                await PutAsync(PathOf(tenant), "user", $"u1@d{tenant}.example", new FilterPolicy { QuarantinePoints = 30 });
            }

            await transaction.ExecuteAsync("UPDATE mail_filter_version SET version = version + 1");
            return true;

            Task PutAsync(string path, string scope, string name, FilterPolicy policy) => transaction.ExecuteAsync(
                "INSERT INTO mail_filter_policy (tenant_path, scope, name, version, policy, updated_at, updated_by) VALUES (@Path, @Scope, @Name, 1, @Json, 0, 'proof')",
                new { Path = path, Scope = scope, Name = name, Json = System.Text.Json.JsonSerializer.Serialize(policy, PolicyBook.Json) }).AsTask();
        },
        cancellationToken);

    private static async Task FillAsync(Stores stores, PolicyTable table, int from, int to, Progress progress, CancellationToken cancellationToken)
    {
        var random = new Random(2026 + from);
        for (var at = from; at < to; at += Together)
        {
            var batch = TraceBatch.From([.. Enumerable.Range(at, Together).Select(number => Make(table, number, random))]);
            await stores.Projections.WriteAsync(
                async transaction =>
                {
                    await TraceWriter.WriteAsync(transaction, batch);
                    return true;
                },
                cancellationToken);
            if (at % 10_000 == 0)
            {
                progress.Say($"{at:n0} of {to:n0} messages entered");
            }
        }
    }

    // As refused messages, because those are entered whole: what became of a message afterwards is nothing to the question.
    private static JudgedMessage Make(PolicyTable table, int number, Random random)
    {
        var tenant = random.Next(Tenants);
        var recipient = $"u{random.Next(50)}@d{tenant}.example";
        var found = new List<Evidence> { Evidence.Of("client.named", ("client", "192.0.2.7"), ("name", $"mx{random.Next(500)}.sender.example")), Evidence.Of("auth.dmarc-pass", ("domain", "sender.example")) };
        for (var i = random.Next(5); i > 0; i--)
        {
            var code = EvidenceCatalogue.All[random.Next(EvidenceCatalogue.All.Count)];
            if (!code.Code.StartsWith("greylist", StringComparison.Ordinal) && !code.Code.StartsWith("sender", StringComparison.Ordinal) && code.Code is not ("client.listed" or "client.no-answer"))
            {
                found.Add(Evidence.Of(code.Code, ("what", "a value of some length, as values are"), ("how", "by its content"), ("more", "x")));
            }
        }

        var verdict = Judge.Decide(found, table.For(PathOf(tenant), $"d{tenant}.example", [], recipient)) with
        {
            Basis = new VerdictBasis(EvidenceCatalogue.Checks, [], GreylistStage.NotAsked, []) { Recipients = 1 },
        };
        return new JudgedMessage(SpoolId.New(TimeProvider.System), new AcceptFacts
        {
            AcceptedMicros = TimeProvider.System.NowMicros(), Flags = MessageFlags.None, TenantPath = PathOf(tenant), Subscription = $"s_{tenant}", ReversePath = $"news{random.Next(2_000)}@s{random.Next(700)}.example",
            Recipients = [recipient], SizeBytes = 12_000, Subject = $"message {number}", Evidence = VerdictFacts.Write(verdict),
        }, "250 2.0.0 proof", verdict.Reason);
    }

    private static string PathOf(int tenant) => $"t_root/t_{tenant}/";

    /// <summary>The module as a node makes it, with nothing of it started.</summary>
    private static async Task<ServiceProvider> ServicesAsync(Stores stores, string directory, CancellationToken cancellationToken)
    {
        var services = new ServiceCollection();
        services.AddLogging(static logging => logging.ClearProviders());
        services.AddSingleton(TimeProvider.System).AddSingleton(stores);
        services.AddSingleton(new Node("n", "b", directory)).AddSingleton(new EventCatalogue(MailEvents.All)).AddSingleton<EventSignal>();
        services.AddSingleton(new OutboxSignal(stores.Control.Hints)).AddSingleton<Outbox>().AddSingleton<AuditTrail>().AddSingleton<ChangeRecorder>();
        services.AddSingleton(new OutboundOptions()).AddSingleton<OutboundTcp>();
        var masters = MasterKeys.Open(SecretsSetup.DefaultMasterFile(directory), TimeProvider.System);
        services.AddSecrets(masters, await SecretBox.OpenAsync(stores, masters, TimeProvider.System, cancellationToken));
        services.AddSingleton<ILeases>(Leases.For(stores, "n", new LeaseOptions(), TimeProvider.System, NullLogger<Leases>.Instance));
        new MailModule().AddServices(services, new MailOptions { HostName = "gateway.proof" });
        return services.BuildServiceProvider();
    }
}
