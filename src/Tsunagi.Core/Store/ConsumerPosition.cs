namespace Tsunagi.Core.Store;

/// <summary>
/// How far a named consumer of one of this node's logs has come, kept in the store it writes to, so that the position and the effect are one
/// transaction. <paramref name="Sequence"/> is the consumer's own counter (the next meter flush).
/// </summary>
public sealed record ConsumerPosition(long Segment, long Position, long Sequence)
{
    public static ValueTask<ConsumerPosition?> ReadAsync(ISqlReader reader, string node, string consumer) =>
        reader.FirstOrDefaultAsync<ConsumerPosition>(
            "SELECT segment, position, sequence FROM consumer_position WHERE node = @Node AND consumer = @Consumer", new { Node = node, Consumer = consumer });

    public async ValueTask WriteAsync(ISqlTransaction transaction, string node, string consumer) =>
        await transaction.ExecuteAsync(
            """
            INSERT INTO consumer_position (node, consumer, segment, position, sequence) VALUES (@Node, @Consumer, @Segment, @Position, @Sequence)
            ON CONFLICT (node, consumer) DO UPDATE SET segment = excluded.segment, position = excluded.position, sequence = excluded.sequence
            """,
            new { Node = node, Consumer = consumer, Segment, Position, Sequence });
}
