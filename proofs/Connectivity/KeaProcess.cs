using System.Diagnostics;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>Kea's DHCPv6 server in a namespace, with a configuration written for the comparison: memfile with persist, which writes each lease and does not sync it; one thread (its default); no log of each message.</summary>
internal sealed class KeaProcess : IDisposable
{
    public const string Program = "/usr/sbin/kea-dhcp6";

    private readonly Process _process;

    private KeaProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public static async Task<KeaProcess> StartAsync(DhcpNetwork network, string part, string link, string directory, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        var configuration = Path.Combine(directory, "kea.json");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            { "Dhcp6": {
              "server-id": { "type": "LL", "htype": 1, "identifier": "020000000001", "persist": false },
              "interfaces-config": { "interfaces": [ "{{link}}" ] },
              "lease-database": { "type": "memfile", "persist": true, "name": "{{directory}}/leases.csv", "lfc-interval": 0 },
              "preferred-lifetime": 3600, "valid-lifetime": 7200, "renew-timer": 1800, "rebind-timer": 2880,
              "subnet6": [ { "subnet": "2001:db8:1::/64", "interface": "{{link}}", "pools": [ { "pool": "2001:db8:1::/108" } ],
                "pd-pools": [ { "prefix": "2001:db8:8000::", "prefix-len": 36, "delegated-len": 56 } ] } ],
              "loggers": [ { "name": "kea-dhcp6", "severity": "WARN", "output_options": [ { "output": "{{directory}}/kea.log" } ] } ]
            } }
            """,
            cancellationToken);
        var start = new ProcessStartInfo(DhcpNetwork.Ip, ["netns", "exec", network[part], Program, "-c", configuration]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["KEA_PIDFILE_DIR"], start.Environment["KEA_LOCKFILE_DIR"]) = (directory, directory);
        var process = Process.Start(start)!;

        // It says nothing when it is ready: its port is open then.
        for (var tries = 0; tries < 200; tries++)
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException("kea-dhcp6 did not start: " + await process.StandardOutput.ReadToEndAsync(cancellationToken) + await process.StandardError.ReadToEndAsync(cancellationToken));
            }

            if ((await File.ReadAllTextAsync($"/proc/{process.Id}/net/udp6", cancellationToken)).Contains(":0223 ", StringComparison.Ordinal))
            {
                return new KeaProcess(process);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        process.Kill();
        throw new InvalidOperationException("kea-dhcp6 did not open its port");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
