using Tsunagi.Protocols.Net.Stamp;

namespace Tsunagi.Connectivity.Probes;

/// <summary>
/// One probe's test packets (RFC 8762 section 4.2), without socket and clock; one caller at a time. (1) a packet is numbered and remembered as it is sent; (2) the kernel may say later when it truly left;
/// (3) a reply is paired by the number, a second one is a duplicate, one behind a later one is reordered; (4) its delay waits for the next reply, which may tell when this one truly left the reflector
/// (Follow-Up Telemetry); (5) what did not come in time is lost; (6) a minute is closed when everything sent in it is decided.
/// </summary>
internal sealed class ProbeSession(ProbeRow probe, ushort id, StampKey? key, ProbeOptions options)
{
    private const long MicrosPerMinute = 60_000_000;
    private const long Tolerated = 1_000_000; // ns: what the two ways of measuring may differ before a clock counts as set
    private const int Remembered = 4_096;

    private readonly Dictionary<uint, Sent> _sent = [];
    private readonly Queue<uint> _order = new();
    private readonly SortedDictionary<long, MinuteTally> _minutes = [];
    private readonly PathJudge _path = new(options.PathLostAfter, options.PathBackAfter, ProbeState.Unknown);
    private readonly StampErrorEstimate _error = StampErrorEstimate.Of(options.ClockError.Ticks * 100, options.ClockIsSynchronized, StampFormat.Ntp);
    private uint _next;
    private uint _latest;
    private bool _any;
    private long _closed;
    private Waiting? _waiting;
    private (uint Sequence, long Delay)? _before;

    public ProbeRow Probe => probe;

    public ushort Id => id;

    public StampKey? Key => key;

    public StampMode Mode => key is null ? StampMode.Unauthenticated : StampMode.Authenticated;

    public string State => _path.State;

    /// <summary>Told each delay as it is settled: the packet's number, nanoseconds. For whoever holds it against the truth.</summary>
    public Action<uint, long>? Settled { get; set; }

    /// <summary>Writes the next test packet, its time last; <see cref="OnSent"/> follows when it has gone out.</summary>
    public int Write(Span<byte> buffer, long nowNanoseconds, out uint sequence)
    {
        sequence = _next;
        var writer = new StampWriter(buffer, Mode, sequence, id);
        writer.Reserve(StampTlvType.FollowUpTelemetry, StampFollowUp.Octets);
        if (probe.PaddingOctets > 0)
        {
            writer.Reserve(StampTlvType.ExtraPadding, (int)probe.PaddingOctets);
        }

        return writer.TryFinish(StampTimestamp.FromUnixNanoseconds(nowNanoseconds, StampFormat.Ntp), _error, key, out var length) ? length : throw new InvalidOperationException($"a test packet of {probe.Id} is longer than its buffer");
    }

    /// <summary>It was handed to the kernel.</summary>
    /// <param name="monotonic">A clock that is never set, nanoseconds.</param>
    public void OnSent(uint sequence, long atNanoseconds, long monotonic)
    {
        // (1)
        _next++;
        var minute = atNanoseconds / 1_000 / MicrosPerMinute;
        _sent[sequence] = new Sent(minute, atNanoseconds, monotonic);
        _order.Enqueue(sequence);
        Tally(minute).Sent++;
    }

    /// <summary>The kernel says when it left.</summary>
    public void OnLeft(uint sequence, long atNanoseconds)
    {
        // (2)
        if (_sent.TryGetValue(sequence, out var sent) && Math.Abs(atNanoseconds - sent.At) < 10 * Tolerated)
        {
            sent.At = atNanoseconds;
        }
    }

    /// <summary>A reply has come, already checked.</summary>
    public PathChange? OnReply(StampReply reply, long atNanoseconds, long monotonic)
    {
        // (3)
        if (!_sent.TryGetValue(reply.SenderSequence, out var sent))
        {
            return null;
        }

        var tally = Tally(sent.Minute);
        if (sent.Fate != Fate.Open)
        {
            tally.Duplicates += sent.Fate == Fate.Came ? 1 : 0; // what came too late stays lost
            return null;
        }

        sent.Fate = Fate.Came;
        tally.Received++;
        if (_any && (int)(reply.SenderSequence - _latest) < 0)
        {
            tally.Reordered++;
        }

        (_latest, _any) = (!_any || (int)(reply.SenderSequence - _latest) > 0 ? reply.SenderSequence : _latest, true);

        // (4)
        var format = reply.ErrorEstimate.Format;
        if (_waiting is { } waiting)
        {
            var follow = reply.Tlvs.TryFind(StampTlvType.FollowUpTelemetry, out var tlv) && tlv.Flags == StampTlvFlags.None && StampFollowUp.TryRead(tlv.Value, out var told) && told.Method != StampMethod.None && told.Sequence == waiting.ReplySequence
                ? told.Timestamp.ToUnixNanoseconds(format)
                : default(long?);
            Settle(waiting, follow);
        }

        _waiting = new Waiting(
            reply.SenderSequence, reply.Sequence, sent, reply.Received.ToUnixNanoseconds(format), reply.Timestamp.ToUnixNanoseconds(format), atNanoseconds, monotonic - sent.Monotonic);
        return _path.Take(came: true, sent.At / 1_000);
    }

    /// <summary>Looks what is lost by now, and gives the minutes that are decided.</summary>
    /// <param name="closed">Takes them, the oldest first.</param>
    public PathChange? Look(long atNanoseconds, long monotonic, List<MinuteTally> closed)
    {
        // (5)
        PathChange? change = null;
        var patience = options.LostAfter.Ticks * 100;
        while (_order.TryPeek(out var sequence) && _sent.TryGetValue(sequence, out var sent) && (monotonic - sent.Monotonic >= patience || sent.Fate == Fate.Came))
        {
            _order.Dequeue();
            if (sent.Fate == Fate.Open)
            {
                sent.Fate = Fate.Lost;
                Tally(sent.Minute).Lost++;
                change = _path.Take(came: false, sent.At / 1_000) ?? change;
            }

            if (sequence >= Remembered)
            {
                _sent.Remove(sequence - Remembered); // a copy that comes later than that is not told from a stranger
            }
        }

        // (6)
        if (_waiting is { } waiting && monotonic - waiting.Sent.Monotonic >= patience)
        {
            Settle(waiting, null);
            _waiting = null;
        }

        var oldest = Math.Min(_order.TryPeek(out var open) && _sent.TryGetValue(open, out var first) ? first.Minute : long.MaxValue, _waiting?.Sent.Minute ?? long.MaxValue);
        var now = atNanoseconds / 1_000 / MicrosPerMinute;
        while (_minutes.Count > 0 && _minutes.First() is var (minute, tally) && minute < oldest && minute < now)
        {
            _minutes.Remove(minute);
            _closed = minute;
            closed.Add(tally);
        }

        return change;
    }

    /// <summary>What is not decided when probing ends here: it is not known whether it would have come, so it is not counted as sent.</summary>
    public void Close(List<MinuteTally> closed)
    {
        if (_waiting is { } waiting)
        {
            Settle(waiting, null);
            _waiting = null;
        }

        foreach (var sequence in _order)
        {
            if (_sent.TryGetValue(sequence, out var sent) && sent.Fate == Fate.Open)
            {
                Tally(sent.Minute).Sent--;
            }
        }

        closed.AddRange(_minutes.Values.Where(static tally => tally.Sent > 0));
        _minutes.Clear();
        _order.Clear();
        _sent.Clear();
    }

    private void Settle(Waiting waiting, long? leftReflector)
    {
        // A follow-up that is before what the reply itself said, or far behind it, is another's.
        var left = leftReflector is { } told && told >= waiting.ReplySent && told - waiting.ReplySent < 10 * Tolerated ? told : waiting.ReplySent;
        var whole = waiting.CameAt - waiting.Sent.At;
        var there = left - waiting.ReceivedThere;
        var delay = whole - there;
        var tally = Tally(waiting.Sent.Minute);
        if (delay < 0 || there < 0 || whole > waiting.Elapsed + Tolerated)
        {
            tally.Unclear++;
            _before = null;
            return;
        }

        tally.Delay(delay);
        Settled?.Invoke(waiting.Sequence, delay);
        if (_before is { } before && before.Sequence + 1 == waiting.Sequence)
        {
            tally.Variations.Add(Math.Abs(delay - before.Delay));
        }

        _before = (waiting.Sequence, delay);
    }

    /// <summary>Of a minute that is closed, one that nobody reads: only copies of packets still come.</summary>
    private MinuteTally Tally(long minute) => minute <= _closed ? new MinuteTally(minute) : _minutes.TryGetValue(minute, out var tally) ? tally : _minutes[minute] = new MinuteTally(minute);

    private enum Fate
    {
        Open,
        Came,
        Lost,
    }

    private sealed class Sent(long minute, long at, long monotonic)
    {
        public long Minute => minute;

        public long At { get; set; } = at;

        public long Monotonic => monotonic;

        public Fate Fate { get; set; }
    }

    private sealed record Waiting(uint Sequence, uint ReplySequence, Sent Sent, long ReceivedThere, long ReplySent, long CameAt, long Elapsed);
}
