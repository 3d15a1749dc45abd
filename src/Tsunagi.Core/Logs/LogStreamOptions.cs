namespace Tsunagi.Core.Logs;

/// <summary>A log of facts with its consumers.</summary>
public sealed record LogStreamOptions
{
    public SegmentLogOptions Segments { get; init; } = new();

    public IReadOnlyList<LogConsumerOptions> Consumers { get; init; } = [];

    /// <summary>How long a segment stays after every consumer has passed it, so that a projection can be made again from the log.</summary>
    public TimeSpan ReplayWindow { get; init; } = TimeSpan.FromDays(7);

    internal void Validate()
    {
        Segments.Validate();
        foreach (var named in Consumers.GroupBy(consumer => consumer.Name, StringComparer.Ordinal))
        {
            SegmentLogOptions.Demand(named.Count() == 1, nameof(Consumers), named.Key, "each name once");
        }
    }
}
