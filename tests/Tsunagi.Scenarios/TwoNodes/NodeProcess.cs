using System.Diagnostics;
using System.Runtime.InteropServices;
using Tsunagi.Tests.Host;

namespace Tsunagi.Scenarios.TwoNodes;

/// <summary>One node of a provider as a process of its own, which can be stopped and continued like any.</summary>
internal sealed partial class NodeProcess : IAsyncDisposable
{
    private const int Continue = 18;
    private const int Stop = 19;
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly List<string> _log = [];

    private NodeProcess(Process process, string name)
    {
        _process = process;
        Name = name;
    }

    public string Name { get; }

    public TestApi Operator { get; private set; } = null!;

    /// <param name="connection">The node's own way to the database.</param>
    /// <param name="master">The master keys all nodes share.</param>
    /// <param name="more">Further settings, as "key=value".</param>
    public static async Task<NodeProcess> StartAsync(string name, string directory, string connection, string master, TimeSpan timeToLive, params string[] more)
    {
        var node = Begin(name, directory, connection, master, timeToLive, more);
        try
        {
            await node.SignInAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>The same, without waiting until it is ready: see <see cref="SaysAsync"/> and <see cref="SignInAsync"/>.</summary>
    public static NodeProcess Begin(string name, string directory, string connection, string master, TimeSpan timeToLive, params string[] more)
    {
        string[] settings =
        [
            "data=" + Path.Combine(directory, name), "name=" + name, "store.kind=postgres", "store.connection=" + connection, "secrets.masterFile=" + master,
            "console.listen=127.0.0.1:0", "mail.listen=[\"127.0.0.1:0\"]", "log.level=warning", "lease.timeToLive=" + timeToLive.ToString("c", System.Globalization.CultureInfo.InvariantCulture),
            .. more,
        ];
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "tsunagi-host"), ["run", .. settings.SelectMany(static setting => (string[])["--set", setting])])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var node = new NodeProcess(Process.Start(start)!, name);
        node._process.ErrorDataReceived += (_, line) => node.Note(line.Data);
        node._process.BeginErrorReadLine();
        return node;
    }

    /// <summary>Waits for a line of its output that begins so.</summary>
    public async Task SaysAsync(string beginning)
    {
        using var deadline = new CancellationTokenSource(StartsWithin, TimeProvider.System);
        while (await _process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"node {Name} ended and never said \"{beginning}\":\n{Log()}");
    }

    /// <summary>SIGSTOP: the process does nothing any more, and knows nothing of it.</summary>
    public void Pause() => Assert.Equal(0, kill(_process.Id, Stop));

    public void Resume() => Assert.Equal(0, kill(_process.Id, Continue));

    /// <summary>How many lines with this the program has logged.</summary>
    public int Logged(string text)
    {
        lock (_log)
        {
            return _log.Count(line => line.Contains(text, StringComparison.Ordinal));
        }
    }

    /// <summary>What the program has logged.</summary>
    public string Log()
    {
        lock (_log)
        {
            return string.Join('\n', _log);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Operator?.Dispose();
        if (!_process.HasExited)
        {
            Resume();
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>Waits until it is ready, and signs the operator in.</summary>
    public async Task SignInAsync()
    {
        using var deadline = new CancellationTokenSource(StartsWithin, TimeProvider.System);
        string? url = null, link = null;
        while (await _process.StandardOutput.ReadLineAsync(deadline.Token) is { } line and not "ready")
        {
            url = line.StartsWith("console ", StringComparison.Ordinal) ? line["console ".Length..^"/console".Length] : url;
            link = line.StartsWith("set up ", StringComparison.Ordinal) ? line[(line.LastIndexOf('/') + 1)..] : link;
        }

        Assert.True(url is not null, $"node {Name} did not start:\n{Log()}");
        Operator = new TestApi(url);
        await (link is null
            ? Operator.PostAsync("/session", new { email = "operator@localhost", password = TestNode.Password })
            : Operator.PostAsync("/session/password-link", new { token = link, password = TestNode.Password }));
    }

    private void Note(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                _log.Add(line);
            }
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
