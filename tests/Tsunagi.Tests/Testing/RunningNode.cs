using Tsunagi.Core.Configuration;
using Tsunagi.Host;
using Tsunagi.Host.Configuration;
using Tsunagi.Host.Running;

namespace Tsunagi.Tests.Testing;

/// <summary>The whole program in this process, on ports and in a directory of the test's own.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public ProviderNode Node { get; private set; } = null!;

    public string Data => Path.Combine(_directory.Path, "data");

    public static async Task<RunningNode> StartAsync()
    {
        var running = new RunningNode();
        await ReadyTables.PlaceAsync(running.Data);
        var problems = new List<ConfigProblem>();
        var overrides = new Dictionary<string, string>
        {
            ["data"] = running.Data, ["console.listen"] = "127.0.0.1:0", ["mail.listen"] = "[\"127.0.0.1:0\"]", ["log.level"] = "error", ["outbound.allow"] = "[\"127.0.0.0/8\"]",
        };
        var configuration = NodeConfiguration.Load(null, Modules.All, overrides, problems);
        Assert.True(configuration is not null, string.Join('\n', problems));
        running.Node = await ProviderNode.StartAsync(configuration, Modules.All, TimeProvider.System, TestContext.Current.CancellationToken);
        return running;
    }

    public async ValueTask DisposeAsync()
    {
        if (Node is not null)
        {
            await Node.DisposeAsync();
        }

        _directory.Dispose();
    }
}
