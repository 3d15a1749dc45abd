using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Modules;

namespace Tsunagi.Tests.Testing;

/// <summary>A module that sells a line to a place. Its engine runs what is wished, unless the test makes a place fail.</summary>
internal sealed class LineModule : IServiceModule
{
    public const string Specification = "line.access";
    public const string Bytes = "line.bytes";
    public const string Rate = "line.rate";

    /// <summary>What the engine runs: key to settings and holds.</summary>
    public Dictionary<string, string> Running { get; } = [];

    /// <summary>Keys that cannot be set up now, and why.</summary>
    public Dictionary<string, string> Faults { get; } = [];

    /// <summary>Keys of each call, in the order of calls.</summary>
    public List<string[]> Calls { get; } = [];

    public Exception? Throws { get; set; }

    public ModuleDescription Describe() => new(
        "line", new("Lines", "回線"), new("Lines to places", "回線"), RunsOn.EveryNode,
        [new PlanSpecification(Specification, new("Line", "回線"), new("A line", "回線"), typeof(LineSettings), [Bytes, Rate])],
        [new MeterDeclaration(Bytes, MeterKind.Sum, "By", new("Bytes", "バイト")), new MeterDeclaration(Rate, MeterKind.P95, "By", new("Rate", "速度"))],
        Events: [], Permissions: [], Schema: []);

    public void AddServices(IServiceCollection services, object? options)
    {
    }

    public void Map(ModuleMap map)
    {
    }

    public ValueTask<IReadOnlyList<ReconcileOutcome>> ReconcileAsync(
        IServiceProvider services, DesiredSnapshot snapshot, IReadOnlySet<string> changedKeys, CancellationToken cancellationToken)
    {
        Calls.Add([.. changedKeys.Order()]);
        if (Throws is not null)
        {
            throw Throws;
        }

        var outcomes = new List<ReconcileOutcome>();
        foreach (var key in changedKeys)
        {
            if (Faults.TryGetValue(key, out var why))
            {
                outcomes.Add(new ReconcileOutcome(key, snapshot.Revision, why));
            }
            else if (snapshot.Records.TryGetValue(key, out var record))
            {
                Running[key] = State(record);
            }
            else
            {
                Running.Remove(key);
            }
        }

        return ValueTask.FromResult<IReadOnlyList<ReconcileOutcome>>(outcomes);
    }

    public static string State(DesiredRecord record) => $"{record.Settings} holds={string.Join(",", record.Holds)}";
}

/// <param name="Place">Where the line ends.</param>
internal sealed record LineSettings([property: MaxLength(20), RegularExpression("[a-z0-9-]+")] string Place, [property: Range(1, 1000)] int Mbps = 100, LineBackup? Backup = null);

internal sealed record LineBackup([property: Range(1, 3)] int Lines);
