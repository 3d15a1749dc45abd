using System.Diagnostics;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>Kea's DHCP server of one family in a namespace, with a configuration written for the comparison: memfile with persist, which writes each lease and does not sync it; one thread (its default); no log of each message.</summary>
internal sealed class KeaProcess : IDisposable
{
    private readonly Process _process;

    private KeaProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <param name="version">6 or 4.</param>
    public static string Program(int version) => version == 4 ? "/usr/sbin/kea-dhcp4" : "/usr/sbin/kea-dhcp6";

    /// <param name="relay">The address of perfdhcp in DHCPv4, where it is a relay.</param>
    public static async Task<KeaProcess> StartAsync(DhcpNetwork network, string part, string link, string directory, int version, string relay, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        var configuration = Path.Combine(directory, "kea.json");
        await File.WriteAllTextAsync(configuration, version == 4 ? Four(link, directory, relay) : Six(link, directory), cancellationToken);
        var start = new ProcessStartInfo(DhcpNetwork.Ip, ["netns", "exec", network[part], Program(version), "-c", configuration]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["KEA_PIDFILE_DIR"], start.Environment["KEA_LOCKFILE_DIR"]) = (directory, directory);
        var process = Process.Start(start)!;

        // It says nothing when it is ready: its port is open then.
        for (var tries = 0; tries < 200; tries++)
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"{Program(version)} did not start: " + await process.StandardOutput.ReadToEndAsync(cancellationToken) + await process.StandardError.ReadToEndAsync(cancellationToken));
            }

            if ((await File.ReadAllTextAsync($"/proc/{process.Id}/net/{(version == 4 ? "udp" : "udp6")}", cancellationToken)).Contains(version == 4 ? ":0043 " : ":0223 ", StringComparison.Ordinal))
            {
                return new KeaProcess(process);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        process.Kill();
        throw new InvalidOperationException($"{Program(version)} did not open its port");
    }

    private static string Six(string link, string directory) => $$"""
        { "Dhcp6": {
          "server-id": { "type": "LL", "htype": 1, "identifier": "020000000001", "persist": false },
          "interfaces-config": { "interfaces": [ "{{link}}" ] },
          "lease-database": { "type": "memfile", "persist": true, "name": "{{directory}}/leases.csv", "lfc-interval": 0 },
          "preferred-lifetime": 3600, "valid-lifetime": 7200, "renew-timer": 1800, "rebind-timer": 2880,
          "subnet6": [ { "subnet": "2001:db8:1::/64", "interface": "{{link}}", "pools": [ { "pool": "2001:db8:1::/108" } ],
            "pd-pools": [ { "prefix": "2001:db8:8000::", "prefix-len": 36, "delegated-len": 56 } ] } ],
          "loggers": [ { "name": "kea-dhcp6", "severity": "WARN", "output_options": [ { "output": "{{directory}}/kea.log" } ] } ]
        } }
        """;

    private static string Four(string link, string directory, string relay) => $$"""
        { "Dhcp4": {
          "interfaces-config": { "interfaces": [ "{{link}}" ] },
          "lease-database": { "type": "memfile", "persist": true, "name": "{{directory}}/leases.csv", "lfc-interval": 0 },
          "valid-lifetime": 7200, "renew-timer": 3600, "rebind-timer": 6300,
          "subnet4": [ { "subnet": "10.64.0.0/12", "relay": { "ip-addresses": [ "{{relay}}" ] }, "pools": [ { "pool": "10.64.0.1-10.79.255.254" } ] } ],
          "loggers": [ { "name": "kea-dhcp4", "severity": "WARN", "output_options": [ { "output": "{{directory}}/kea.log" } ] } ]
        } }
        """;

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
