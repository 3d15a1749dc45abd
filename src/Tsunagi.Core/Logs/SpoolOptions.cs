namespace Tsunagi.Core.Logs;

/// <summary>Sizes and limits of a spool.</summary>
public sealed record SpoolOptions
{
    public SegmentLogOptions Segments { get; init; } = new();

    public IReadOnlyList<LogConsumerOptions> Consumers { get; init; } = [];

    /// <summary>Bodies up to this length lie in the log, longer ones are files of their own.</summary>
    public int InlineBodyBytes { get; init; } = 64 << 10;

    /// <summary>A body that is carried forward stays in the log only up to this length; a longer one becomes a file, so that it is copied once at most.</summary>
    public int CarriedBodyBytes { get; init; } = 4 << 10;

    /// <summary>The longest body at all. The protocol in front refuses earlier, with its own limit.</summary>
    public long MaxBodyBytes { get; init; } = 256L << 20;

    /// <summary>Facts, or note, of one item.</summary>
    public int MaxFactsBytes { get; init; } = 256 << 10;

    /// <summary>Items at one time; intake stops there.</summary>
    public int MaxItems { get; init; } = 1_000_000;

    /// <summary>Live records of a segment are copied forward at this age, and the segment goes.</summary>
    public TimeSpan CarryAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Bodies accepted last that are kept in memory, so that a delivery at once reads no disk.</summary>
    public long BodyCacheBytes { get; init; } = 64L << 20;

    /// <summary>Files of bodies whose items are gone are kept for a minute, up to about this much, to be written again by the next long bodies.</summary>
    public long MaxSpentBodyBytes { get; init; } = 256L << 20;

    /// <summary>The live set is written down each time the log has grown by this much.</summary>
    public long CheckpointEveryBytes { get; init; } = 64L << 20;

    /// <summary>How long segments stay although nothing needs them. Zero, because they hold mail: their facts are in the projections.</summary>
    public TimeSpan ReplayWindow { get; init; } = TimeSpan.Zero;

    /// <summary>Who is told about losses and dropped consumers.</summary>
    public LogNotices Notices { get; init; } = LogNotices.None;

    internal void Validate()
    {
        Segments.Validate();
        var longest = SpoolRecordFormat.CarryPrefix + (2L * MaxFactsBytes) + InlineBodyBytes;
        SegmentLogOptions.Demand(
            longest <= Segments.MaxRecordBytes,
            nameof(Segments.MaxRecordBytes), Segments.MaxRecordBytes, $"{longest} and more, for facts, note and inline body of one item");
        SegmentLogOptions.Demand(CarriedBodyBytes >= 0 && CarriedBodyBytes <= InlineBodyBytes, nameof(CarriedBodyBytes), CarriedBodyBytes, $"0 to {InlineBodyBytes}, the inline limit");
        SegmentLogOptions.Demand(MaxItems >= 1, nameof(MaxItems), MaxItems, "1 and more");
        SegmentLogOptions.Demand(MaxSpentBodyBytes >= 0, nameof(MaxSpentBodyBytes), MaxSpentBodyBytes, "0 and more");
        SegmentLogOptions.Demand(MaxBodyBytes >= InlineBodyBytes, nameof(MaxBodyBytes), MaxBodyBytes, $"{InlineBodyBytes} and more, the inline limit");
    }
}
