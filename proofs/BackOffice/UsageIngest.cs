using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Core.Usage;
using Tsunagi.Mail;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Spool;
using Tsunagi.Tests.Host;

namespace Tsunagi.Proofs.BackOffice;

/// <summary>
/// Usage on its way to the bill, on real disk. From our own logs: a spool with the accept records of half a million messages of 6,500 subscriptions over ten minutes, counted into the rows that bills read by a
/// meter that is stopped and begins anew three times. By API: a whole node with FULL synchronisation takes batches of a thousand foreign records from four senders, who send each of them twice. Each time the
/// sums must be exactly what was sent. How fast stored usage is rated, <c>billing.run</c> measures.
/// </summary>
internal sealed class UsageIngest : IClaim
{
    private const int Messages = 500_000, Subscriptions = 6_500, Minutes = 10, AtATime = 512, Stops = 3;
    private const int Batches = 300, Senders = 4, Services = 20;
    private const long Start = 1_795_000_020L * UnixMicros.PerSecond;

    public string Name => "billing.ingest";

    public string Promise => "≥ 100,000 usage records/s from our own logs, exactly once by position; ≥ 10,000/s by API with foreign keys, each counted once though sent twice";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken) =>
        [.. await FromLogsAsync(progress, cancellationToken), .. await ByApiAsync(progress, cancellationToken)];

    private static async Task<IReadOnlyList<Figure>> FromLogsAsync(Progress progress, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            await using var stores = await Stores.OpenAsync(new StoreOptions { Directory = directory }, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
            await Schema.ApplyAsync(stores, [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, .. new MailModule().Describe().Schema], TimeProvider.System, cancellationToken);
            var node = new Node("n", "b", directory);
            await using var spool = new MailSpool(new MailOptions(), node, new RealDisk(), TimeProvider.System, NullLogger<MailSpool>.Instance);
            await spool.StartAsync(cancellationToken);
            progress.Say($"{Messages} messages are accepted");
            var octets = await AcceptAsync(spool);

            progress.Say("the meter counts them");
            var watch = Stopwatch.StartNew();
            var cpu = Process.GetCurrentProcess().TotalProcessorTime;
            for (var start = 0; start <= Stops; start++)
            {
                using var projector = new MeterProjector(stores, spool, node, TimeProvider.System, NullLogger<MeterProjector>.Instance);
                await projector.StartAsync(cancellationToken);
                await UntilCountedAsync(stores, node, start < Stops ? null : spool.End!.Value, TimeSpan.FromMilliseconds(300), cancellationToken);
                await projector.StopAsync(cancellationToken);
            }

            watch.Stop();
            cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
            var sums = await stores.Control.ReadAsync(
                static reader => reader.QueryAsync<Sum>("SELECT meter, CAST(sum(quantity) AS bigint) AS quantity, count(*) AS lines FROM meter_delta GROUP BY meter ORDER BY meter"), cancellationToken);
            var wrong = Math.Abs(sums.Where(static sum => sum.Meter == MailMeters.Messages).Sum(static sum => sum.Quantity) - Messages)
                + Math.Abs(sums.Where(static sum => sum.Meter == MailMeters.Bytes).Sum(static sum => sum.Quantity) - octets);
            return
            [
                Figure.AtLeast("records of our own log counted", Messages / watch.Elapsed.TotalSeconds, 100_000, "#,0", "/s", $"{sums.Sum(static sum => sum.Lines):#,0} rows for the bills; {cpu.TotalSeconds:0.0} s of CPU in {watch.Elapsed.TotalSeconds:0.0} s, {Stops} stops in between"),
                Figure.AtMost("messages and octets that are not what was accepted", wrong, 0, "0", ""),
            ];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<long> AcceptAsync(MailSpool spool)
    {
        var octets = new long[AtATime];
        await Task.WhenAll(Enumerable.Range(0, AtATime).Select(of => Task.Run(async () =>
        {
            var writer = new FactsWriter();
            for (var i = of; i < Messages; i += AtATime)
            {
                var facts = new AcceptFacts
                {
                    AcceptedMicros = Start + ((long)i * Minutes * 60 * UnixMicros.PerSecond / Messages), Flags = MessageFlags.None, TenantPath = string.Create(CultureInfo.InvariantCulture, $"t_root/t_{i % Subscriptions:00000}/"),
                    Subscription = string.Create(CultureInfo.InvariantCulture, $"s_{i % Subscriptions:00000}"), ReversePath = "sender@elsewhere.example", Recipients = ["someone@customer.example"], SizeBytes = 2_000 + (i % 1_000),
                };
                octets[of] += facts.SizeBytes;
                using var body = spool.BeginBody();
                body.Write("Subject: counted\r\n\r\nshort\r\n"u8);
                await spool.AcceptAsync(SpoolId.New(TimeProvider.System), facts, writer, body);
            }
        })));
        return octets.Sum();
    }

    /// <summary>Waits until the position that stands beside the rows has come there; without one, for a while.</summary>
    private static async Task UntilCountedAsync(Stores stores, Node node, LogPosition? end, TimeSpan atLeast, CancellationToken cancellationToken)
    {
        if (end is null)
        {
            await Task.Delay(atLeast, TimeProvider.System, cancellationToken);
            return;
        }

        while ((await stores.Control.ReadAsync(reader => ConsumerPosition.ReadAsync(reader, node.Name, MailSpool.MeterConsumer), cancellationToken))?.Position is not { } there || there < end.Value.Value)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<IReadOnlyList<Figure>> ByApiAsync(Progress progress, CancellationToken cancellationToken)
    {
        progress.Say("a node is made ready");
        await using var node = await TestNode.StartAsync();
        var subscriptions = await SignAsync(node);
        var bodies = Enumerable.Range(0, Batches).Select(batch => Body(subscriptions, batch)).ToArray();
        await SendAsync(node, [Body(subscriptions, Batches)]);

        progress.Say($"{Batches} batches of {UsageBatches.Most} records");
        var watch = Stopwatch.StartNew();
        var first = await SendAllAsync(node, bodies, cancellationToken);
        watch.Stop();
        progress.Say("all of them again");
        var second = await SendAllAsync(node, bodies, cancellationToken);

        var stored = await node.Services.GetRequiredService<Stores>().Control.ReadAsync(
            static reader => reader.FirstOrDefaultAsync<Sum>("SELECT meter, CAST(sum(quantity) AS bigint) AS quantity, count(*) AS lines FROM usage_record GROUP BY meter"), cancellationToken);
        const int all = (Batches + 1) * UsageBatches.Most;
        return
        [
            Figure.AtLeast("foreign records taken by API", Batches * UsageBatches.Most / watch.Elapsed.TotalSeconds, 10_000, "#,0", "/s", $"{Senders} senders, {UsageBatches.Most} in a request, FULL; the senders are in the same process"),
            Figure.AtMost("records that are there twice, or not", Math.Abs(all - stored!.Lines) + Math.Abs(all - stored.Quantity), 0, "0", ""),
            Figure.AtMost("records sent again that were taken for new", second.Recorded, 0, "0", "", $"{second.Known:#,0} known, {first.Recorded:#,0} new at first"),
        ];
    }

    private static async Task<IReadOnlyList<string>> SignAsync(TestNode node)
    {
        await node.Operator.PutAsync("/plans/mail", new { code = "mail", specification = "mail.gateway", nameEn = "Mail", nameJa = "メール", currency = "JPY", prices = new object[] { new { model = "perUnit", label = "Messages", meter = "mail.messages", amount = 1, per = 1 } } });
        var all = new List<string>();
        for (var i = 0; i < Services; i++)
        {
            var tenant = (string)(await node.Operator.PostAsync("/tenants", new { kind = "customer", name = "Customer " + i.ToString(CultureInfo.InvariantCulture) }))["id"]!;
            var name = $"customer-{i}.example";
            var domain = (string)(await node.Operator.PostAsync("/domains", new { tenantId = tenant, name }))["id"]!;
            await node.Operator.PostAsync($"/domains/{domain}/approve", new { reason = "a proof" });
            all.Add((string)(await node.Operator.PostAsync("/subscriptions", new { tenantId = tenant, plan = "mail", name = "Mail", settings = new { domains = new[] { name }, nextHop = "127.0.0.1:9" } }))["id"]!);
        }

        return all;
    }

    private static string Body(IReadOnlyList<string> subscriptions, int batch)
    {
        var at = TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        var records = Enumerable.Range(0, UsageBatches.Most).Select(i => $$"""{"subscriptionId":"{{subscriptions[i % subscriptions.Count]}}","meter":"mail.messages","at":"{{at}}","quantity":1,"foreignKey":"cdr-{{batch}}-{{i}}","source":"switch"}""");
        return $$"""{"records":[{{string.Join(',', records)}}]}""";
    }

    private static async Task<(int Recorded, int Known)> SendAllAsync(TestNode node, string[] bodies, CancellationToken cancellationToken)
    {
        var parts = await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(node, [.. bodies.Where((_, i) => i % Senders == sender)]), cancellationToken)));
        return (parts.Sum(static part => part.Recorded), parts.Sum(static part => part.Known));
    }

    private static async Task<(int Recorded, int Known)> SendAsync(TestNode node, IReadOnlyList<string> bodies)
    {
        var (recorded, known) = (0, 0);
        foreach (var body in bodies)
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await node.Operator.Http.PostAsync("/api/v1/usage/batch", content);
            var told = await answer.Content.ReadFromJsonAsync<JsonNode>();
            recorded += (int)(told!["recorded"] ?? throw new InvalidOperationException($"{answer.StatusCode}: {told.ToJsonString()}"));
            known += (int)told["known"]!;
        }

        return (recorded, known);
    }

    private sealed record Sum(string Meter, long Quantity, long Lines);
}
