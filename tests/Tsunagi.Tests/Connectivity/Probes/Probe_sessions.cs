using Tsunagi.Connectivity.Probes;
using Tsunagi.Protocols.Net.Stamp;

namespace Tsunagi.Tests.Connectivity.Probes;

/// <summary>What a session makes of its test packets, with times given to it: no socket, no clock.</summary>
public class Probe_sessions
{
    internal static readonly ProbeRow Row = new("pb_1", "t_1/", "t_1", "ln_1", "s_1", "probe", "127.0.0.1:862", 1_000, 0, false, ProbeState.Unknown, null, "", 1, 0, null);

    private const long Second = 1_000_000_000;
    private const long Millisecond = 1_000_000;
    private const long Start = 1_800_000_000L * Second;

    private static readonly StampReflectorClock Clock = new(StampErrorEstimate.Of(1_000, isSynchronized: true, StampFormat.Ntp), default, MarksReplies: false);

    private readonly ProbeSession _session = new(Row, 1, null, new ProbeOptions());
    private readonly byte[] _buffer = new byte[200];
    private readonly List<MinuteTally> _closed = [];

    [Fact]
    public void A_delay_is_the_round_trip_without_the_reflector_s_own_time_by_when_packets_truly_left()
    {
        // The program says 0, the kernel 1 ms later; the reflector said it sent at 12 ms, and tells in its next reply that it was 15.
        var first = Send(0);
        _session.OnLeft(0, Start + Millisecond);
        Reply(first, 0, receivedAt: 5 * Millisecond, sentAt: 12 * Millisecond, cameAt: 30 * Millisecond);
        var second = Send(Second);
        Reply(second, 1, Second + (2 * Millisecond), Second + (3 * Millisecond), Second + (5 * Millisecond), new StampFollowUp(0, Stamp(15 * Millisecond), StampMethod.Software));
        var minute = Close(2 * Second);
        Assert.Equal((2, 2, 0), (minute.Sent, minute.Received, minute.Lost));
        Assert.Equal(19 * Millisecond, minute.Most); // 29 ms there and back, 10 of them in the reflector
        Assert.Equal(4 * Millisecond, minute.Least);
        Near(15 * Millisecond, minute.Variations.Percentile(50));
    }

    [Fact]
    public void A_follow_up_of_another_reply_or_one_that_can_not_be_is_not_believed()
    {
        var first = Send(0);
        Reply(first, 0, 5 * Millisecond, 10 * Millisecond, 25 * Millisecond);
        var second = Send(Second);
        Reply(second, 1, Second + Millisecond, Second + Millisecond, Second + (2 * Millisecond), new StampFollowUp(7, Stamp(15 * Millisecond), StampMethod.Software));
        var third = Send(2 * Second);
        Reply(third, 2, (2 * Second) + Millisecond, (2 * Second) + Millisecond, (2 * Second) + (2 * Millisecond), new StampFollowUp(1, Stamp(9 * Second), StampMethod.Software));
        var minute = Close(4 * Second);
        Assert.Equal((20 * Millisecond, 2 * Millisecond), (minute.Most, minute.Least));
    }

    [Fact]
    public void Copies_late_ones_and_those_behind_others_are_told_apart()
    {
        byte[][] sent = [.. Enumerable.Range(0, 5).Select(i => Send(i * Second / 10))];
        Reply(sent[0], 0, Millisecond, Millisecond, 2 * Millisecond);
        Reply(sent[2], 1, 201 * Millisecond, 201 * Millisecond, 202 * Millisecond);
        Reply(sent[1], 2, 101 * Millisecond, 101 * Millisecond, 210 * Millisecond); // behind the third
        Reply(sent[1], 3, 101 * Millisecond, 101 * Millisecond, 211 * Millisecond); // a copy
        Look(3 * Second);
        Reply(sent[3], 4, 301 * Millisecond, 301 * Millisecond, (3 * Second) + Millisecond); // after its time: stays lost
        var minute = Close(4 * Second);
        Assert.Equal((5, 3, 2, 1, 1), (minute.Sent, minute.Received, minute.Lost, minute.Duplicates, minute.Reordered));
    }

    [Fact]
    public void A_clock_that_was_set_makes_no_delay()
    {
        var first = Send(0);
        Reply(first, 0, Millisecond, Millisecond, 60 * Second, monotonic: 2 * Millisecond); // set forward by a minute
        var second = Send(60 * Second, monotonic: Second);
        Reply(second, 1, 60 * Second, 60 * Second, 0, monotonic: Second + (2 * Millisecond)); // and back
        Look(130 * Second, 10 * Second);
        Look(190 * Second, 20 * Second);
        Assert.Equal((2, 0), (_closed.Sum(static tally => tally.Unclear), (int)_closed.Sum(static tally => tally.Delays.Count)));
        Assert.Equal(2, _closed.Sum(static tally => tally.Received));
    }

    [Fact]
    public void A_minute_is_closed_when_all_of_it_is_decided()
    {
        Send(59 * Second);
        Look(60 * Second);
        Assert.Empty(_closed);
        Send(60 * Second);
        Look(61 * Second);
        var minute = Assert.Single(_closed);
        Assert.Equal((Start / Second / 60, 1, 1), (minute.Minute, minute.Sent, minute.Lost));
        Look(62 * Second);
        Assert.Single(_closed);
        Look(121 * Second);
        Assert.Equal(2, _closed.Count);
    }

    [Fact]
    public void What_is_not_decided_at_the_end_is_not_counted()
    {
        var first = Send(0);
        Reply(first, 0, Millisecond, Millisecond, 2 * Millisecond);
        Send(Second);
        _session.Close(_closed);
        var minute = Assert.Single(_closed);
        Assert.Equal((1, 1, 0, 1), (minute.Sent, minute.Received, minute.Lost, minute.Delays.Count));
    }

    [Theory]
    [InlineData("....", "")]
    [InlineData(".xxxx.", "")]
    [InlineData(".xxxxx", "lost@1")]
    [InlineData(".xxxxxxx..x...", "lost@1 up@11")]
    [InlineData("xxxxx...", "lost@0 up@5")]
    [InlineData(".xxxx.xxxxx", "lost@6")]
    public void A_path_is_lost_after_five_and_back_after_three(string fates, string told)
    {
        var judge = new PathJudge(5, 3, ProbeState.Unknown);
        var changes = fates.Select((fate, i) => judge.Take(fate == '.', i)).Where(static change => change is not null).Select(static change => $"{change!.Value.State}@{change.Value.At}");
        Assert.Equal(told.Length == 0 ? ["up@0"] : fates[0] == 'x' ? told.Split(' ') : ["up@0", .. told.Split(' ')], changes);
    }

    private byte[] Send(long at, long? monotonic = null)
    {
        var length = _session.Write(_buffer, Start + at, out var sequence);
        _session.OnSent(sequence, Start + at, monotonic ?? at);
        return _buffer[..length];
    }

    private void Reply(byte[] sent, uint sequence, long receivedAt, long sentAt, long cameAt, StampFollowUp followUp = default, long? monotonic = null)
    {
        Assert.True(StampTest.TryParse(sent, StampMode.Unauthenticated, null, null, out StampTest test, out _));
        var buffer = new byte[200];
        Assert.True(StampReflection.TryBegin(test, sequence, new StampArrival(Start + receivedAt, 64, 0, null, null), new StampSessionState(0, 0, followUp), Clock, null, buffer, out StampReflection reflection));
        reflection.Finish(Start + sentAt, null);
        Assert.True(StampReply.TryParse(buffer.AsSpan(0, reflection.Length), StampMode.Unauthenticated, null, null, out StampReply reply, out _));
        _session.OnReply(reply, Start + cameAt, monotonic ?? cameAt);
    }

    private void Look(long at, long? monotonic = null) => _session.Look(Start + at, monotonic ?? at, _closed);

    private MinuteTally Close(long at)
    {
        Look(at + (60 * Second));
        return Assert.Single(_closed);
    }

    private static StampTimestamp Stamp(long at) => StampTimestamp.FromUnixNanoseconds(Start + at, StampFormat.Ntp);

    private static void Near(long expected, long? actual) => Assert.InRange(actual!.Value, expected * 0.995, expected * 1.005);
}
