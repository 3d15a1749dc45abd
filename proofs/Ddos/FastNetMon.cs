using System.Diagnostics;
using System.Globalization;
using Tsunagi.Core.Time;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// FastNetMon in the router's namespace, where it reaches nothing else: the collector hands copies of all flow datagrams on to it, and its script notes when it bans whom. All by its own defaults (Debian's file) but the
/// threshold, the sources of flows, and the time over which it averages.
/// </summary>
internal sealed class FastNetMon
{
    private const string Program = "/usr/sbin/fastnetmon";
    private const string Defaults = "/etc/fastnetmon.conf";

    private readonly string _heard;

    private FastNetMon(string heard, int netFlowPort, int sflowPort) => (_heard, NetFlowPort, SflowPort) = (heard, netFlowPort, sflowPort);

    public static bool IsHere => File.Exists(Program) && File.Exists(Defaults);

    public int NetFlowPort { get; }

    public int SflowPort { get; }

    public static FastNetMon Start(AttackNetwork network, string directory, int port, int averageSeconds, int thresholdPackets)
    {
        var heard = Path.Combine(directory, $"fastnetmon{port}.heard");
        var (script, file, networks, white) = ($"{heard}.sh", $"{heard}.conf", $"{heard}.networks", $"{heard}.white");
        File.WriteAllText(heard, "");
        File.WriteAllText(script, $"#!/bin/sh\necho \"$(date +%s%6N) $1 $4\" >> {heard}\ncat > /dev/null\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(networks, "192.0.2.0/24\n");
        File.WriteAllText(white, "");
        var fresh = new FastNetMon(heard, port, port + 1);
        var own = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["disable_usage_report"] = "on", ["enable_api"] = "off", ["monitor_local_ip_addresses"] = "off", ["networks_list_path"] = networks, ["white_list_path"] = white, ["notify_script_path"] = script,
            ["netflow"] = "on", ["netflow_port"] = Text(fresh.NetFlowPort), ["sflow"] = "on", ["sflow_port"] = Text(fresh.SflowPort), ["threshold_pps"] = Text(thresholdPackets), ["average_calculation_time"] = Text(averageSeconds),
            ["process_outgoing_traffic"] = "off", ["ban_for_bandwidth"] = "off", ["pid_path"] = heard + ".pid", ["cli_stats_file_path"] = heard + ".stats", ["cli_stats_ipv6_file_path"] = heard + ".stats6",
        };
        File.WriteAllLines(file, File.ReadAllLines(Defaults).Where(line => !own.ContainsKey(line.Split('=')[0].Trim())).Concat(own.Select(static pair => $"{pair.Key} = {pair.Value}")));
        network.StartAtRouter(Program, "--configuration_file", file, "--log_to_console", "--disable_pid_logic");
        return fresh;
    }

    /// <summary>When it banned an address first, µs UTC; 0 when it never did.</summary>
    public long BannedMicros(string target)
    {
        using var reader = new StreamReader(new FileStream(_heard, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (reader.ReadLine() is { } line)
        {
            if (line.Split(' ') is [var at, var who, "ban"] && who == target && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var micros))
            {
                return micros;
            }
        }

        return 0;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
