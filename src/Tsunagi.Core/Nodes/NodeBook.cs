using System.Reflection;
using System.Text.Json;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Nodes;

/// <summary>
/// The nodes of the provider, each a row that the node itself writes. A row belongs to one run of a node: when another process writes under the same name,
/// the earlier one leaves the row alone and says that it is not ready.
/// </summary>
public sealed class NodeBook(Stores stores, Node node, IReadOnlyList<IServiceModule> modules, NodeBeatOptions options, TimeProvider time) : IReadiness
{
    private static readonly string Version =
        typeof(NodeBook).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    private readonly string _modules = JsonSerializer.Serialize(modules.Select(static module => module.Describe().Id));
    private volatile NotReady? _taken;

    public NotReady? WhyNotReady => _taken;

    /// <summary>Every node heard of within <see cref="NodeBeatOptions.ForgetAfter"/>, by name.</summary>
    /// <param name="nextStep">What to do about a reason, in the reader's language.</param>
    public async ValueTask<IReadOnlyList<NodeView>> ListAsync(Func<string, string?> nextStep, CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(
            static reader => reader.QueryAsync<Row>("SELECT name, boot, version, modules, reasons, started_at, seen_at, stopped_at FROM node ORDER BY name"), cancellationToken);
        var away = time.NowMicros() - Micros(options.AwayAfter);
        return [.. rows.Select(row => row.ToView(away, nextStep))];
    }

    /// <summary>This run of the node takes the row of its name, and rows nobody wrote for long go.</summary>
    internal ValueTask<int> BeginAsync(IReadOnlyList<NotReady> reasons, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        return stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("DELETE FROM node WHERE seen_at < @Before", new { Before = now - Micros(options.ForgetAfter) });
                return await transaction.ExecuteAsync(
                    """
                    INSERT INTO node (name, boot, version, modules, reasons, started_at, seen_at, stopped_at) VALUES (@Name, @Boot, @Version, @Modules, @Reasons, @Now, @Now, NULL)
                    ON CONFLICT (name) DO UPDATE SET boot = excluded.boot, version = excluded.version, modules = excluded.modules, reasons = excluded.reasons,
                      started_at = excluded.started_at, seen_at = excluded.seen_at, stopped_at = NULL
                    """,
                    new { node.Name, node.Boot, Version, Modules = _modules, Reasons = JsonSerializer.Serialize(reasons), Now = now });
            },
            cancellationToken);
    }

    /// <summary>Says that this run lives. When the row is another run's by now, it stays so, and this one is not ready any more.</summary>
    internal async ValueTask BeatAsync(IReadOnlyList<NotReady> reasons, CancellationToken cancellationToken)
    {
        var ours = await WriteAsync("UPDATE node SET reasons = @Reasons, seen_at = @Now WHERE name = @Name AND boot = @Boot", reasons, cancellationToken);
        _taken = ours ? null : new NotReady(CoreReadiness.NameTaken, $"another process runs under the name {node.Name}: this one is {node.Boot}");
    }

    internal async ValueTask EndAsync(CancellationToken cancellationToken) =>
        await WriteAsync("UPDATE node SET reasons = @Reasons, seen_at = @Now, stopped_at = @Now WHERE name = @Name AND boot = @Boot", [], cancellationToken);

    private async ValueTask<bool> WriteAsync(string sql, IReadOnlyList<NotReady> reasons, CancellationToken cancellationToken) =>
        await stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync(sql, new { node.Name, node.Boot, Reasons = JsonSerializer.Serialize(reasons), Now = time.NowMicros() }), cancellationToken) == 1;

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private sealed record Row(string Name, string Boot, string Version, string Modules, string Reasons, long StartedAt, long SeenAt, long? StoppedAt)
    {
        public NodeView ToView(long away, Func<string, string?> nextStep)
        {
            var reasons = JsonSerializer.Deserialize<NotReady[]>(Reasons) ?? [];
            var state = StoppedAt is not null ? NodeState.Stopped : SeenAt < away ? NodeState.Away : reasons.Length > 0 ? NodeState.NotReady : NodeState.Ready;
            return new NodeView(
                Name, Boot, Version, JsonSerializer.Deserialize<string[]>(Modules) ?? [], state, StartedAt, SeenAt, StoppedAt,
                [.. reasons.Select(reason => new NodeReason(reason.Code, reason.Detail, nextStep(reason.Code)))]);
        }
    }
}
