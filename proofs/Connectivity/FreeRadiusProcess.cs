using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>FreeRADIUS in a process of its own, with a configuration written for the comparison; its SQL accounting with the schema and the queries of its package.</summary>
internal sealed class FreeRadiusProcess : IDisposable
{
    public const string Program = "/usr/sbin/freeradius";
    private const string Modules = "/etc/freeradius/3.0/mods-config";
    private const string Policies = "/etc/freeradius/3.0/policy.d";
    private const string Libraries = "/usr/lib/freeradius";

    private readonly Process _process;

    private FreeRadiusProcess(Process process, IPEndPoint authenticates, IPEndPoint accounts) => (_process, Authenticates, Accounts) = (process, authenticates, accounts);

    public int Id => _process.Id;

    public IPEndPoint Authenticates { get; }

    public IPEndPoint Accounts { get; }

    /// <summary>Whether its driver of a database is installed.</summary>
    public static bool Has(string driver) => File.Exists(Path.Combine(Libraries, driver + ".so")) && Directory.Exists(Modules + "/sql/main");

    /// <summary>PAP from a file of users, accounting into a file by detail.</summary>
    public static async Task<FreeRadiusProcess> WithFilesAsync(string directory, int users, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        for (var user = 0; user < users; user++)
        {
            text.Append(CultureInfo.InvariantCulture, $"u{user:00000} Cleartext-Password := \"pw{user:00000}\"\n\tSession-Timeout = 3600\n");
        }

        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, "users"), text.ToString(), cancellationToken);
        var (auth, acct) = (FreePorts.Udp(), FreePorts.Udp());
        return await StartAsync(
            directory, auth, acct, 1,
            $$"""
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
                port = {{auth}}
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
                port = {{acct}}
              }
              accounting {
                detail
              }
            }

            """,
            cancellationToken);
    }

    /// <summary>Accounting into a SQLite file, by one worker: the file has one writer.</summary>
    public static Task<FreeRadiusProcess> WithSqliteAsync(string directory, CancellationToken cancellationToken) => WithSqlAsync(
        directory, "sqlite", 1,
        $$"""
            sqlite {
              filename = "{{directory}}/radius.db"
              busy_timeout = 200
              bootstrap = "{{Modules}}/sql/main/sqlite/schema.sql"
            }
        """,
        cancellationToken);

    /// <summary>Accounting into PostgreSQL.</summary>
    /// <param name="workers">Requests it works on at a time, each with a connection.</param>
    public static async Task<FreeRadiusProcess> WithPostgresAsync(string directory, PostgresCluster cluster, int workers, CancellationToken cancellationToken)
    {
        await cluster.RunAsync(await File.ReadAllTextAsync(Modules + "/sql/main/postgresql/schema.sql", cancellationToken));
        return await WithSqlAsync(
            directory, "postgresql", workers,
            $"""
                server = "127.0.0.1"
                port = {cluster.Port}
                login = "postgres"
                radius_db = "postgres"
            """,
            cancellationToken);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static async Task<FreeRadiusProcess> WithSqlAsync(string directory, string dialect, int workers, string connection, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        var acct = FreePorts.Udp();
        return await StartAsync(
            directory, acct, acct, workers,
            $$"""
            modules {
              expr {
              }
              sql {
                dialect = "{{dialect}}"
                driver = "rlm_sql_{{dialect}}"
            {{connection}}
                acct_table1 = "radacct"
                acct_table2 = "radacct"
                postauth_table = "radpostauth"
                authcheck_table = "radcheck"
                groupcheck_table = "radgroupcheck"
                authreply_table = "radreply"
                groupreply_table = "radgroupreply"
                usergroup_table = "radusergroup"
                client_table = "nas"
                group_attribute = "SQL-Group"
                pool {
                  start = {{workers}}
                  min = {{workers}}
                  max = {{workers}}
                  spare = {{workers}}
                  uses = 0
                  retry_delay = 1
                  lifetime = 0
                  idle_timeout = 0
                }
                $INCLUDE {{Modules}}/sql/main/{{dialect}}/queries.conf
              }
            }
            instantiate {
              expr
            }
            policy {
              $INCLUDE {{Policies}}/accounting
            }
            server acct {
              listen {
                type = acct
                ipaddr = 127.0.0.1
                port = {{acct}}
              }
              preacct {
                acct_unique
              }
              accounting {
                sql
              }
            }

            """,
            cancellationToken);
    }

    private static async Task<FreeRadiusProcess> StartAsync(string directory, int auth, int acct, int workers, string servers, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(
            Path.Combine(directory, "radiusd.conf"),
            $$"""
            prefix = /usr
            raddbdir = {{directory}}
            modconfdir = {{Modules}}
            logdir = {{directory}}
            run_dir = {{directory}}
            db_dir = {{directory}}
            libdir = {{Libraries}}
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
              start_servers = {{workers}}
              max_servers = {{workers}}
              min_spare_servers = {{workers}}
              max_spare_servers = {{workers}}
              max_requests_per_server = 0
            }
            client local {
              ipaddr = 127.0.0.1
              secret = {{RadiusServerProcess.Secret}}
            }

            """ + servers,
            cancellationToken);
        File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(directory, "dictionary"), "$INCLUDE /usr/share/freeradius/dictionary\n", cancellationToken);
        var process = Process.Start(new ProcessStartInfo(Program, ["-d", directory, "-f", "-l", Path.Combine(directory, "log")]))!;
        var server = new FreeRadiusProcess(process, new IPEndPoint(IPAddress.Loopback, auth), new IPEndPoint(IPAddress.Loopback, acct));
        try
        {
            await UntilItAnswersAsync(process, directory, server.Accounts, cancellationToken);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    private static async Task UntilItAnswersAsync(Process process, string directory, IPEndPoint server, CancellationToken cancellationToken)
    {
        var request = RadiusLoad.Accounting(1, 1, -1)[0];
        for (var attempt = 0; attempt < 50; attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
            if (process.HasExited)
            {
                break;
            }

            using var socket = new UdpClient();
            socket.Client.ReceiveTimeout = 500;
            try
            {
                socket.Connect(server);
                await socket.SendAsync(request, cancellationToken);
                IPEndPoint? from = null;
                socket.Receive(ref from);
                return;
            }
            catch (SocketException)
            {
                // Not yet.
            }
        }

        throw new InvalidOperationException("freeradius did not start: " + await File.ReadAllTextAsync(Path.Combine(directory, "log"), cancellationToken));
    }
}
