using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>
/// A link of two ends: <see cref="Interface"/> here, and "c0" in a network namespace that clients run in. The namespace has a resolv.conf of its own: what clients write there is not the machine's.
/// </summary>
internal sealed class ClientLink : IAsyncDisposable
{
    private const string Ip = "/usr/sbin/ip";

    private readonly string _name = "ts6" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private readonly List<Process> _clients = [];
    private readonly StringBuilder _heard = new();

    private ClientLink()
    {
    }

    /// <summary>The end that the server is on.</summary>
    public string Interface => _name;

    /// <summary>Files of the clients.</summary>
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("tsunagi-dhcp-").FullName;

    private string OwnEtc => "/etc/netns/" + _name;

    /// <summary>Skips the test where a namespace or the program cannot be had.</summary>
    public static async Task<ClientLink> OpenAsync(string program, string package)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "network namespaces need root");
        Assert.SkipUnless(File.Exists(Ip), "ip is not there (package iproute2)");
        Assert.SkipUnless(File.Exists(program), $"{program} is not there (package {package})");
        var link = new ClientLink();
        try
        {
            System.IO.Directory.CreateDirectory(link.OwnEtc);
            await File.WriteAllTextAsync(link.OwnEtc + "/resolv.conf", "", TestContext.Current.CancellationToken);
            await RunAsync(Ip, "netns", "add", link._name);
            var made = await TryRunAsync(Ip, "link", "add", link._name, "type", "veth", "peer", "name", "c0", "netns", link._name);
            Assert.SkipUnless(made.Code == 0, "veth devices cannot be had: " + made.Output);

            // The addresses of the link are used at once.
            await File.WriteAllTextAsync($"/proc/sys/net/ipv6/conf/{link._name}/accept_dad", "0", TestContext.Current.CancellationToken);
            await link.InsideAsync("/bin/sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/c0/accept_dad");
            await RunAsync(Ip, "link", "set", link._name, "up");
            await link.InsideAsync(Ip, "link", "set", "lo", "up");
            await link.InsideAsync(Ip, "link", "set", "c0", "up");
            return link;
        }
        catch
        {
            await link.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a client; what it says is kept for a failure's message.</summary>
    public Process Start(string program, params string[] arguments)
    {
        var process = new Process { StartInfo = Info(Ip, ["netns", "exec", _name, program, .. arguments]) };
        process.OutputDataReceived += Hear;
        process.ErrorDataReceived += Hear;
        Assert.True(process.Start());
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _clients.Add(process);
        return process;
    }

    /// <summary>What clients have said.</summary>
    public string Heard()
    {
        lock (_heard)
        {
            return _heard.ToString();
        }
    }

    /// <summary>Waits for something that a client brings about; what it said is told when it does not.</summary>
    public async Task UntilAsync(string what, Func<bool> holds)
    {
        var started = Stopwatch.GetTimestamp();
        while (!holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(40), $"{what}: never. It said:\n{Heard()}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Runs a program in the namespace to its end.</summary>
    public async Task<string> InsideAsync(string program, params string[] arguments) => await RunAsync(Ip, ["netns", "exec", _name, program, .. arguments]);

    /// <summary>Runs ip on this side.</summary>
    public async Task HostAsync(params string[] arguments) => await RunAsync(Ip, arguments);

    /// <summary>The same, whatever becomes of it.</summary>
    public static Task<(int Code, string Output)> TryIpAsync(params string[] arguments) => TryRunAsync(Ip, arguments);

    public static async Task SignalAsync(Process process, string signal) => await RunAsync("/bin/kill", "-s", signal, process.Id.ToString(CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _clients)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            process.Dispose();
        }

        await TryRunAsync(Ip, "link", "del", _name);

        // What a client has left running goes with its namespace.
        foreach (var pid in (await TryRunAsync(Ip, "netns", "pids", _name)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await TryRunAsync("/bin/kill", "-s", "KILL", pid);
        }

        await TryRunAsync(Ip, "netns", "del", _name);
        if (System.IO.Directory.Exists(OwnEtc))
        {
            System.IO.Directory.Delete(OwnEtc, recursive: true);
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void Hear(object sender, DataReceivedEventArgs line)
    {
        lock (_heard)
        {
            _heard.AppendLine(line.Data);
        }
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, output) = await TryRunAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {output}");
        return output;
    }

    private static async Task<(int Code, string Output)> TryRunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(Info(program, arguments))!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, CancellationToken.None);
        return (process.ExitCode, await output + await error);
    }

    private static ProcessStartInfo Info(string program, string[] arguments) => new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
}
