using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Mail;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// A million held copies of 500 tenants in a SQLite file, entered as the keeper enters them; then what people look for, each query by itself with nothing of it in
/// memory but what the system keeps, as provider, as a large tenant and as the smallest one, whose rows are the oldest. The slowest of each counts.
/// </summary>
internal sealed class QuarantineSearch : IClaim
{
    private const int Copies = 1_000_000;
    private const int Tenants = 500;
    private const int Together = 5_000;
    private const int Rounds = 7;
    private static readonly string[] Japanese = ["請求書", "重要", "お知らせ", "ご確認", "会議", "納品", "見積", "配送", "口座", "更新", "当選", "緊急"];
    private static readonly DateTimeOffset Start = new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero);

    public string Name => "mail.quarantine-search";

    public string Promise => "search over 1,000,000 held mails by recipient, sender, words of the subject and date, as provider or tenant: every query ≤ 1 s on SQLite; what was said of a sender ≤ 5 µs";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            var clock = new FixedTime();
            await using var stores = await Stores.OpenAsync(new StoreOptions { Directory = directory }, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
            await Schema.ApplyAsync(stores, [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, .. new MailModule().Describe().Schema], TimeProvider.System, cancellationToken);
            var book = new HeldBook(stores, new Node("n", "b", directory), clock);
            var watch = Stopwatch.StartNew();
            await FillAsync(book, clock, progress, cancellationToken);
            var filled = watch.Elapsed;
            var bytes = Directory.EnumerateFiles(directory).Sum(static file => new FileInfo(file).Length);
            List<Figure> figures =
            [
                new("entered", $"{Copies / filled.TotalSeconds:n0} copies/s", Peer: $"{Together} in a transaction, FULL; {bytes / 1e6:n0} MB, {bytes / (double)Copies:n0} bytes each with their words"),
            ];
            figures.Add(await LookUpAsync(stores, clock, cancellationToken));
            foreach (var (what, who, filter, atLeast) in Questions())
            {
                figures.Add(await AskAsync(book, what, who, filter, atLeast, cancellationToken));
            }

            return figures;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static IEnumerable<(string What, Caller Who, HeldFilter Filter, int AtLeast)> Questions()
    {
        var (provider, large, small) = (Who("t_root/"), Who(PathOf(1)), Who(PathOf(0)));
        var all = HeldFilter.Newest;
        var october = all with { FromMicros = UnixMicros.From(Start.AddDays(2)), ToMicros = UnixMicros.From(Start.AddDays(5)) };
        yield return ("the newest, provider", provider, all, 50);
        yield return ("the newest, a large tenant", large, all, 50);
        yield return ("the newest, the smallest tenant (its rows are the oldest)", small, all, 10);
        yield return ("a recipient", provider, all with { Recipient = "user17@d3.example" }, 1);
        yield return ("a recipient's domain, a large tenant", large, all with { Recipient = "d1.example" }, 50);
        yield return ("a sender", provider, all with { Sender = "news77@s77.example" }, 1);
        yield return ("a sender's domain and a word of the subject", provider, all with { Sender = "s3.example", Subject = "word5" }, 1);
        yield return ("a word that half of all have, provider", provider, all with { Text = "invoice" }, 50);
        yield return ("a word that half of all have, the smallest tenant", small, all with { Text = "invoice" }, 1);
        yield return ("a rare word", provider, all with { Text = "word4999" }, 1);
        yield return ("two words in Japanese", provider, all with { Text = "請求書 重要" }, 50);
        yield return ("a word nobody has", provider, all with { Text = "nonesuch" }, 0);
        yield return ("three days, and a common word", provider, october with { Text = "invoice" }, 50);
        yield return ("three days, the smallest tenant", small, october, 0);
        yield return ("a common word of a class few have, the smallest tenant", small, all with { Text = "invoice", Class = HeldClass.Virus }, 0);
    }

    private static async Task<Figure> AskAsync(HeldBook book, string what, Caller who, HeldFilter filter, int atLeast, CancellationToken cancellationToken)
    {
        List<double> milliseconds = [];
        var found = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            found = (await book.ListAsync(who, filter, 50, cancellationToken)).Count;
            milliseconds.Add(watch.Elapsed.TotalMilliseconds);
        }

        return found < atLeast
            ? new Figure(what, $"{found} found, at least {atLeast} are there", Bar: $"≥ {atLeast}") { Holds = false }
            : Figure.AtMost(what, milliseconds.Max(), 1_000, "n1", " ms", $"{found} shown; middle {milliseconds.Order().ElementAt(Rounds / 2):n1} ms, the first {milliseconds[0]:n1} ms");
    }

    /// <summary>What the verdict asks for every recipient of every message.</summary>
    private static async Task<Figure> LookUpAsync(Stores stores, FixedTime clock, CancellationToken cancellationToken)
    {
        const int rules = 100_000;
        const int asked = 1_000_000;
        await stores.Control.WriteAsync(
            async transaction =>
            {
                for (var i = 0; i < rules; i++)
                {
                    await transaction.ExecuteAsync(
                        "INSERT INTO mail_sender_rule (id, tenant_path, scope, owner, sender, rule, revision, changed_at, changed_by) VALUES (@Id, @Path, 'recipient', @Owner, @Sender, 'allow', @Revision, 1, 'x')",
                        new { Id = "qs_" + i, Path = PathOf(i % Tenants), Owner = $"user{i}@d{i % Tenants}.example", Sender = $"news{i % 2_000}@s{i % 2_000}.example", Revision = i + 1L });
                }

                return true;
            },
            cancellationToken);
        using var book = new SenderBook(
            stores, new ChangeRecorder(new AuditTrail(stores, clock), new Outbox(new EventCatalogue(MailEvents.All), new OutboxSignal(stores.Control.Hints)), clock), clock, NullLogger<SenderBook>.Instance);
        await book.LoadAsync(cancellationToken);
        var names = Enumerable.Range(0, 1_000).Select(static i => (Path: PathOf(i % Tenants), Recipient: $"user{i}@d{i % Tenants}.example", Sender: $"news{(i % 4 == 0 ? i : i + 7) % 2_000}@mail.s{i % 2_000}.example")).ToArray();
        var found = 0;
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < asked; i++)
        {
            var (path, recipient, sender) = names[i % names.Length];
            found += book.Find(path, recipient, sender) == SenderRule.None ? 0 : 1;
        }

        return Figure.AtMost("look-up of a sender, no rule fits", watch.Elapsed.TotalMicroseconds / asked, 5, "n2", " µs", $"{rules:n0} rules, {asked:n0} look-ups, {found:n0} found");
    }

    private static async Task FillAsync(HeldBook book, FixedTime clock, Progress progress, CancellationToken cancellationToken)
    {
        var random = new Random(2026);
        for (var at = 0; at < Copies; at += Together)
        {
            clock.Now = Start.AddSeconds(at * 5L);
            var batch = Enumerable.Range(at, Together).Select(number => Make(number, random, clock)).ToList();
            await book.AddAsync(batch, cancellationToken);
            if (at % 100_000 == 0)
            {
                progress.Say($"{at:n0} of {Copies:n0} copies entered");
            }
        }
    }

    private static NewHeld Make(int number, Random random, FixedTime clock)
    {
        // The smallest tenant has ten of the first thousand; the large one has a tenth of all.
        var tenant = number is < 1_000 && number % 100 == 0 ? 0 : random.Next(10) == 0 ? 1 : 1 + random.Next(Tenants - 1);
        var word = (int)(5_000 * Math.Pow(random.NextDouble(), 3));
        var subject = random.Next(10) < 3
            ? $"【{Japanese[random.Next(Japanese.Length)]}】{Japanese[random.Next(Japanese.Length)]}の件 {Japanese[random.Next(Japanese.Length)]} word{word}"
            : string.Create(CultureInfo.InvariantCulture, $"{(random.Next(3) == 0 ? "Your" : "New invoice")} word{word} word{random.Next(5_000)} {(random.Next(2) == 0 ? "invoice" : "offer")}");
        var sender = (int)(2_000 * Math.Pow(random.NextDouble(), 2));
        return new NewHeld(Id.New("m", clock), new AcceptFacts
        {
            AcceptedMicros = clock.NowMicros(), Flags = MessageFlags.None, TenantPath = PathOf(tenant), Subscription = $"s_{tenant}", ReversePath = $"news{sender}@s{sender}.example",
            Recipients = [$"user{random.Next(2_000)}@d{tenant}.example"], SizeBytes = 12_000, Subject = subject, Hold = random.Next(100) == 0 ? HoldClass.Virus : HoldClass.Spam,
        }, $"Sender {sender} <news{sender}@s{sender}.example>", clock.NowMicros() + (long)TimeSpan.FromDays(30).TotalMicroseconds);
    }

    private static string PathOf(int tenant) => $"t_root/t_{tenant}/";

    private static Caller Who(string path) =>
        new("u_x", "x", new TenantScope(path.TrimEnd('/').Split('/')[^1], path), new HashSet<string> { "*" }, path == "t_root/", "en");

    private sealed class FixedTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = Start;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
