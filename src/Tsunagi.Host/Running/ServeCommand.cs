using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tsunagi.Core.Configuration;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Host.Configuration;

namespace Tsunagi.Host.Running;

/// <summary>`tsunagi run`: one node until it is told to stop (SIGTERM, Ctrl-C).</summary>
internal static class ServeCommand
{
    /// <summary>Exit codes: 0 stopped as asked, 1 could not start, 2 the configuration is wrong.</summary>
    public static async Task<int> RunAsync(string? file, IReadOnlyDictionary<string, string> overrides, TextWriter output, TextWriter error)
    {
        var problems = new List<ConfigProblem>();
        file ??= File.Exists("tsunagi.yaml") ? "tsunagi.yaml" : null;
        var configuration = NodeConfiguration.Load(file, Modules.All, overrides, problems);
        if (configuration is null)
        {
            problems.ForEach(error.WriteLine);
            return 2;
        }

        using var stop = new CancellationTokenSource();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        ProviderNode node;
        try
        {
            node = await StartAsync(configuration, output, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (SocketException e)
        {
            await error.WriteLineAsync($"tsunagi: cannot start: a listener's address cannot be used: {e.Message} (console.listen is {configuration.Options.Console.Listen}; the services' listen keys, such as mail.listen, too must name addresses of this machine)");
            return 1;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or SchemaException or StoreUnavailableException or SecretsException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"tsunagi: cannot start: {e.Message}");
            return 1;
        }

        await using (node)
        {
            await output.WriteLineAsync($"console {node.Url}/console");
            if (node.SetUpLink is { } link)
            {
                await output.WriteLineAsync($"set up the first operator (once, within 24 hours): {node.Url}{link}");
            }

            await output.WriteLineAsync("ready");
            await output.FlushAsync();
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = stop.Token.Register(() => stopped.TrySetResult());
            await Task.WhenAny(stopped.Task, node.App.WaitForShutdownAsync(CancellationToken.None));
        }

        return 0;
    }

    private static async Task<ProviderNode> StartAsync(NodeConfiguration configuration, TextWriter output, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ProviderNode.StartAsync(configuration, Modules.All, TimeProvider.System, cancellationToken);
            }
            catch (StoreUnavailableException away) when (StandbyNode.CanServe(configuration, Modules.All))
            {
                await output.WriteLineAsync($"waiting: {away.Message}; what needs no database goes on from what the last run left");
                await output.FlushAsync(cancellationToken);
                await StandbyNode.ServeAsync(configuration, Modules.All, TimeProvider.System, cancellationToken);
            }
        }
    }

    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = true;
        stop.Cancel();
    }
}
