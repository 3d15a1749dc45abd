using System.Diagnostics;
using System.Globalization;

namespace Tsunagi.Proofs.Ddos;

/// <summary>What other collectors do with the same datagrams on the same core: nfcapd (writes records as they are, counts nothing) and nfacctd (sums by addresses, ports and protocol in memory).</summary>
internal static class PeerCollectors
{
    public const string Nfcapd = "/usr/bin/nfcapd";
    public const string Nfacctd = "/usr/sbin/nfacctd";

    private const int Buffer = 4_000_000;
    private const double TicksPerSecond = 100;

    /// <summary>Starts one on a core; null when it is not installed.</summary>
    public static Process? Start(string program, int core, int port, string directory)
    {
        if (!File.Exists(program))
        {
            return null;
        }

        string[] arguments;
        if (program == Nfcapd)
        {
            arguments = ["-p", Text(port), "-b", "127.0.0.1", "-w", directory, "-t", "600", "-B", Text(Buffer)];
        }
        else
        {
            var file = Path.Combine(directory, "nfacctd.conf");
            File.WriteAllText(file, $"""
                daemonize: false
                nfacctd_ip: 127.0.0.1
                nfacctd_port: {Text(port)}
                nfacctd_pipe_size: {Text(Buffer)}
                plugins: memory[a]
                aggregate[a]: src_host,dst_host,src_port,dst_port,proto
                plugin_pipe_size[a]: 104857600
                plugin_buffer_size[a]: 102400
                imt_path[a]: {Path.Combine(directory, "pipe")}

                """);
            arguments = ["-f", file];
        }

        var process = Process.Start(new ProcessStartInfo("taskset", ["-c", Text(core), program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>CPU seconds of a process and of those it started.</summary>
    public static double CpuSeconds(int id)
    {
        // Behind the name in brackets: state, parent, …, the 12th and 13th are ticks in user and in kernel mode (proc(5)).
        var own = File.ReadAllText($"/proc/{Text(id)}/stat");
        var fields = own[(own.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
        var children = File.ReadAllText($"/proc/{Text(id)}/task/{Text(id)}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (ticks / TicksPerSecond) + children.Sum(static child => CpuSeconds(int.Parse(child, CultureInfo.InvariantCulture)));
    }

    /// <summary>What the kernel dropped at this port of loopback.</summary>
    public static long Drops(int port)
    {
        var at = "0100007F:" + port.ToString("X4", CultureInfo.InvariantCulture);
        return File.ReadLines("/proc/net/udp").Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(fields => fields.Length > 12 && fields[1] == at)
            .Sum(static fields => long.Parse(fields[^1], CultureInfo.InvariantCulture));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
