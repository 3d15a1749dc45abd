using BenchmarkDotNet.Attributes;
using Tsunagi.Protocols.Net.Stamp;

namespace Tsunagi.Bench.Protocols.Net;

/// <summary>A test packet with Follow-Up Telemetry, read and reflected. <c>./tsunagi bench '*Stamp*'</c>; no step allocates.</summary>
[MemoryDiagnoser]
public class StampBenchmarks
{
    private static readonly StampReflectorClock Clock = new(StampErrorEstimate.Of(1_000, isSynchronized: true, StampFormat.Ntp), default, MarksReplies: false);

    private readonly byte[] _test = new byte[64];
    private readonly byte[] _reply = new byte[64];
    private uint _sequence;

    [GlobalSetup]
    public void Setup() => Write();

    [Benchmark]
    public bool Write()
    {
        var writer = new StampWriter(_test, StampMode.Unauthenticated, _sequence++, 1);
        writer.Reserve(StampTlvType.FollowUpTelemetry, StampFollowUp.Octets);
        return writer.TryFinish(StampTimestamp.FromUnixNanoseconds(1_700_000_000_000_000_000 + _sequence, StampFormat.Ntp), Clock.Error, null, out _);
    }

    [Benchmark]
    public bool Reflect()
    {
        if (!StampTest.TryParse(_test, StampMode.Unauthenticated, null, null, out StampTest test, out _)
            || !StampReflection.TryBegin(test, 1, new StampArrival(1_700_000_000_000_000_000, 64, 0, null, null), default, Clock, null, _reply, out StampReflection reflection))
        {
            return false;
        }

        reflection.Finish(1_700_000_000_000_020_000, null);
        return true;
    }
}
