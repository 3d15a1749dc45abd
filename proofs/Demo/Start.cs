using System.Diagnostics;
using System.Text.Json.Nodes;
using Tsunagi.Host.Demo;

namespace Tsunagi.Proofs.Demo;

/// <summary>
/// How long a newcomer waits for <c>./tsunagi demo</c>: until the console answers and a first mail was delivered through the program; from a tree that is built,
/// and from a clone that is restored and no more.
/// </summary>
internal sealed class Start : IClaim
{
    private const double BuiltSeconds = 15;
    private const double CloneSeconds = 240;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    public string Name => "demo.start";

    public string Promise => $"./tsunagi demo: console up with mail flowing in < {BuiltSeconds:0} s from a built tree, < {CloneSeconds / 60:0} min from a restored clone";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var root = Environment.GetEnvironmentVariable("TSUNAGI_ROOT") ?? throw new InvalidOperationException("run it as ./tsunagi prove demo.start: TSUNAGI_ROOT is not set");
        progress.Say("building the tree");
        await RunAsync(root, Path.Combine(root, "tsunagi"), ["completion", "bash"], cancellationToken);
        progress.Say("demo from the built tree");
        var built = await WaitAsync(root, cancellationToken);

        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            var clone = Path.Combine(directory, "tsunagi");
            progress.Say("cloning and restoring");
            await RunAsync(directory, "git", ["clone", "--quiet", root, clone], cancellationToken);
            await RunAsync(clone, "dotnet", ["restore", "Tsunagi.slnx", "--locked-mode", "-v", "quiet"], cancellationToken);
            progress.Say("demo from the clone: builds first");
            var cold = await WaitAsync(clone, cancellationToken);
            return
            [
                Below("built tree: console up", built.Console, null),
                Below("built tree: a mail delivered", built.Mail, BuiltSeconds),
                Below("restored clone: console up, cold build included", cold.Console, null),
                Below("restored clone: a mail delivered", cold.Mail, CloneSeconds),
            ];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static Figure Below(string subject, TimeSpan took, double? bar) =>
        new(subject, $"{took.TotalSeconds:0.0} s", bar is { } seconds ? $"< {seconds:0} s" : null, bar is null || took.TotalSeconds < bar);

    /// <summary>From the start of the script to the console's address on the terminal, and to the first delivered mail as the API tells it.</summary>
    private static async Task<(TimeSpan Console, TimeSpan Mail)> WaitAsync(string root, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var start = new ProcessStartInfo(Path.Combine(root, "tsunagi"), ["demo"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = root };
        start.Environment["TSUNAGI_ROOT"] = root;

        // A clone builds without the build nodes that another tree left running.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var demo = Process.Start(start)!;
        try
        {
            var errors = demo.StandardError.ReadToEndAsync(cancellationToken);
            string? address = null, password = null;
            while (password is null)
            {
                var line = await demo.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new IOException($"the demo ended early: {await errors}");
                address = After(line, "Console ") is { } url ? url[..url.IndexOf("/console", StringComparison.Ordinal)] : address;
                password = After(line, DemoWorld.OperatorEmail + "   password ");
            }

            var drained = demo.StandardOutput.ReadToEndAsync(cancellationToken);
            using var api = new DemoApi(address!);
            await api.SignInAsync(DemoWorld.OperatorEmail, password, cancellationToken);
            var console = Stopwatch.GetElapsedTime(started);
            while ((await api.GetAsync("/mail/messages?state=delivered&limit=1", cancellationToken))["items"] is not JsonArray { Count: > 0 })
            {
                await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
            }

            var mail = Stopwatch.GetElapsedTime(started);
            await demo.StandardInput.WriteLineAsync("q".AsMemory(), cancellationToken);
            await drained;
            await demo.WaitForExitAsync(cancellationToken);
            return (console, mail);
        }
        finally
        {
            if (!demo.HasExited)
            {
                demo.Kill(entireProcessTree: true);
            }
        }
    }

    private static string? After(string line, string word) =>
        line.IndexOf(word, StringComparison.Ordinal) is >= 0 and var at ? line[(at + word.Length)..].Trim() : null;

    private static async Task RunAsync(string directory, string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new IOException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {string.Join('\n', texts)}");
        }
    }
}
