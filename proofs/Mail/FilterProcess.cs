using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Host.Resolver;
using Tsunagi.Mail.Milter;
using Tsunagi.Tests.Mail;

namespace Tsunagi.Proofs.Mail;

/// <summary>The mail gateway as a milter in a process of its own, with a model and a resolver it is told: this very program, started again with <see cref="Word"/>.</summary>
internal sealed class FilterProcess : IDisposable
{
    public const string Word = "--mail-filter";
    private readonly Process _process;

    private FilterProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>CPU time of the process so far.</summary>
    public double CpuMs
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalMilliseconds;
        }
    }

    /// <summary>What the started program does: <c>--mail-filter DIRECTORY RESOLVERPORT MODEL</c>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var stop = new TaskCompletionSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.TrySetResult();
        });
        var resolver = new StubResolver([new IPEndPoint(IPAddress.Loopback, int.Parse(args[2], CultureInfo.InvariantCulture))], TimeProvider.System);
        await using var node = await MailNode.StartAsync(
            options => options with { HostName = "gateway.test.invalid", Milter = options.Milter with { Listen = ["127.0.0.1:0"] }, Filter = options.Filter with { ClassifierModel = args[3] } },
            args[1], fit: false, dns: new DnsMailLookup(resolver));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready {node.Services.GetRequiredService<MilterListener>().EndPoints[0].Port}"));
        await stop.Task;
        return 0;
    }

    public static async Task<FilterProcess> StartAsync(string directory, int resolver, string model, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in new[] { Word, directory, resolver.ToString(CultureInfo.InvariantCulture), model })
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal))
            {
                return new FilterProcess(process, int.Parse(line.AsSpan(6), CultureInfo.InvariantCulture));
            }
        }

        throw new InvalidOperationException($"the filter ended with {process.ExitCode} before it was ready");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
