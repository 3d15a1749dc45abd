using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Tsunagi.Core.Store.Postgres;

namespace Tsunagi.Tests.Testing;

/// <summary>
/// A PostgreSQL cluster of the tests' own: initdb in a temporary directory, a free port on loopback, ended by the pid that was started. The tests
/// share one (<see cref="SharedAsync"/>) and take a schema or a database each; a test that stops the server starts its own.
/// </summary>
internal sealed partial class PostgresCluster : IAsyncDisposable
{
    private const string Prefix = "tsunagi-postgres-";

    private static readonly Lazy<Task<PostgresCluster>> Shared = new(static () => StartAsync());
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);

    // What nobody who only tests needs: durability, and the housekeeping of thousands of tables that live for a second.
    private static readonly string[] Careless =
    [
        "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "autovacuum=off", "-c", "jit=off",
    ];

    // A database is a thousand files, and making them is most of what a test's own costs: in memory, where there is some to spare.
    private static readonly string Place = new DriveInfo("/dev/shm") is { IsReady: true, AvailableFreeSpace: > 2L << 30 } memory ? memory.Name : Path.GetTempPath();
    private static int _schemas;
    private static int _ended;

    private readonly string _directory;
    private readonly string _programs;
    private Process? _server;

    private PostgresCluster(string programs, int port, bool durable)
    {
        _programs = programs;
        Port = port;
        IsDurable = durable;
        _directory = Path.Combine(durable ? Path.GetTempPath() : Place, $"{Prefix}{Environment.ProcessId}-{port}");
        _administrator = new(() => NpgsqlDataSource.Create(ConnectionString));
    }

    public int Port { get; }

    /// <summary>The process that the server's others come from.</summary>
    public int ServerId => _server!.Id;

    private bool IsDurable { get; }

    public string ConnectionString => ConnectionStringFor(Port);

    private static bool IsRoot => geteuid() == 0;

    /// <summary>The cluster of this run; skips the test when PostgreSQL is not installed.</summary>
    public static Task<PostgresCluster> SharedAsync() => Shared.Value;

    /// <summary>
    /// Ends the shared cluster and removes the template, once: at the end of the run (<see cref="SharedPostgres"/>), or else as the process ends, where the
    /// runner takes the time it needs for a thread that hangs and waits ten seconds.
    /// </summary>
    public static async ValueTask EndSharedAsync()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 1)
        {
            return;
        }

        if (Shared is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await Shared.Value).DisposeAsync();
        }

        if (Template is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            Directory.Delete(await Template.Value, recursive: true);
        }
    }

    /// <summary>A cluster of the caller's own; skips the test when PostgreSQL is not installed.</summary>
    /// <param name="durable">True: a commit is on the disk when it is told, as in a real installation; for what is measured.</param>
    public static async Task<PostgresCluster> StartAsync(bool durable = false)
    {
        var programs = FindPrograms();
        Assert.SkipWhen(programs is null, "PostgreSQL is not installed (./tsunagi setup installs it)");
        RemoveLeftovers();
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        probe.Close();
        var cluster = new PostgresCluster(programs!, port, durable);
        await RunToEndAsync(["cp", "-a", await Template.Value, cluster._directory]);
        await cluster.StartServerAsync();
        return cluster;
    }

    public static string ConnectionStringFor(int port, string database = "postgres") =>
        $"Host=127.0.0.1;Port={port};Username=postgres;Database={database};SSL Mode=Disable;GSS Encryption Mode=Disable";

    /// <summary>A schema name no other test has.</summary>
    public static string NewSchema() => $"s{Interlocked.Increment(ref _schemas)}";

    /// <summary>A store in a schema of its own, or in a named one.</summary>
    public async Task<PostgresStore> OpenStoreAsync(string? schema = null, TimeSpan? deadline = null, int? port = null, string database = "postgres") =>
        await PostgresStore.OpenAsync(
            new PostgresStoreOptions
            {
                ConnectionString = ConnectionStringFor(port ?? Port, database),
                Schema = schema ?? NewSchema(),
                Deadline = deadline ?? TimeSpan.FromSeconds(10),
                Connections = 8,
            },
            TimeProvider.System,
            NullLogger<PostgresStore>.Instance,
            TestContext.Current.CancellationToken);

    public async Task StartServerAsync()
    {
        _server = Start([.. AsPostgres, Path.Combine(_programs, "postgres"), "-D", _directory, "-p", $"{Port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            .. IsDurable ? (string[])["-c", "fsync=on"] : Careless, "-c", "max_connections=300", "-c", "shared_buffers=32MB", "-c", "log_min_messages=panic", "-c", "log_destination=stderr"]);
        await using var source = NpgsqlDataSource.Create(ConnectionString + ";Pooling=false");
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync();
                return;
            }
            catch (NpgsqlException) when (attempt < 200 && !_server.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    /// <summary>Ends the server at once (SIGQUIT), as a crash would.</summary>
    public async Task StopServerAsync()
    {
        if (_server is { HasExited: false })
        {
            const int Quit = 3;
            _ = kill(_server.Id, Quit);
            await _server.WaitForExitAsync();
        }

        _server?.Dispose();
        _server = null;
    }

    /// <summary>Runs one statement as the superuser, outside any store.</summary>
    public async Task<object?> RunAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_administrator.IsValueCreated)
        {
            await _administrator.Value.DisposeAsync();
        }

        await StopServerAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    private static string? FindPrograms() =>
        ((string[])[.. Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => version + "/bin") : [], "/usr/local/bin", "/usr/bin"])
            .FirstOrDefault(directory => File.Exists(Path.Combine(directory, "postgres")) && File.Exists(Path.Combine(directory, "initdb")));

    /// <summary>What a run left that was killed: its server is ended by the pid in its own pid file.</summary>
    private static void RemoveLeftovers()
    {
        foreach (var directory in ((string[])[Path.GetTempPath(), Place]).Distinct().SelectMany(static place => Directory.GetDirectories(place, Prefix + "*")))
        {
            var owner = Path.GetFileName(directory)[Prefix.Length..].Split('-')[0];
            if (!int.TryParse(owner, CultureInfo.InvariantCulture, out var pid) || Directory.Exists($"/proc/{pid}"))
            {
                continue;
            }

            var pidFile = Path.Combine(directory, "postmaster.pid");
            if (File.Exists(pidFile) && int.TryParse(File.ReadLines(pidFile).First(), CultureInfo.InvariantCulture, out var server)
                && File.Exists($"/proc/{server}/cmdline") && File.ReadAllText($"/proc/{server}/cmdline").Contains(directory, StringComparison.Ordinal))
            {
                const int Quit = 3;
                _ = kill(server, Quit);
            }

            try
            {
                Directory.Delete(directory, recursive: true);
            }
            catch (IOException)
            {
                // The server is still ending; the next run finds the rest.
            }
        }
    }

    // initdb takes seconds, a copy of what it made does not.
    private static async Task<string> MakeTemplateAsync()
    {
        var directory = Path.Combine(Place, $"{Prefix}{Environment.ProcessId}-template");
#pragma warning disable VSTHRD002 // The process ends when this handler returns, so it waits.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => EndSharedAsync().AsTask().GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        Directory.CreateDirectory(directory);
        if (IsRoot)
        {
            await RunToEndAsync(["chown", "postgres:", directory]);
        }

        // English order by ICU, so that only our own COLLATE "C" can give byte order.
        await RunToEndAsync([.. AsPostgres, Path.Combine(FindPrograms()!, "initdb"), "-D", directory, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
            "--locale-provider=icu", "--icu-locale=en", "--no-sync", "--no-instructions"]);
        return directory;
    }

    // The server refuses to run as root; setpriv becomes the program, so its pid is the server's.
    private static string[] AsPostgres => IsRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];

    private static async Task RunToEndAsync(string[] line)
    {
        using var process = Start(line);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', line)} failed");
    }

    private static Process Start(string[] line)
    {
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
