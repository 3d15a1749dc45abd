using System.Diagnostics;
using System.Security.Cryptography;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// Network namespaces of a claim's own: servers, clients, and what is behind a server. Each has a resolv.conf of its own, so what a client writes there is not the machine's. Nothing else of the machine is
/// reached from any.
/// </summary>
internal sealed class DhcpNetwork : IAsyncDisposable
{
    public const string Ip = "/usr/sbin/ip";

    private readonly string _name = "tsk" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3));
    private readonly List<string> _namespaces = [];
    private readonly List<Process> _started = [];

    /// <summary>The name of a namespace.</summary>
    public string this[string part] => _name + part;

    public async Task AddAsync(string part, CancellationToken cancellationToken)
    {
        var name = this[part];
        _namespaces.Add(name);
        Directory.CreateDirectory("/etc/netns/" + name);
        await File.WriteAllTextAsync($"/etc/netns/{name}/resolv.conf", "", cancellationToken);
        await RunAsync(cancellationToken, "netns", "add", name);
        await RunAsync(cancellationToken, "-n", name, "link", "set", "lo", "up");
    }

    /// <summary>A link between two namespaces, whose addresses are used at once.</summary>
    public async Task LinkAsync(string part, string device, string otherPart, string otherDevice, CancellationToken cancellationToken)
    {
        await RunAsync(cancellationToken, "link", "add", device, "netns", this[part], "type", "veth", "peer", "name", otherDevice, "netns", this[otherPart]);
        foreach (var (where, name) in ((string, string)[])[(part, device), (otherPart, otherDevice)])
        {
            await InsideAsync(where, cancellationToken, "/bin/sh", "-c", $"echo 0 > /proc/sys/net/ipv6/conf/{name}/accept_dad");
            await RunAsync(cancellationToken, "-n", this[where], "link", "set", name, "up");
        }
    }

    /// <summary>Starts a program in a namespace; it ends with the network at the latest.</summary>
    public Process Start(string part, Action<string>? hear, string program, params string[] arguments)
    {
        var process = new Process { StartInfo = new ProcessStartInfo(Ip, ["netns", "exec", this[part], program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true } };
        process.StartInfo.Environment["TZ"] = "UTC";
        process.OutputDataReceived += (_, line) => hear?.Invoke(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => hear?.Invoke(line.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _started.Add(process);
        return process;
    }

    /// <summary>Runs a program in a namespace to its end.</summary>
    public Task<string> InsideAsync(string part, CancellationToken cancellationToken, string program, params string[] arguments) => RunAsync(cancellationToken, ["netns", "exec", this[part], program, .. arguments]);

    public static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("/bin/kill", ["-s", signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }

    public static async Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Ip, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken).WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System, cancellationToken);
        var said = await output + await error;
        return process.ExitCode is 0 or 3 ? said : throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {said}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            process.Dispose();
        }

        foreach (var name in _namespaces)
        {
            // What a client has left running goes with its namespace.
            foreach (var pid in (await RunAsync(CancellationToken.None, "netns", "pids", name)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                using var kill = Process.Start("/bin/kill", ["-s", "KILL", pid.Trim()]);
                await kill.WaitForExitAsync(CancellationToken.None);
            }

            await RunAsync(CancellationToken.None, "netns", "del", name);
            Directory.Delete("/etc/netns/" + name, recursive: true);
        }
    }
}
