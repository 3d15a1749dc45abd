using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Core.Logs;

/// <summary>
/// The records of a segment, behind its header. What the scanner finds is found again the slow way: every multiple of 8 is tried, and the first
/// valid record at or after the end of the one before is the next.
/// </summary>
internal sealed class LogSegmentFuzz : FuzzTarget
{
    private static readonly SegmentHeader Header = new(Base: 1 << 20, Salt: 0x1234_5678_9ABC_DEF0, FileLength: 1 << 20);

    public override string Name => "log.segment";

    public override IReadOnlyList<Type> Parsers => [typeof(SegmentScanner), typeof(RecordHeader)];

    public override byte[] Generate(Random random)
    {
        var bytes = new List<byte>();
        for (var i = random.Next(1, 8); i > 0; i--)
        {
            var (facts, body) = (random.Next(40), random.Next(3) == 0 ? random.Next(200) : 0);
            var record = new byte[RecordHeader.Total(facts, body)];
            random.NextBytes(record.AsSpan(RecordHeader.Size, facts + body));
            RecordHeader.Begin(record, (byte)random.Next(1, 256), facts, body);
            var offset = SegmentHeader.Size + bytes.Count;
            RecordHeader.Seal(record, Header, offset, offset, random.Next());
            bytes.AddRange(record);
            if (random.Next(6) == 0)
            {
                bytes.AddRange(new byte[8 * random.Next(1, 10)]);
            }
        }

        return [.. bytes];
    }

    public override void Run(byte[] input)
    {
        var file = new MemoryFile(SegmentHeader.Size, input);

        // Every third time the file is shorter than it should be: a disk that lost its end.
        var limit = SegmentHeader.Size + input.Length + (input.Length % 3 == 0 ? 4096 : 0);
        var slow = Slow(file, limit);
        using var segment = new Segment(Header, "fuzz", file);
        using var scanner = new SegmentScanner(segment, SegmentHeader.Size, checkBodies: true);
        long expected = SegmentHeader.Size;
        var found = 0;
        Scanned scanned;
        while ((scanned = scanner.Next(limit, limitIsExact: input.Length % 2 == 0, out var at, out var header, out var facts)) != Scanned.End)
        {
            Promise(at == expected && scanner.Offset > at && scanner.Offset <= limit, "records and gaps follow each other without a hole");
            expected = scanner.Offset;
            if (scanned == Scanned.Record)
            {
                Promise(found < slow.Count && slow[found] == at, $"the record at {at} is not what the slow search finds");
                Promise(facts.Length == header.FactsLength, "facts are whole");
                Promise(header.TimeMicros >= 0, "times are what was written");
                found++;
            }
        }

        Promise(scanner.Segment == segment && found == slow.Count, $"{found} records found, {slow.Count} are there");
    }

    /// <summary>The same answer without windows, jumps, or stepping over zeroes.</summary>
    private static List<long> Slow(MemoryFile file, long limit)
    {
        var found = new List<long>();
        for (long at = SegmentHeader.Size; at + RecordHeader.Size <= Math.Min(limit, file.Length);)
        {
            var rest = file.From(at);
            if (!RecordHeader.TryRead(rest, Header, at, out var header))
            {
                at += RecordHeader.Alignment;
                continue;
            }

            var payload = RecordHeader.Size + header.FactsLength + header.BodyLength;
            if (at + header.TotalLength <= limit && payload <= rest.Length && IsWhole(rest, header))
            {
                found.Add(at);
            }

            // Its header is whole, so its length is: nothing is looked for inside it.
            at += header.TotalLength;
        }

        return found;
    }

    private static bool IsWhole(ReadOnlySpan<byte> record, in RecordHeader header) =>
        Crc32C.Of(record.Slice(RecordHeader.Size, header.FactsLength)) == header.FactsChecksum
        && Crc32C.Of(record.Slice(RecordHeader.Size + header.FactsLength, header.BodyLength)) == header.BodyChecksum;

    private sealed class MemoryFile(int offset, byte[] bytes) : IDiskFile
    {
        public long Length => offset + bytes.Length;

        public ReadOnlySpan<byte> From(long at) => bytes.AsSpan((int)(at - offset));

        public int Read(long at, Span<byte> into)
        {
            var rest = at >= Length ? default : From(at);
            var length = Math.Min(rest.Length, into.Length);
            rest[..length].CopyTo(into);
            return length;
        }

        public void Write(long at, ReadOnlySpan<byte> written) => throw new NotSupportedException();

        public void Allocate(long length) => throw new NotSupportedException();

        public void Truncate(long length) => throw new NotSupportedException();

        public void BeginWriting(long at, long length) => throw new NotSupportedException();

        public void SyncData(SyncPoint why) => throw new NotSupportedException();

        public void Sync(SyncPoint why) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
