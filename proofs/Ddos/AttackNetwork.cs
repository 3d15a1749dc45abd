using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// Three network namespaces: one that attacks, a router that hands on what it gets for 192.0.2.0/24 behind the interface at which exporters listen, and the victim, which takes it and says nothing. The router has
/// another link, to here: its exporters send over that. A scrubber in the router's namespace stands between the exporters and the victim. Nothing else of the machine is reached from any.
/// </summary>
internal sealed class AttackNetwork : IAsyncDisposable
{
    public const string Attacker = "198.51.100.2";

    private const string Ip = "/usr/sbin/ip";
    private const string Nft = "/usr/sbin/nft";
    private const string VictimEnd = "198.18.8.2";
    /// <summary>The router's end of the link to here.</summary>
    public const string Inside = "198.18.7.2";

    private readonly string _name = "tsd" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3));
    private readonly List<Process> _started = [];

    /// <summary>Where the exporters send to, in this namespace.</summary>
    public static IPAddress Here { get; } = IPAddress.Parse("198.18.7.1");

    private string AttackerName => _name + "a";

    private string RouterName => _name + "r";

    private string VictimName => _name + "v";

    /// <summary>nft in the router's namespace.</summary>
    public IReadOnlyList<string> RouterNft => [Ip, "netns", "exec", RouterName, Nft];

    /// <summary>Null when all that is needed is here.</summary>
    public static string? WhyNot() =>
        !Environment.IsPrivilegedProcess ? "network namespaces need root"
        : ((string[])[Ip, "/usr/sbin/softflowd", "/usr/sbin/pmacctd", "/usr/sbin/hping3", Nft, "/usr/bin/gobgpd", "/usr/bin/gobgp"]).FirstOrDefault(static program => !File.Exists(program)) is { } missing ? missing + " is not here (./tsunagi setup)"
        : null;

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await RunAsync(cancellationToken, "netns", "add", AttackerName);
        await RunAsync(cancellationToken, "netns", "add", RouterName);
        await RunAsync(cancellationToken, "link", "add", _name, "type", "veth", "peer", "name", "m0", "netns", RouterName);
        await RunAsync(cancellationToken, "addr", "add", $"{Here}/30", "dev", _name);
        await RunAsync(cancellationToken, "link", "set", _name, "up");
        await RunAsync(cancellationToken, "-n", RouterName, "addr", "add", Inside + "/30", "dev", "m0");
        await RunAsync(cancellationToken, "-n", RouterName, "link", "set", "m0", "up");
        await RunAsync(cancellationToken, "-n", RouterName, "link", "set", "lo", "up");
        await RunAsync(cancellationToken, "link", "add", "a0", "netns", AttackerName, "type", "veth", "peer", "name", "r0", "netns", RouterName);
        await RunAsync(cancellationToken, "-n", AttackerName, "addr", "add", Attacker + "/24", "dev", "a0");
        await RunAsync(cancellationToken, "-n", AttackerName, "link", "set", "a0", "up");
        await RunAsync(cancellationToken, "-n", RouterName, "addr", "add", "198.51.100.1/24", "dev", "r0");
        await RunAsync(cancellationToken, "-n", RouterName, "link", "set", "r0", "up");
        await RunAsync(cancellationToken, "-n", AttackerName, "route", "add", "default", "via", "198.51.100.1");
        await RunAsync(cancellationToken, "netns", "add", VictimName);
        await RunAsync(cancellationToken, "link", "add", "v0", "netns", VictimName, "type", "veth", "peer", "name", "r1", "netns", RouterName);
        await RunAsync(cancellationToken, "-n", RouterName, "addr", "add", "198.18.8.1/30", "dev", "r1");
        await RunAsync(cancellationToken, "-n", RouterName, "link", "set", "r1", "up");
        await RunAsync(cancellationToken, "-n", VictimName, "addr", "add", VictimEnd + "/30", "dev", "v0");
        await RunAsync(cancellationToken, "-n", VictimName, "link", "set", "v0", "up");
        await RunAsync(cancellationToken, "-n", VictimName, "route", "add", "blackhole", "192.0.2.0/24");
        await RunAsync(cancellationToken, "-n", RouterName, "route", "add", "192.0.2.0/24", "via", VictimEnd);
        await RunAsync(cancellationToken, "netns", "exec", RouterName, "/bin/sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward; for each in all default r0; do echo 0 > /proc/sys/net/ipv4/conf/$each/rp_filter; done");
    }

    /// <summary>NetFlow v9 of what comes for a part of the network; a flow is told of at most so many seconds after it began.</summary>
    public Process StartSoftflowd(string directory, string network, int port, int seconds) => Start(
        RouterName, "/usr/sbin/softflowd", "-d", "-i", "r0", "-v", "9", "-n", $"{Here}:{port}", "-t", $"maxlife={seconds}", "-t", "expint=1",
        "-c", $"{directory}/softflowd{port}.ctl", "-p", $"{directory}/softflowd{port}.pid", "dst net " + network);

    /// <summary>sFlow of the same: one of so many packets.</summary>
    public Process StartSfprobe(string directory, string network, int port, int sampling)
    {
        var file = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"sfprobe{port}.conf"));
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"""
            daemonize: false
            pcap_interface: r0
            pcap_filter: dst net {network}
            plugins: sfprobe[a]
            plugin_pipe_size[a]: 16777216
            plugin_buffer_size[a]: 8192
            sampling_rate: {sampling}
            sfprobe_receiver[a]: {Here}:{port}
            sfprobe_agentip[a]: {Inside}

            """));
        return Start(RouterName, "/usr/sbin/pmacctd", "-f", file);
    }

    /// <summary>Answers of name servers that nobody asked for, of 428 octets, as fast as hping3 makes them with a pause of 100 µs: 5,000 to 7,000 a second here, and no more than so many of them.</summary>
    public Process StartAttack(string target, int packets, bool manySources, int pauseMicroseconds = 100) => Start(
        AttackerName, "/usr/sbin/hping3",
        ["--udp", "-q", "-n", "-s", "53", "--keep", "-p", "80", "-d", "400", "-i", string.Create(CultureInfo.InvariantCulture, $"u{pauseMicroseconds}"), "-c", packets.ToString(CultureInfo.InvariantCulture), .. manySources ? (string[])["--rand-source"] : [], target]);

    /// <summary>A program that only is in the victim's namespace: its /proc shows the victim's interfaces.</summary>
    public Process StartAtVictim() => Start(VictimName, "/bin/sleep", "3600");

    /// <summary>A program of the router's namespace, and what it says line by line.</summary>
    public Process StartAtRouter(Action<string> heard, string program, params string[] arguments)
    {
        var process = Start(RouterName, program, arguments);
        process.OutputDataReceived += (_, line) => heard(line.Data ?? "");
        return process;
    }

    /// <summary>A program of the router's namespace.</summary>
    public Process StartAtRouter(string program, params string[] arguments) => Start(RouterName, program, arguments);

    /// <summary>This program again, in the attacker's namespace.</summary>
    public Process StartOrdinary(params string[] arguments) => Start(AttackerName, Environment.ProcessPath!, arguments);

    public static async Task StopAsync(Process process, CancellationToken cancellationToken)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started)
        {
            await StopAsync(process, CancellationToken.None);
            process.Dispose();
        }

        foreach (var name in (string[])[AttackerName, RouterName, VictimName])
        {
            // Workers of exporters that their parent left running go with their namespace.
            foreach (var id in (await TryAsync(Ip, ["netns", "pids", name])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                await TryAsync("/bin/kill", ["-KILL", id]);
            }

            await TryAsync(Ip, ["netns", "del", name]);
        }

        await TryAsync(Ip, ["link", "del", _name]);
    }

    private Process Start(string network, string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(Ip, ["netns", "exec", network, program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _started.Add(process);
        return process;
    }

    private static async Task RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (code, output) = await TryAsync(Ip, arguments);
        if (code != 0)
        {
            throw new IOException($"ip {string.Join(' ', arguments)}: {output}");
        }
    }

    private static async Task<(int Code, string Output)> TryAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
        await process.WaitForExitAsync(CancellationToken.None);
        return (process.ExitCode, string.Concat(texts));
    }
}
