using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Host.Resolver;
using Tsunagi.Mail.Contract;
using Tsunagi.Tests.Mail;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// The mail gateway in a process of its own, so that it can be measured alone and killed: spool, scheduler, trace, events and meters on real disk and
/// real stores. It is this very program, started again with <see cref="Word"/>.
/// </summary>
internal sealed class GatewayProcess : IDisposable
{
    public const string Word = "--mail-gateway";
    private const string Customer = "t_000000000000000000000provider/t_000000000000000000000customer/";
    private readonly Process _process;

    private GatewayProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>CPU time of the process so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>What the started program does: <c>--mail-gateway DIRECTORY PORT NEXTHOPPORT DOMAIN [chaos | RESOLVERPORT MODEL]</c>; with a resolver and a model everything is checked, else nothing.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var stop = new TaskCompletionSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.TrySetResult();
        });
        var port = int.Parse(args[2], CultureInfo.InvariantCulture);
        if (args is [.., "chaos"])
        {
            await ChaosNode.RunAsync(args[1], port, int.Parse(args[3], CultureInfo.InvariantCulture), args[4]);
            return 0;
        }

        var (resolver, model) = args is [_, _, _, _, _, var resolverPort, var path] ? (new StubResolver([new IPEndPoint(IPAddress.Loopback, int.Parse(resolverPort, CultureInfo.InvariantCulture))], TimeProvider.System), path) : (null, "");
        await using var node = await MailNode.StartAsync(
            options => options with { Filter = options.Filter with { ClassifierModel = model.Length > 0 ? model : options.Filter.ClassifierModel }, Listen = [$"127.0.0.1:{port}"], HostName = "gateway.test.invalid", Delivery = options.Delivery with { FirstRetry = TimeSpan.FromSeconds(1), LongestRetry = TimeSpan.FromSeconds(2), FirstProbe = TimeSpan.FromMilliseconds(500), LongestProbe = TimeSpan.FromSeconds(1) } },
            args[1], fit: false, dns: resolver is null ? null : new DnsMailLookup(resolver));
        if (resolver is null)
        {
            await CheckNothingAsync(node, Customer);
        }

        node.Sign("s_0000000000000000000000proof", Customer, args[4], int.Parse(args[3], CultureInfo.InvariantCulture), static settings => settings with { Recipients = RecipientSource.CallAhead });
        Console.WriteLine("ready");
        await stop.Task;
        return 0;
    }

    // The peer relays and does nothing else; so does this tenant's gateway, by its own policy.
    private static async Task CheckNothingAsync(MailNode node, string tenantPath)
    {
        await node.Stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO mail_filter_policy (tenant_path, scope, name, version, policy, updated_at, updated_by) VALUES (@Path, 'tenant', '', 1, '{"enabled":false}', 0, 'proof')
                    ON CONFLICT (tenant_path, scope, name) DO NOTHING
                    """,
                    new { Path = tenantPath });
                await transaction.ExecuteAsync("UPDATE mail_filter_version SET version = version + 1");
                return true;
            },
            CancellationToken.None);
        await node.Services.GetRequiredService<Tsunagi.Mail.Verdict.PolicyWatch>().LoadAsync(CancellationToken.None);
    }

    public static async Task<GatewayProcess> StartAsync(string directory, int port, int nextHop, string domain, CancellationToken cancellationToken, bool inChaos = false, string[]? filter = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardInput = true };
        string[] arguments = [Word, directory, port.ToString(CultureInfo.InvariantCulture), nextHop.ToString(CultureInfo.InvariantCulture), domain];
        string[] more = inChaos ? ["chaos"] : filter ?? [];
        foreach (var argument in arguments.Concat(more))
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line == "ready")
            {
                return new GatewayProcess(process);
            }
        }

        throw new InvalidOperationException($"the gateway ended with {process.ExitCode} before it was ready");
    }

    /// <summary>One of the words of <see cref="ChaosNode"/>.</summary>
    public async Task TellAsync(string word)
    {
        await _process.StandardInput.WriteLineAsync(word);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
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
