using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Tests.Testing;

/// <summary>
/// A Postfix of the test's own: own directories, own ports, on loopback, everything relayed to one next hop. Needs root and the Debian package; ended
/// by the pid it wrote.
/// </summary>
public sealed class PostfixInstance : IAsyncDisposable
{
    private const string MasterTemplate = "/etc/postfix/master.cf.proto";
    private readonly TemporaryDirectory _directory = new();
    private readonly string _config;

    private PostfixInstance(int port)
    {
        Port = port;
        _config = Path.Combine(_directory.Path, "etc");
    }

    public int Port { get; }

    /// <summary>The process id of its master, for measuring.</summary>
    public int MasterPid { get; private set; }

    public string MailLog => Path.Combine(_directory.Path, "log", "maillog");

    /// <summary>Why it cannot run here, or null.</summary>
    public static string? WhyNot() =>
        !File.Exists("/usr/sbin/postfix") || !File.Exists(MasterTemplate) ? "postfix is not installed (./tsunagi setup)"
        : Environment.UserName != "root" ? "postfix needs root"
        : null;

    /// <param name="nextHop">Port of loopback that everything goes to.</param>
    /// <param name="more">Further lines of main.cf.</param>
    public static async Task<PostfixInstance> StartAsync(int nextHop, params string[] more)
    {
        var postfix = new PostfixInstance(FreePorts.Tcp());
        postfix.Write(nextHop, more);
        await RunAsync("/usr/sbin/postfix", "-c", postfix._config, "start");
        await postfix.WaitForPortAsync();

        // Read by another program: the master holds a lock that the runtime would respect.
        var (_, pid) = await RunAsync("/bin/cat", Path.Combine(postfix._directory.Path, "spool", "pid", "master.pid"));
        postfix.MasterPid = int.Parse(pid.Trim(), System.Globalization.CultureInfo.InvariantCulture);
        return postfix;
    }

    /// <summary>Messages in its queues.</summary>
    public int Queued() => new[] { "incoming", "active", "deferred" }
        .Select(queue => Path.Combine(_directory.Path, "spool", queue))
        .Where(Directory.Exists).Sum(static queue => Directory.EnumerateFiles(queue, "*", SearchOption.AllDirectories).Count());

    /// <summary>Tries its deferred mail now.</summary>
    public Task FlushAsync() => RunAsync("/usr/sbin/postqueue", "-c", _config, "-f");

    public async ValueTask DisposeAsync()
    {
        await RunAsync("/usr/sbin/postfix", "-c", _config, "stop");
        for (var attempt = 0; attempt < 100 && IsAlive(); attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }

        _directory.Dispose();
    }

    /// <summary>Runs a program to its end and gives back what it printed.</summary>
    public static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, await output + await error);
    }

    private bool IsAlive()
    {
        try
        {
            using var master = Process.GetProcessById(MasterPid);
            return !master.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private void Write(int nextHop, string[] more)
    {
        foreach (var name in (ReadOnlySpan<string>)["etc", "spool", "data", "log"])
        {
            Directory.CreateDirectory(Path.Combine(_directory.Path, name));
        }

        File.WriteAllLines(Path.Combine(_config, "main.cf"),
        [
            "compatibility_level=3.6", $"queue_directory={_directory.Path}/spool", $"data_directory={_directory.Path}/data",
            "command_directory=/usr/sbin", "daemon_directory=/usr/lib/postfix/sbin", "shlib_directory=/usr/lib/postfix", "meta_directory=/etc/postfix",
            "mail_owner=postfix", "setgid_group=postdrop", "inet_interfaces=127.0.0.1", "inet_protocols=ipv4", "mydestination=", "relay_domains=static:ALL",
            "myhostname=postfix.test.invalid", "mynetworks=127.0.0.0/8", "default_transport=relay", $"relay_transport=smtp:[127.0.0.1]:{nextHop}", "smtp_dns_support_level=disabled",
            "alias_maps=", "local_recipient_maps=", $"maillog_file={_directory.Path}/log/maillog", "maillog_file_prefixes=/tmp",
            "default_destination_concurrency_limit=50", "default_process_limit=100", "smtpd_client_connection_rate_limit=0",
            "smtpd_client_connection_count_limit=0", "smtpd_peername_lookup=no", .. more,
        ]);
        var master = File.ReadAllLines(MasterTemplate).Where(static line => line.Length > 0 && !line.StartsWith('#')).Select(line => OnOwnPort(line)).OfType<string>();
        File.WriteAllLines(Path.Combine(_config, "master.cf"), master);
        foreach (var path in (ReadOnlySpan<string>)[_directory.Path, _config])
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }

        using var chown = Process.Start("/bin/chown", ["postfix", Path.Combine(_directory.Path, "data")]);
        chown.WaitForExit();
    }

    // smtpd on a port of its own, no pickup of local mail, no chroot. Continuation lines stay as they are.
    private string? OnOwnPort(string line)
    {
        if (char.IsWhiteSpace(line[0]))
        {
            return line;
        }

        var columns = line.Split((char[]?)null, 8, StringSplitOptions.RemoveEmptyEntries);
        if (columns[0] == "pickup")
        {
            return null;
        }

        if (columns.Length < 8)
        {
            return line;
        }

        columns[4] = "n";
        if (columns is ["smtp", "inet", ..])
        {
            columns[0] = $"127.0.0.1:{Port}";
        }

        return string.Join(' ', columns);
    }

    private async Task WaitForPortAsync()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
            }
        }

        throw new InvalidOperationException("postfix did not start: " + (File.Exists(MailLog) ? await File.ReadAllTextAsync(MailLog) : "no log"));
    }
}
