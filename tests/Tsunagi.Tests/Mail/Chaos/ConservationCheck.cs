using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Tsunagi.Tests.Mail.Chaos;

/// <summary>
/// Proves that what was accepted was delivered, returned, held or taken back, from two witnesses alone: the segments of the spool's journal, octet by octet, and what the next hop wrote down when it took a message. It
/// shares no code with the program and asks it nothing; it knows the two formats from their descriptions (RecordHeader, SegmentHeader, SpoolRecordFormat, AcceptFacts, AttemptFacts). A third list, what
/// clients were told, is only held against the journal: nothing that was acknowledged may be missing there.
/// </summary>
internal sealed class ConservationCheck
{
    private const int SegmentHead = 4096;
    private const int RecordHead = 32;
    private const byte Report = 16;
    private const string IdAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private readonly Dictionary<string, Message> _messages = new(StringComparer.Ordinal);
    private readonly List<string> _broken = [];
    private int _torn;

    public ConservationResult Check(IEnumerable<byte[]> segments, IEnumerable<string> receptions, IEnumerable<string> acknowledged)
    {
        foreach (var segment in segments.Select(static bytes => (Bytes: bytes, Base: BaseOf(bytes))).Where(static segment => segment.Base is not null).OrderBy(static segment => segment.Base))
        {
            Read(segment.Bytes);
        }

        var got = receptions.GroupBy(static line => line, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.Count(), StringComparer.Ordinal);
        var counts = new int[5];
        foreach (var message in _messages.Values.Where(static message => !message.IsWithdrawn))
        {
            for (var i = 0; i < message.Recipients.Length; i++)
            {
                counts[(int)FateOf(message, i, got.ContainsKey($"{message.Id} {message.Recipients[i]}"))]++;
            }
        }

        foreach (var line in got.Keys.Where(line => !_messages.TryGetValue(line[..line.IndexOf(' ', StringComparison.Ordinal)], out var message) || message.IsWithdrawn))
        {
            // A withdrawn message may have left only if it had been accepted after all.
            _broken.Add($"{line} was received, and the journal never accepted it");
        }

        foreach (var id in acknowledged.Where(id => !_messages.TryGetValue(id, out var message) || message.IsWithdrawn))
        {
            _broken.Add($"{id} was acknowledged, and the journal does not hold it");
        }

        return new ConservationResult(counts.Sum(), counts[(int)Fate.Delivered], counts[(int)Fate.Returned], counts[(int)Fate.Held], counts[(int)Fate.Recalled], counts[(int)Fate.Open], got.Values.Sum(static times => times - 1), _torn, _broken);
    }

    private Fate FateOf(Message message, int recipient, bool received)
    {
        var state = message.States is { } states && recipient < states.Length ? states[recipient] : State.Waiting;
        switch (state)
        {
            case State.Delivered:
                if (!received)
                {
                    _broken.Add($"{message.Id} to {message.Recipients[recipient]} is delivered by the journal, and nobody received it");
                }

                return received ? Fate.Delivered : Fate.Open;
            case State.Failed or State.Expired or State.Recalled:
                if (received)
                {
                    _broken.Add($"{message.Id} to {message.Recipients[recipient]} was {(state == State.Recalled ? "taken back" : "returned")} although it was received");
                }

                if (!message.Reports.Exists(report => _messages.TryGetValue(report, out var told) && told.IsReport && told.Recipients[0] == message.ReversePath && told.About == message.Id))
                {
                    _broken.Add($"{message.Id} to {message.Recipients[recipient]} failed, and no report about it was accepted for {message.ReversePath}");
                    return Fate.Open;
                }

                return state == State.Recalled ? Fate.Recalled : Fate.Returned;
            case State.Held:
                return Fate.Held;
            case State.Dropped when message.IsReport:
                return Fate.Returned;
            default:
                if (message.IsToBeHeld)
                {
                    return Fate.Held;
                }

                _broken.Add($"{message.Id} to {message.Recipients[recipient]} has no fate: state {state}");
                return Fate.Open;
        }
    }

    private void Read(byte[] segment)
    {
        var head = HeadOf(segment)!;
        var (@base, salt) = (BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(16)), BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(24)));
        for (var at = SegmentHead; at + RecordHead <= segment.Length;)
        {
            var rest = segment.AsSpan(at);
            if (BinaryPrimitives.ReadUInt64LittleEndian(rest) == 0)
            {
                // Nothing was written here: on to the next octet that is something.
                var next = rest.IndexOfAnyExcept((byte)0);
                if (next < 0)
                {
                    return;
                }

                at += Math.Max(8, next & ~7);
                continue;
            }

            var seed = BitOperations.Crc32C(BitOperations.Crc32C(BitOperations.Crc32C(uint.MaxValue, salt), (ulong)@base), (ulong)at);
            var length = (int)(BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) & 0xFFFFFF);
            var body = BinaryPrimitives.ReadInt32LittleEndian(rest[8..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(rest) != Crc(seed, rest[4..RecordHead]) || body < 0 || RecordHead + (long)length + body > rest.Length
                || ~Crc(uint.MaxValue, rest.Slice(RecordHead, length)) != BinaryPrimitives.ReadUInt32LittleEndian(rest[12..]))
            {
                at += 8;
                continue;
            }

            if (~Crc(uint.MaxValue, rest.Slice(RecordHead + length, body)) != BinaryPrimitives.ReadUInt32LittleEndian(rest[16..]))
            {
                // Its body never reached the disk whole: no record. If it was acknowledged all the same, the list of what was tells.
                _torn++;
                at += 8;
                continue;
            }

            Take(rest[7], rest.Slice(RecordHead, length));
            at += (RecordHead + length + body + 7) & ~7;
        }
    }

    private void Take(byte kind, ReadOnlySpan<byte> record)
    {
        switch (kind)
        {
            case 1:
                Accept(record, record[44..]);
                break;
            case 2 or 3:
                Attempt(IdOf(record), record[16..]);
                break;
            case 4:
                var facts = BinaryPrimitives.ReadInt32LittleEndian(record[52..]);
                Accept(record, record.Slice(60, facts));
                if (BinaryPrimitives.ReadInt32LittleEndian(record[56..]) >= 0)
                {
                    Attempt(IdOf(record), record[(60 + facts)..]);
                }

                break;
        }
    }

    private void Accept(ReadOnlySpan<byte> record, ReadOnlySpan<byte> facts)
    {
        var from = new Cursor(facts);
        var version = from.Byte();
        var flags = from.Byte();
        from.Skip(numbers: 2, texts: 2);
        byte hold = 0;
        if (version >= 2)
        {
            hold = from.Byte();
            from.Skip(numbers: 0, texts: 2);
        }

        var reversePath = from.Text();
        from.Skip(numbers: 0, texts: 4);
        var about = from.Text();
        from.Skip(numbers: 0, texts: 3);
        var recipients = new string[from.Number()];
        for (var i = 0; i < recipients.Length; i++)
        {
            recipients[i] = from.Text();
        }

        var id = IdOf(record);
        if (!_messages.ContainsKey(id))
        {
            _messages[id] = new Message(id, reversePath, recipients, (flags & Report) != 0, hold != 0, about);
        }
    }

    private void Attempt(string id, ReadOnlySpan<byte> facts)
    {
        if (!_messages.TryGetValue(id, out var message))
        {
            _broken.Add($"{id} has an outcome in the journal, and no acceptance");
            return;
        }

        var from = new Cursor(facts);
        from.Byte();
        from.Skip(numbers: 0, texts: 2);
        from.Skip(numbers: 4, texts: 3);
        var report = from.Text();
        if (report.Length > 0)
        {
            message.Reports.Add(report);
        }

        var states = new State[from.Number()];
        for (var i = 0; i < states.Length; i++)
        {
            states[i] = (State)from.Byte();
        }

        message.States = states;
    }

    private static string IdOf(ReadOnlySpan<byte> record)
    {
        var value = BinaryPrimitives.ReadUInt128BigEndian(record);
        var text = new char[26];
        for (var i = 25; i >= 0; i--, value >>= 5)
        {
            text[i] = IdAlphabet[(int)(uint)(value & 31)];
        }

        return "m_" + new string(text);
    }

    private static long? BaseOf(byte[] segment) => HeadOf(segment) is { } head ? BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(16)) : null;

    // The head stands twice.
    private static byte[]? HeadOf(byte[] segment)
    {
        foreach (var at in (int[])[0, SegmentHead / 2])
        {
            if (segment.Length >= at + 44 && segment.AsSpan(at).StartsWith("TSUNALOG"u8)
                && BinaryPrimitives.ReadUInt32LittleEndian(segment.AsSpan(at + 40)) == ~Crc(uint.MaxValue, segment.AsSpan(at, 40)))
            {
                return segment[at..(at + 44)];
            }
        }

        return null;
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> octets)
    {
        for (; octets.Length >= 8; octets = octets[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(octets));
        }

        foreach (var octet in octets)
        {
            crc = BitOperations.Crc32C(crc, octet);
        }

        return crc;
    }

    private enum State : byte
    {
        Waiting,
        Delivered,
        Failed,
        Expired,
        Dropped,
        Held,
        Recalled = 9,
    }

    private enum Fate
    {
        Delivered,
        Returned,
        Held,
        Recalled,
        Open,
    }

    private sealed record Message(string Id, string ReversePath, string[] Recipients, bool IsReport, bool IsToBeHeld, string About)
    {
        public State[]? States { get; set; }

        public List<string> Reports { get; } = [];

        /// <summary>Refused after all: its client was told so.</summary>
        public bool IsWithdrawn => !IsReport && States is { } states && Array.TrueForAll(states, static state => state == State.Dropped);
    }

    /// <summary>Numbers of seven bits an octet, texts with their length before them.</summary>
    private ref struct Cursor(ReadOnlySpan<byte> octets)
    {
        private ReadOnlySpan<byte> _rest = octets;

        public byte Byte()
        {
            var octet = _rest[0];
            _rest = _rest[1..];
            return octet;
        }

        public long Number()
        {
            long number = 0;
            for (var shift = 0; ; shift += 7)
            {
                var octet = Byte();
                number |= (long)(octet & 0x7F) << shift;
                if (octet < 0x80)
                {
                    return number;
                }
            }
        }

        public string Text()
        {
            var length = (int)Number();
            var text = Encoding.UTF8.GetString(_rest[..length]);
            _rest = _rest[length..];
            return text;
        }

        public void Skip(int numbers, int texts)
        {
            for (; numbers > 0; numbers--)
            {
                Number();
            }

            for (; texts > 0; texts--)
            {
                Text();
            }
        }
    }
}

/// <summary>What became of every recipient of every accepted message.</summary>
/// <param name="Open">Without a fate, or with one that a witness denies.</param>
/// <param name="Again">Receptions beyond the first of a message and recipient.</param>
/// <param name="Torn">Records of which only the head and the facts were on the disk.</param>
/// <param name="Broken">What does not hold, in words.</param>
internal sealed record ConservationResult(int Accepted, int Delivered, int Returned, int Held, int Recalled, int Open, int Again, int Torn, IReadOnlyList<string> Broken)
{
    public bool Holds => Broken.Count == 0 && Open == 0 && Accepted == Delivered + Returned + Held + Recalled;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Accepted} accepted = {Delivered} delivered + {Returned} returned + {Held} held + {Recalled} taken back, {Open} open{(Broken.Count > 0 ? "; " + Broken[0] : "")}");
}
