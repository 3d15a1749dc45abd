using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// Ten million holdings of a year on SQLite: 65,536 IPv4 addresses, each held by one session after another, and 200,000 delegated prefixes; then who held an address (or one inside a prefix) at a moment, with nothing of it
/// read before, each answer held against what was entered.
/// </summary>
internal sealed class AddressHolders : IClaim
{
    private const int Addresses = 65_536;
    private const int PerAddress = 140;
    private const int Prefixes = 200_000;
    private const int PerPrefix = 5;
    private const int Together = 100_000;
    private const int Questions = 2_000;
    private const long Second = UnixMicros.PerSecond;

    public string Name => "ipam.who-had";

    public string Promise => "over 10,000,000 holdings, who held an address, or an address inside a delegated prefix, at a moment: right, and in < 5 ms";

    public bool IsCorrectness => false;

    private static long Start { get; } = UnixMicros.From(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            await using var stores = await Stores.OpenAsync(new StoreOptions { Directory = directory, Deadline = TimeSpan.FromMinutes(2) }, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
            await Schema.ApplyAsync(stores, [.. CoreDescription.Description.Schema, .. new ConnectivityModule().Describe().Schema], TimeProvider.System, cancellationToken);
            var watch = Stopwatch.StartNew();
            await WithoutIndexesAsync(stores, () => FillAsync(stores, progress, cancellationToken), progress, cancellationToken);
            var filled = watch.Elapsed;
            var bytes = Directory.EnumerateFiles(directory).Sum(static file => new FileInfo(file).Length);
            var count = (long)(Addresses * PerAddress) + (Prefixes * PerPrefix);
            progress.Say("asking");
            var desk = new HolderDesk(stores, new AuditTrail(stores, TimeProvider.System), new AddressOptions(), TimeProvider.System);
            // The garbage of entering is this proof's own, and so is a program that has just started: its first question is told apart.
            GC.Collect();
            var first = Stopwatch.StartNew();
            await desk.FindAsync(Vrf.Global, V4(0), null, Start, Start + (60 * Second), cancellationToken);
            first.Stop();
            var (milliseconds, wrong) = await AskAsync(desk, cancellationToken);
            return
            [
                new Figure("entered", $"{(count / filled.TotalSeconds).ToString("#,0", CultureInfo.InvariantCulture)} holdings/s", Peer: $"{count.ToString("#,0", CultureInfo.InvariantCulture)} in all, {(bytes / 1e6).ToString("#,0", CultureInfo.InvariantCulture)} MB"),
                Figure.AtMost("a question, the slowest of 2,000", milliseconds.Max(), 5, "0.00", " ms", $"middle {milliseconds.Order().ElementAt(Questions / 2).ToString("0.00", CultureInfo.InvariantCulture)} ms; a program's first ever {first.Elapsed.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture)} ms"),
                Figure.AtMost("a question, 99 of 100", milliseconds.Order().ElementAt(Questions * 99 / 100), 5, "0.00", " ms"),
                Figure.AtMost("answers that are not what was entered", wrong, 0, "0", ""),
            ];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>A year is entered in minutes when the indexes are made at the end, from sorted rows, and not row by row in an order that no year has.</summary>
    private static async Task WithoutIndexesAsync(Stores stores, Func<Task> fill, Progress progress, CancellationToken cancellationToken)
    {
        var indexes = await stores.Control.ReadAsync(
            static reader => reader.QueryAsync<(string Name, string Sql)>("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'connectivity_holding' AND sql IS NOT NULL"), cancellationToken);
        await ExecuteAsync(stores, indexes.Select(static index => "DROP INDEX " + index.Name), cancellationToken);
        await fill();
        progress.Say("making the indexes");
        await ExecuteAsync(stores, indexes.Select(static index => index.Sql), cancellationToken);
    }

    private static async Task ExecuteAsync(Stores stores, IEnumerable<string> statements, CancellationToken cancellationToken) =>
        await stores.Control.WriteAsync(
            async transaction =>
            {
                foreach (var statement in statements)
                {
                    await transaction.ExecuteAsync(statement);
                }

                return true;
            },
            cancellationToken);

    /// <summary>Session n of an address begins at its own second, one after that of the address before, and lasts two thirds of its time; the last one lasts still.</summary>
    private static (long From, long? To) Times(int of, int number, int per)
    {
        var span = 365L * 86_400 / per;
        var from = Start + (((number * span) + of) * Second);
        return (from, number == per - 1 ? null : from + (span * 2 / 3 * Second));
    }

    private static async Task FillAsync(Stores stores, Progress progress, CancellationToken cancellationToken)
    {
        var part = new List<Holding>(Together);
        async Task WriteAsync()
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    await AssignmentHistory.OpenAsync(transaction, part);
                    return true;
                },
                cancellationToken);
            part.Clear();
        }

        for (var address = 0; address < Addresses; address++)
        {
            for (var number = 0; number < PerAddress; number++)
            {
                var (from, to) = Times(address, number, PerAddress);
                part.Add(new Holding(Vrf.Global, new IPNetwork(V4(address), 32), Line(address, number), "t_1", "t_root/t_1/", string.Create(CultureInfo.InvariantCulture, $"ss_{address:00000}_{number:000}"), from, to, "node-1"));
            }

            if (part.Count >= Together)
            {
                await WriteAsync();
            }

            if (address % 8_192 == 0)
            {
                progress.Say($"{address * PerAddress} entered");
            }
        }

        for (var prefix = 0; prefix < Prefixes; prefix++)
        {
            for (var number = 0; number < PerPrefix; number++)
            {
                var (from, to) = Times(prefix, number, PerPrefix);
                part.Add(new Holding(Vrf.Global, AddressBlock.From(V6(prefix, 0), 56).ToNetwork(), Line(prefix, number), "t_1", "t_root/t_1/", string.Create(CultureInfo.InvariantCulture, $"sp_{prefix:000000}_{number}"), from, to, "node-1"));
            }

            if (part.Count >= Together || prefix == Prefixes - 1)
            {
                await WriteAsync();
            }
        }
    }

    private static async Task<(List<double> Milliseconds, int Wrong)> AskAsync(HolderDesk desk, CancellationToken cancellationToken)
    {
        var random = new Random(3);
        var milliseconds = new List<double>(Questions);
        var wrong = 0;
        for (var i = 0; i < Questions; i++)
        {
            var is6 = i % 2 == 1;
            var (of, per) = is6 ? (random.Next(Prefixes), PerPrefix) : (random.Next(Addresses), PerAddress);
            var number = random.Next(per);
            var (from, to) = Times(of, number, per);
            var isHeld = random.Next(4) != 0;
            var at = isHeld || to is null ? from + (60 * Second) : to.Value + (60 * Second);
            var watch = Stopwatch.StartNew();
            var answer = await desk.FindAsync(Vrf.Global, is6 ? V6(of, random.Next(256)) : V4(of), null, at - (5 * Second), at + (5 * Second), cancellationToken);
            milliseconds.Add(watch.Elapsed.TotalMilliseconds);
            var expected = isHeld || to is null ? Line(of, number) : "";
            wrong += string.Join(' ', answer.Holders.Select(static holder => holder.LineId)) == expected ? 0 : 1;
        }

        return (milliseconds, wrong);
    }

    private static string Line(int of, int number) => string.Create(CultureInfo.InvariantCulture, $"ln_{of:000000}_{number:000}");

    private static IPAddress V4(int number) => new([10, 0, (byte)(number >> 8), (byte)number]);

    private static IPAddress V6(int prefix, int subnet) => new([0x20, 0x01, 0x0d, 0xb8, (byte)(prefix >> 16), (byte)(prefix >> 8), (byte)prefix, (byte)subnet, 0, 0, 0, 0, 0, 0, 0, 1]);
}
