using Tsunagi.Core.Logs;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Core.Logs;

/// <summary>What the spool puts in front of its facts. A checksum stands before it, so bad bytes mean another program; they must not stop a start.</summary>
internal sealed class SpoolRecordFuzz : FuzzTarget
{
    public override string Name => "log.spool-record";

    public override IReadOnlyList<Type> Parsers => [typeof(SpoolRecordFormat)];

    public override byte[] Generate(Random random)
    {
        var id = new SpoolId(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()));
        var body = new BodyPlace(random.Next(100_000), (uint)random.Next(), random.Next(2) == 0 ? UInt128.Zero : UInt128.One, LogPosition.Start);
        var (facts, note) = (random.Next(30), random.Next(-1, 20));
        var carry = new byte[SpoolRecordFormat.CarryPrefix + facts + Math.Max(0, note)];
        random.NextBytes(carry);
        SpoolRecordFormat.WriteCarry(carry, id, body, random.NextInt64(), facts, note);
        return carry;
    }

    public override void Run(byte[] input)
    {
        if (SpoolRecordFormat.TryReadCarry(input, LogPosition.Start, out var id, out var body, out var accepted, out var facts, out var note))
        {
            var again = new byte[SpoolRecordFormat.CarryPrefix + facts.Length + (note?.Length ?? 0)];
            SpoolRecordFormat.WriteCarry(again, id, body, accepted, facts.Length, note?.Length ?? -1);
            facts.CopyTo(again.AsSpan(SpoolRecordFormat.CarryPrefix));
            note?.CopyTo(again, SpoolRecordFormat.CarryPrefix + facts.Length);
            Promise(again.AsSpan().SequenceEqual(input), "what is read and written again is the same");
        }

        if (SpoolRecordFormat.TryReadAccept(input, LogPosition.Start, out id, out body, out facts))
        {
            var again = new byte[SpoolRecordFormat.AcceptPrefix + facts.Length];
            SpoolRecordFormat.WriteAccept(again, id, body);
            facts.CopyTo(again.AsSpan(SpoolRecordFormat.AcceptPrefix));
            Promise(again.AsSpan().SequenceEqual(input), "what is read and written again is the same");
        }
    }
}
