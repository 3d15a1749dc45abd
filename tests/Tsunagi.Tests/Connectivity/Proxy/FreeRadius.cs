using System.Diagnostics;
using System.Net;
using System.Text;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Proxy;

/// <summary>A FreeRADIUS (package freeradius) with a user and a log of accounting, as somebody's home server; with a directory of its own.</summary>
internal sealed class FreeRadius : IDisposable
{
    private const string Program = "/usr/sbin/freeradius";

    private readonly TemporaryDirectory _directory = new();
    private Process? _process;

    public int Authenticates { get; } = FreePorts.Udp();

    public int Accounts { get; } = FreePorts.Udp();

    /// <summary>What it was told of sessions.</summary>
    public string Detail => File.Exists(DetailFile) ? File.ReadAllText(DetailFile) : "";

    private string DetailFile => Path.Combine(_directory.Path, "detail");

    public static void Require() => Assert.SkipUnless(File.Exists(Program), "freeradius is not there (package freeradius)");

    public static async Task<FreeRadius> StartAsync(string secret)
    {
        var server = new FreeRadius();
        try
        {
            await server.BeginAsync(secret);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public void Stop()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        Stop();
        _directory.Dispose();
    }

    private async Task BeginAsync(string secret)
    {
        var (cancel, directory) = (TestContext.Current.CancellationToken, _directory.Path);
        await File.WriteAllTextAsync(Path.Combine(directory, "users"), "joe@isp.example Cleartext-Password := \"secret\"\n\tSession-Timeout = 3600, Framed-IP-Address = 192.0.2.99, Reply-Message = \"hello\"\n", cancel);
        await File.WriteAllTextAsync(Path.Combine(directory, "dictionary"), "$INCLUDE /usr/share/freeradius/dictionary\n", cancel);
        await File.WriteAllTextAsync(Path.Combine(directory, "radiusd.conf"), Configuration(directory, secret), cancel);

        // Below /dev, where tests have their directories in memory, it makes no file itself.
        await File.WriteAllTextAsync(DetailFile, "", cancel);
        File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _process = Process.Start(new ProcessStartInfo(Program, ["-d", directory, "-f", "-l", Path.Combine(directory, "log")]))!;
        var shared = new RadiusSecret(Encoding.UTF8.GetBytes(secret));
        for (var attempt = 0; attempt < 100 && !_process.HasExited; attempt++)
        {
            var status = new byte[64];
            var writer = new RadiusWriter(status, RadiusCode.StatusServer, (byte)attempt);
            writer.AddMessageAuthenticator();
            Assert.True(writer.TryFinishAccess(shared, out var length));
            if ((await RadiusClient.AskAsync(new IPEndPoint(IPAddress.Loopback, Authenticates), status.AsMemory(0, length), shared, false, 1, TimeSpan.FromMilliseconds(200), TimeProvider.System, cancel)).Answer is not null)
            {
                return;
            }
        }

        throw new InvalidOperationException("freeradius did not start: " + (File.Exists(Path.Combine(directory, "log")) ? await File.ReadAllTextAsync(Path.Combine(directory, "log"), cancel) : ""));
    }

    private string Configuration(string directory, string secret) => $$"""
        prefix = /usr
        raddbdir = {{directory}}
        logdir = {{directory}}
        run_dir = {{directory}}
        db_dir = {{directory}}
        libdir = /usr/lib/freeradius
        pidfile = {{directory}}/pid
        security {
          reject_delay = 0
          status_server = yes
        }
        thread pool {
          start_servers = 1
          max_servers = 1
          min_spare_servers = 1
          max_spare_servers = 1
        }
        client local {
          ipaddr = 127.0.0.1
          secret = "{{secret}}"
          require_message_authenticator = yes
        }
        modules {
          pap {
          }
          chap {
          }
          mschap {
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
        server home {
          listen {
            type = auth
            ipaddr = 127.0.0.1
            port = {{Authenticates}}
          }
          listen {
            type = acct
            ipaddr = 127.0.0.1
            port = {{Accounts}}
          }
          authorize {
            chap
            mschap
            files
            pap
          }
          authenticate {
            Auth-Type PAP {
              pap
            }
            Auth-Type CHAP {
              chap
            }
            Auth-Type MS-CHAP {
              mschap
            }
          }
          post-auth {
            update reply {
              Message-Authenticator := 0x00
            }
            Post-Auth-Type REJECT {
              update reply {
                Message-Authenticator := 0x00
              }
            }
          }
          accounting {
            detail
          }
        }

        """;
}
