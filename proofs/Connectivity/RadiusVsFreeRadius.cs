using System.Globalization;
using System.Net;
using Tsunagi.Proofs.Mail;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// The RADIUS server and FreeRADIUS side by side, in alternating rounds, by one load generator with 64 requests in flight: (1) PAP with Message-Authenticator in each request; (2) accounting that is on the
/// disk before it is answered, beside its detail writer, with nothing made of the records on either side; (3) accounting with all that is made of it, until both are idle, beside its SQL accounting, on
/// SQLite and on PostgreSQL. The measure is requests for each second of CPU of the server and, where it asks one, of its database. (4) What each side syncs is counted in a stretch that is not measured.
/// </summary>
internal sealed class RadiusVsFreeRadius : IClaim
{
    private const int Rounds = 5;
    private const int Users = 10_000;
    private const int Requests = 20_000;
    private const int SqlRequests = 12_000;
    private const int TheirSqlRequests = 600;
    private const int Counted = 300;
    private const int InFlight = 64;
    private const int PostgresWorkers = 8;
    private const double IdleSeconds = 0.03;
    private static readonly TimeSpan IdleLook = TimeSpan.FromMilliseconds(500);

    private const string Configurations = """
          both: loopback, 10,000 users, secret of 10 octets, 64 requests in flight from one thread, Message-Authenticator in each Access-Request; all files in one directory of one disk
          ours: a receiving thread for each port, each Accounting-Request in the log and synced before its answer, one fdatasync for as many as came meanwhile. "answered" has no projection in that process;
            else sessions, usage by minute, meters and the history of addresses are made from the log and counted until the process is idle: SQLite (WAL, synchronous = FULL), PostgreSQL (SERIALIZABLE, fsync on)
          freeradius, files: one worker thread, files + pap, cleanup_delay = 0, reject_delay = 0; accounting by detail, which does not sync
          freeradius, SQL: acct_unique + sql with the schema and queries of its package; SQLite: one worker, synchronous = FULL as it opens it; PostgreSQL: 8 workers with a connection each, fsync on
          beside SQL: 12,000 requests a round for us and 600 for them, who sync at each statement; each figure is for one request
          PostgreSQL: a cluster for each side, alike; the CPU of all its processes counts for the side that uses it
        """;

    public string Name => "radius.vs-freeradius";

    public string Promise =>
        "requests per server CPU-second: PAP with Message-Authenticator ≥ 1.5 × FreeRADIUS; accounting that is on the disk before its answer ≥ its detail writer, and with sessions, usage and meters ≥ 5 × its SQL accounting";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if (!File.Exists(FreeRadiusProcess.Program))
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, "freeradius is not installed")];
        }

        Console.WriteLine(Configurations);
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            return
            [
                .. Say(await BesideFilesAsync(Path.Combine(directory, "files"), progress, cancellationToken), progress),
                .. Say(await BesideSqliteAsync(Path.Combine(directory, "sqlite"), progress, cancellationToken), progress),
                .. Say(await BesidePostgresAsync(Path.Combine(directory, "postgres"), progress, cancellationToken), progress),
                new Figure("load average of the machine", (await File.ReadAllTextAsync("/proc/loadavg", cancellationToken)).Split(' ')[0], Peer: $"{Environment.ProcessorCount} cores"),
            ];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static IReadOnlyList<Figure> Say(IReadOnlyList<Figure> figures, Progress progress)
    {
        foreach (var figure in figures)
        {
            progress.Say($"{figure.Subject}: {figure.Measured} ({figure.Peer})");
        }

        return figures;
    }

    // (1) and (2)
    private static async Task<IReadOnlyList<Figure>> BesideFilesAsync(string directory, Progress progress, CancellationToken cancellationToken)
    {
        using var bare = await RadiusServerProcess.StartAsync(Users, projects: false, null, cancellationToken);
        using var whole = await RadiusServerProcess.StartAsync(Users, projects: true, null, cancellationToken);
        using var theirs = await FreeRadiusProcess.WithFilesAsync(directory, Users, cancellationToken);
        Side ours = new(bare.Id, bare.Accounts), made = new(whole.Id, whole.Accounts), their = new(theirs.Id, theirs.Accounts);
        progress.Say("files: warming");
        await MeasureAsync(ours with { At = bare.Authenticates }, RadiusLoad.Pap(Requests * 3, Users), RadiusCode.AccessAccept, isOver: true, cancellationToken);
        await MeasureAsync(their with { At = theirs.Authenticates }, RadiusLoad.Pap(Requests, Users), RadiusCode.AccessAccept, isOver: true, cancellationToken);
        foreach (var side in (Side[])[ours, made, their])
        {
            await MeasureAsync(side, RadiusLoad.Accounting(side == their ? Requests : Requests * 3, Users, 0), RadiusCode.AccountingResponse, isOver: false, cancellationToken);
        }

        List<Round> ourPap = [], theirPap = [], ourAcct = [], wholeAcct = [], theirAcct = [];
        for (var round = 1; round <= Rounds; round++)
        {
            progress.Say($"files: round {round} of {Rounds}");
            var requests = RadiusLoad.Accounting(Requests, Users, round);
            ourPap.Add(await MeasureAsync(ours with { At = bare.Authenticates }, RadiusLoad.Pap(Requests, Users), RadiusCode.AccessAccept, isOver: true, cancellationToken));
            theirPap.Add(await MeasureAsync(their with { At = theirs.Authenticates }, RadiusLoad.Pap(Requests, Users), RadiusCode.AccessAccept, isOver: true, cancellationToken));
            ourAcct.Add(await MeasureAsync(ours, requests, RadiusCode.AccountingResponse, isOver: true, cancellationToken));
            theirAcct.Add(await MeasureAsync(their, requests, RadiusCode.AccountingResponse, isOver: true, cancellationToken));
            wholeAcct.Add(await MeasureAsync(made, requests, RadiusCode.AccountingResponse, isOver: false, cancellationToken));
        }

        return
        [
            Judge("PAP", ourPap, theirPap, 1.5),
            Judge("accounting, on the disk and answered, beside detail", ourAcct, theirAcct, 1.0),
            Judge("the same with sessions, usage and meters in SQLite, beside detail", wholeAcct, theirAcct, null),
            await CountAsync("ours, answered / detail", ours, their, cancellationToken),
            Odd("beside files", [.. ourPap, .. ourAcct, .. wholeAcct], [.. theirPap, .. theirAcct]),
        ];
    }

    // (3)
    private static async Task<IReadOnlyList<Figure>> BesideSqliteAsync(string directory, Progress progress, CancellationToken cancellationToken)
    {
        if (!FreeRadiusProcess.Has("rlm_sql_sqlite"))
        {
            return [new Figure("accounting beside SQL, SQLite", "not run", "≥ 5 ×", Holds: false, "rlm_sql_sqlite is not installed")];
        }

        using var ours = await RadiusServerProcess.StartAsync(Users, projects: true, null, cancellationToken);
        using var theirs = await FreeRadiusProcess.WithSqliteAsync(directory, cancellationToken);
        return await BesideSqlAsync("SQLite", new Side(ours.Id, ours.Accounts), new Side(theirs.Id, theirs.Accounts), progress, cancellationToken);
    }

    private static async Task<IReadOnlyList<Figure>> BesidePostgresAsync(string directory, Progress progress, CancellationToken cancellationToken)
    {
        if (!FreeRadiusProcess.Has("rlm_sql_postgresql"))
        {
            return [new Figure("accounting beside SQL, PostgreSQL", "not run", "≥ 5 ×", Holds: false, "freeradius-postgresql is not installed")];
        }

        await using var ourCluster = await PostgresCluster.StartAsync(durable: true);
        await using var theirCluster = await PostgresCluster.StartAsync(durable: true);
        using var ours = await RadiusServerProcess.StartAsync(Users, projects: true, ourCluster.Port, cancellationToken);
        using var theirs = await FreeRadiusProcess.WithPostgresAsync(directory, theirCluster, PostgresWorkers, cancellationToken);
        return await BesideSqlAsync("PostgreSQL", new Side(ours.Id, ours.Accounts, ourCluster.ServerId), new Side(theirs.Id, theirs.Accounts, theirCluster.ServerId), progress, cancellationToken);
    }

    private static async Task<IReadOnlyList<Figure>> BesideSqlAsync(string database, Side ours, Side theirs, Progress progress, CancellationToken cancellationToken)
    {
        progress.Say($"{database}: warming");
        await MeasureAsync(ours, RadiusLoad.Accounting(Requests * 3, Users, 0), RadiusCode.AccountingResponse, isOver: false, cancellationToken);
        await MeasureAsync(theirs, RadiusLoad.Accounting(TheirSqlRequests / 3, Users, 0), RadiusCode.AccountingResponse, isOver: false, cancellationToken);
        List<Round> our = [], their = [];
        for (var round = 1; round <= Rounds; round++)
        {
            progress.Say($"{database}: round {round} of {Rounds}");
            our.Add(await MeasureAsync(ours, RadiusLoad.Accounting(SqlRequests, Users, round), RadiusCode.AccountingResponse, isOver: false, cancellationToken));
            their.Add(await MeasureAsync(theirs, RadiusLoad.Accounting(TheirSqlRequests, Users, round), RadiusCode.AccountingResponse, isOver: false, cancellationToken));
        }

        return
        [
            Judge($"accounting with sessions, usage and meters, beside SQL, {database}", our, their, 5),
            await CountAsync($"{database}, ours / theirs", ours, theirs, cancellationToken),
            Odd($"beside SQL, {database}", our, their),
        ];
    }

    private static Figure Judge(string what, List<Round> ours, List<Round> theirs, double? bar)
    {
        static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);
        double our = Median(ours.Select(static round => round.PerCpuSecond)), their = Median(theirs.Select(static round => round.PerCpuSecond));
        var both = string.Create(
            CultureInfo.InvariantCulture, $"{our:#,0} and {their:#,0} a CPU-second; {Median(ours.Select(static round => round.Rate)):#,0} and {Median(theirs.Select(static round => round.Rate)):#,0} answered a second by the wall");
        return bar is { } least ? Figure.AtLeast(what, our / their, least, "0.00", " ×", both) : new Figure(what, (our / their).ToString("0.00", CultureInfo.InvariantCulture) + " ×", Peer: both);
    }

    private static Figure Odd(string where, List<Round> ours, List<Round> theirs) =>
        new($"not answered at once, or otherwise than wanted, {where}", $"{ours.Sum(static r => r.Again + r.Wrong)}", Peer: $"{theirs.Sum(static r => r.Again + r.Wrong)}");

    // (4)
    private static async Task<Figure> CountAsync(string what, Side ours, Side theirs, CancellationToken cancellationToken)
    {
        Task<long?> Of(Side side) => Syncs.CountAsync(
            side.Processes,
            async () => await MeasureAsync(side, RadiusLoad.Accounting(Counted, Users, Rounds + 1), RadiusCode.AccountingResponse, isOver: false, cancellationToken),
            cancellationToken);
        var subject = string.Create(CultureInfo.InvariantCulture, $"fsync and fdatasync for {Counted:#,0} records, {what}");
        return await Of(ours) is { } our && await Of(theirs) is { } their
            ? new Figure(subject, string.Create(CultureInfo.InvariantCulture, $"{our:#,0} / {their:#,0}"), Peer: "counted by strace in a stretch that is not measured")
            : new Figure(subject, "not counted", Peer: "strace is not installed, or may not attach here");
    }

    /// <param name="isOver">True: all is done with the answer. False: what is made of the requests afterwards belongs to them, until nothing goes on any more.</param>
    private static async Task<Round> MeasureAsync(Side side, byte[][] requests, RadiusCode wanted, bool isOver, CancellationToken cancellationToken)
    {
        var before = side.Cpu;
        var (took, again, wrong) = RadiusLoad.Run(side.At, requests, InFlight, wanted);
        double last, now = side.Cpu;
        while (!isOver)
        {
            last = now;
            await Task.Delay(IdleLook, TimeProvider.System, cancellationToken);
            now = side.Cpu;
            isOver = now - last <= IdleSeconds;
        }

        return new Round(requests.Length / Math.Max(now - before, 0.01), requests.Length / took.TotalSeconds, again, wrong);
    }

    private sealed record Side(int Process, IPEndPoint At, int? Database = null)
    {
        public double Cpu => ServerCpu.Of(Process, Database);

        public IReadOnlyList<int> Processes => Database is { } postmaster ? [Process, postmaster, .. ServerCpu.ChildrenOf(postmaster)] : [Process];
    }

    private sealed record Round(double PerCpuSecond, double Rate, int Again, int Wrong);
}
