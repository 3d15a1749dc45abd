using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// The RADIUS server and FreeRADIUS side by side, in alternating rounds, by one load generator: PAP with Message-Authenticator in each request, and accounting with 64 in flight, ours on the disk
/// before each answer, theirs by its detail writer. The measure is requests for each second of the server's own CPU, user and system.
/// </summary>
internal sealed class RadiusVsFreeRadius : IClaim
{
    private const int Rounds = 5;
    private const int Users = 10_000;
    private const int Requests = 20_000;
    private const int InFlight = 64;
    private const double Tick = 100;

    private const string Configurations = """
          both: loopback, 10,000 users in memory, secret of 10 octets, 64 requests in flight from one thread, Message-Authenticator in each Access-Request
          ours: a receiving thread for each port, one fsync for as many records as came meanwhile; sessions, usage, meters and the history of addresses into SQLite are part of the measure
          freeradius: one worker thread, files + pap, cleanup_delay = 0, reject_delay = 0; accounting by detail (which does not sync)
        """;

    public string Name => "radius.vs-freeradius";

    public string Promise => "requests per server CPU-second: PAP with Message-Authenticator ≥ 1.5 × FreeRADIUS, accounting that is on the disk before its answer ≥ its detail writer";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if (!File.Exists("/usr/sbin/freeradius"))
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, "freeradius is not installed")];
        }

        Console.WriteLine(Configurations);
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        var (authPort, acctPort) = (FreePort(), FreePort());
        Process? theirs = null;
        try
        {
            using var ours = await RadiusServerProcess.StartAsync(Users, cancellationToken);
            theirs = await StartFreeRadiusAsync(directory, authPort, acctPort, cancellationToken);
            var (auth, acct) = (new IPEndPoint(IPAddress.Loopback, authPort), new IPEndPoint(IPAddress.Loopback, acctPort));
            progress.Say("warming both");
            Measure(ours.Id, ours.Authenticates, RadiusLoad.Pap(Requests * 3, Users), RadiusCode.AccessAccept);
            Measure(ours.Id, ours.Accounts, RadiusLoad.Accounting(Requests, Users, 0), RadiusCode.AccountingResponse);
            Measure(theirs.Id, auth, RadiusLoad.Pap(Requests, Users), RadiusCode.AccessAccept);
            Measure(theirs.Id, acct, RadiusLoad.Accounting(Requests, Users, 0), RadiusCode.AccountingResponse);
            List<Round> ourPap = [], theirPap = [], ourAcct = [], theirAcct = [];
            for (var round = 1; round <= Rounds; round++)
            {
                progress.Say($"round {round} of {Rounds}");
                ourPap.Add(Measure(ours.Id, ours.Authenticates, RadiusLoad.Pap(Requests, Users), RadiusCode.AccessAccept));
                theirPap.Add(Measure(theirs.Id, auth, RadiusLoad.Pap(Requests, Users), RadiusCode.AccessAccept));
                ourAcct.Add(await MeasureWithWorkAsync(ours.Id, ours.Accounts, RadiusLoad.Accounting(Requests, Users, round), cancellationToken));
                theirAcct.Add(Measure(theirs.Id, acct, RadiusLoad.Accounting(Requests, Users, round), RadiusCode.AccountingResponse));
            }

            return
            [
                Judge("PAP", ourPap, theirPap, 1.5),
                Judge("accounting, with sessions and meters", ourAcct, theirAcct, 1.0),
                new Figure("not answered at once, or otherwise than wanted", $"{ourPap.Concat(ourAcct).Sum(static r => r.Again + r.Wrong)}", Peer: $"{theirPap.Concat(theirAcct).Sum(static r => r.Again + r.Wrong)}"),
                new Figure("load average of the machine", (await File.ReadAllTextAsync("/proc/loadavg", cancellationToken)).Split(' ')[0], Peer: $"{Environment.ProcessorCount} cores"),
            ];
        }
        finally
        {
            if (theirs is not null)
            {
                theirs.Kill();
                await theirs.WaitForExitAsync(CancellationToken.None);
                theirs.Dispose();
            }

            Directory.Delete(directory, recursive: true);
        }
    }

    private static Figure Judge(string what, List<Round> ours, List<Round> theirs, double bar)
    {
        static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);
        double our = Median(ours.Select(static round => round.PerCpuSecond)), their = Median(theirs.Select(static round => round.PerCpuSecond));
        return Figure.AtLeast(
            what, our / their, bar, "0.00", " ×",
            string.Create(CultureInfo.InvariantCulture, $"{our:#,0} and {their:#,0} a CPU-second; {Median(ours.Select(static round => round.Rate)):#,0} and {Median(theirs.Select(static round => round.Rate)):#,0} a second by the wall"));
    }

    private static Round Measure(int process, IPEndPoint server, byte[][] requests, RadiusCode wanted)
    {
        var before = Cpu(process);
        var (took, again, wrong) = RadiusLoad.Run(server, requests, InFlight, wanted);
        var cpu = Cpu(process) - before;
        return new Round(requests.Length / Math.Max(cpu, 0.01), requests.Length / took.TotalSeconds, again, wrong);
    }

    // Until the projection is idle: what it costs belongs to the requests.
    private static async Task<Round> MeasureWithWorkAsync(int process, IPEndPoint server, byte[][] requests, CancellationToken cancellationToken)
    {
        var before = Cpu(process);
        var (took, again, wrong) = RadiusLoad.Run(server, requests, InFlight, RadiusCode.AccountingResponse);
        double last, now = Cpu(process);
        do
        {
            last = now;
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellationToken);
            now = Cpu(process);
        }
        while (now - last > 0.03);
        return new Round(requests.Length / Math.Max(now - before, 0.01), requests.Length / took.TotalSeconds, again, wrong);
    }

    // utime and stime of all its threads, in seconds
    private static double Cpu(int process)
    {
        var text = File.ReadAllText($"/proc/{process}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / Tick;
    }

    private static async Task<Process> StartFreeRadiusAsync(string directory, int authPort, int acctPort, CancellationToken cancellationToken)
    {
        var users = new StringBuilder();
        for (var user = 0; user < Users; user++)
        {
            users.Append(CultureInfo.InvariantCulture, $"u{user:00000} Cleartext-Password := \"pw{user:00000}\"\n\tSession-Timeout = 3600\n");
        }

        await File.WriteAllTextAsync(Path.Combine(directory, "users"), users.ToString(), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(directory, "radiusd.conf"), $$"""
            prefix = /usr
            raddbdir = {{directory}}
            logdir = {{directory}}
            run_dir = {{directory}}
            db_dir = {{directory}}
            libdir = /usr/lib/freeradius
            pidfile = {{directory}}/pid
            cleanup_delay = 0
            max_requests = 65536
            hostname_lookups = no
            log {
              destination = files
              file = {{directory}}/log
              auth = no
            }
            security {
              reject_delay = 0
              status_server = yes
            }
            thread pool {
              start_servers = 1
              max_servers = 1
              min_spare_servers = 1
              max_spare_servers = 1
              max_requests_per_server = 0
            }
            client local {
              ipaddr = 127.0.0.1
              secret = {{RadiusServerProcess.Secret}}
            }
            modules {
              pap {
              }
              files {
                key = "%{User-Name}"
                filename = {{directory}}/users
              }
              detail {
                filename = {{directory}}/detail
                permissions = 0600
              }
            }
            server auth {
              listen {
                type = auth
                ipaddr = 127.0.0.1
                port = {{authPort}}
              }
              authorize {
                files
                pap
              }
              authenticate {
                Auth-Type PAP {
                  pap
                }
              }
            }
            server acct {
              listen {
                type = acct
                ipaddr = 127.0.0.1
                port = {{acctPort}}
              }
              accounting {
                detail
              }
            }

            """, cancellationToken);
        File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(directory, "dictionary"), "$INCLUDE /usr/share/freeradius/dictionary\n", cancellationToken);
        var process = Process.Start(new ProcessStartInfo("/usr/sbin/freeradius", ["-d", directory, "-f", "-l", Path.Combine(directory, "log")]))!;
        var request = RadiusLoad.Pap(1, Users);
        for (var attempt = 0; attempt < 50; attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
            if (process.HasExited)
            {
                throw new InvalidOperationException("freeradius did not start: " + await File.ReadAllTextAsync(Path.Combine(directory, "log"), cancellationToken));
            }

            using var socket = new UdpClient();
            socket.Client.ReceiveTimeout = 200;
            try
            {
                socket.Connect(IPAddress.Loopback, authPort);
                await socket.SendAsync(request[0], cancellationToken);
                IPEndPoint? from = null;
                socket.Receive(ref from);
                return process;
            }
            catch (SocketException)
            {
                // Not yet.
            }
        }

        process.Kill();
        throw new InvalidOperationException("freeradius does not answer");
    }

    private static int FreePort()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
    }

    private sealed record Round(double PerCpuSecond, double Rate, int Again, int Wrong);
}
