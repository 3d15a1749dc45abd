using System.Buffers.Binary;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Arms;

namespace Tsunagi.Routers.Heartbeats;

/// <summary>
/// What this node heard of each box: rows in chunks, found by distribution id. Nothing of a datagram is believed before its HMAC is. The protocol has neither clock nor number, so a recorded heartbeat can be sent again: one whose
/// counters are lower than those before is not taken, and the passphrase is made anew at each pull.
/// </summary>
internal sealed class HeartbeatBook(HeartbeatOptions options)
{
    public const int MostUnknown = 10_000;
    private const int ChunkRows = 512;
    private const int MostTroubles = 1_000;
    private const int DigestAt = 4;
    private const long Minute = 60 * UnixMicros.PerSecond;
    private const long Hour = 60 * Minute;
    private const long UnknownFor = Minute;
    private const long HoursEvery = 10 * Minute;
    private const long LookUpEvery = 10 * UnixMicros.PerSecond;

    private readonly Lock _turn = new();
    private readonly Dictionary<UInt128, int> _index = [];
    private readonly Dictionary<UInt128, long> _unknown = [];
    private readonly List<HeartbeatRow[]> _chunks = [];
    private readonly Stack<int> _free = [];
    private readonly Queue<int> _dirty = [];
    private readonly Queue<HeartbeatTrouble> _troubles = [];
    private readonly long _interval = (long)options.Interval.TotalMicroseconds;
    private int _used;

    /// <summary>Boxes that are held.</summary>
    public int Count
    {
        get
        {
            lock (_turn)
            {
                return _index.Count;
            }
        }
    }

    /// <summary>
    /// The way of a datagram: (1) whose it says it is, and whether that one is known, (2) its HMAC, before anything else of it is believed, (3) it is not too early, (4) its records, (5) it continues what was counted, (6) it is taken.
    /// </summary>
    /// <param name="address">Whence it came, as 128 bits.</param>
    /// <param name="now">µs since 1970.</param>
    public HeartbeatOutcome Take(ReadOnlySpan<byte> datagram, UInt128 address, long now)
    {
        // (1)
        if (!Heartbeat.TryReadId(datagram, out var id))
        {
            return HeartbeatOutcome.Unread;
        }

        lock (_turn)
        {
            if (!_index.TryGetValue(id.Value, out var at))
            {
                return _unknown.TryGetValue(id.Value, out var until) && now < until || _index.Count >= options.MaxBoxes ? HeartbeatOutcome.Nobody : HeartbeatOutcome.Unknown;
            }

            ref var row = ref Row(at);

            // (2)
            if (!Heartbeat.IsMadeWith(datagram, row.Key))
            {
                return WrongKey(ref row, now);
            }

            // (3)
            if (row.HasCounters && now - row.HeardAt < _interval / 2)
            {
                return HeartbeatOutcome.Early;
            }

            // (4) (5) (6)
            return Take(ref row, at, datagram, address, now);
        }
    }

    /// <summary>A box as the store has it: new here, or with a new passphrase. What was heard here stays, unless the box is another site's meanwhile.</summary>
    public void Put(HeartbeatBox box, long now)
    {
        lock (_turn)
        {
            _unknown.Remove(box.Id.Value);
            if (_index.TryGetValue(box.Id.Value, out var at))
            {
                ref var known = ref Row(at);
                if (known.FirstAt == box.FirstAt)
                {
                    if (known.KeyedAt < box.KeyedAt)
                    {
                        (known.KeyedAt, known.SuspectAt) = (box.KeyedAt, 0);
                        Copy(box.Passphrase, ref known.Key);
                    }

                    return;
                }
            }
            else if (_index.Count >= options.MaxBoxes)
            {
                return;
            }
            else
            {
                at = _free.Count > 0 ? _free.Pop() : _used++;
                if (at / ChunkRows == _chunks.Count)
                {
                    _chunks.Add(new HeartbeatRow[ChunkRows]);
                }

                _index[box.Id.Value] = at;
            }

            ref var row = ref Row(at);
            var isDirty = row.IsDirty;
            row = new HeartbeatRow
            {
                Id = box.Id.Value, Device = box.Device, FirstAt = box.FirstAt, KeyedAt = box.KeyedAt, HeardAt = box.HeardAt, Counters = box.Counters, Cpu = HeartbeatMinutes.NoPercent, Minutes = box.Minutes,
                MinutesKeptAt = now - Spread(box.Id.Value, HoursEvery), IsDirty = isDirty,
            };
            Copy(box.Passphrase, ref row.Key);
        }
    }

    /// <summary>The store did not know this id.</summary>
    /// <param name="asked">µs: when it was asked; what came to this node since stays.</param>
    public void PutUnknown(UInt128 id, long asked, long now)
    {
        lock (_turn)
        {
            if (_index.TryGetValue(id, out var at) && Row(at).KeyedAt >= asked)
            {
                return;
            }

            if (_unknown.Count >= MostUnknown)
            {
                // A flood of made-up ids: forgetting them costs one more look at the store each, which is paced.
                _unknown.Clear();
            }

            _unknown[id] = now + UnknownFor;
            Remove(id);
        }
    }

    /// <summary>The box left its site: not one more of its heartbeats is taken.</summary>
    public void Forget(string identity)
    {
        if (DistributionId.TryParse(identity, out var id))
        {
            lock (_turn)
            {
                Remove(id.Value);
            }
        }
    }

    /// <summary>The same, for a box that another node gave to nobody; one that is a site's again meanwhile stays.</summary>
    public void Forget(UInt128 id, long firstAt)
    {
        lock (_turn)
        {
            if (_index.TryGetValue(id, out var at) && Row(at).FirstAt == firstAt)
            {
                Remove(id);
            }
        }
    }

    /// <summary>What changed since it was asked last, at most so much; every ten minutes with the box's hour.</summary>
    public List<HeartbeatKept> TakeDirty(int most, long now)
    {
        List<HeartbeatKept> kept = [];
        lock (_turn)
        {
            while (kept.Count < most && _dirty.TryDequeue(out var at))
            {
                ref var row = ref Row(at);
                row.IsDirty = false;
                if (row.Device is not { } device)
                {
                    continue;
                }

                var isHourDue = now - row.MinutesKeptAt >= HoursEvery;
                row.MinutesKeptAt = isHourDue ? now : row.MinutesKeptAt;
                kept.Add(new HeartbeatKept(
                    row.Id, device, row.FirstAt, row.HeardAt, row.Address, row.Streak, row.Cpu, row.MemoryUsed, row.MemoryAvailable, HeartbeatInterfaces.Write(row.Counters), row.Minutes.Newest,
                    isHourDue ? row.Minutes.ToText() : null));
            }
        }

        return kept;
    }

    /// <summary>What was taken could not be kept: it is taken again.</summary>
    public void PutBack(IReadOnlyList<HeartbeatKept> kept)
    {
        lock (_turn)
        {
            foreach (var box in kept)
            {
                if (_index.TryGetValue(box.Id, out var at))
                {
                    Row(at).MinutesKeptAt = box.Hour is null ? Row(at).MinutesKeptAt : 0;
                    Soil(at);
                }
            }
        }
    }

    /// <summary>Boxes whose hour the store does not have as it is here: before the program stops.</summary>
    public void SoilAll()
    {
        lock (_turn)
        {
            foreach (var at in _index.Values)
            {
                if (Row(at).HeardAt > Row(at).MinutesKeptAt)
                {
                    Row(at).MinutesKeptAt = 0;
                    Soil(at);
                }
            }
        }
    }

    /// <summary>What this node knows of a box; null when it holds none, or never heard it.</summary>
    public HeartbeatReading? Read(DistributionId id)
    {
        lock (_turn)
        {
            if (!_index.TryGetValue(id.Value, out var at) || Row(at) is not { HeardAt: > 0, Latest: not 0 } row)
            {
                return null;
            }

            return new HeartbeatReading(row.FirstAt, row.HeardAt, HeartbeatAddress.Text(row.Address), row.Cpu, row.MemoryUsed, row.MemoryAvailable, HeartbeatInterfaces.Of(row.Counters), row.Minutes);
        }
    }

    /// <summary>What is to be told of boxes whose heartbeats were refused: each at most once an hour.</summary>
    public IReadOnlyList<HeartbeatTrouble> TakeTroubles(int most)
    {
        lock (_turn)
        {
            List<HeartbeatTrouble> troubles = [];
            while (troubles.Count < most && _troubles.TryDequeue(out var trouble))
            {
                troubles.Add(trouble);
            }

            return troubles;
        }
    }

    /// <summary>The boxes that are held, with the moment since when each is its site's.</summary>
    public IReadOnlyList<(UInt128 Id, string Device, long FirstAt)> Boxes()
    {
        lock (_turn)
        {
            List<(UInt128, string, long)> boxes = new(_index.Count);
            foreach (var (id, at) in _index)
            {
                boxes.Add((id, Row(at).Device!, Row(at).FirstAt));
            }

            return boxes;
        }
    }

    // (2) A box that pulled a moment ago may have sent this with the passphrase before.
    private HeartbeatOutcome WrongKey(ref HeartbeatRow row, long now)
    {
        if (now - row.LookedUpAt >= LookUpEvery)
        {
            row.LookedUpAt = now;
            return HeartbeatOutcome.PerhapsNewKey;
        }

        if (now - row.KeyedAt > 2 * _interval)
        {
            Tell(ref row, "wrong-hmac", now);
        }

        return HeartbeatOutcome.WrongKey;
    }

    private HeartbeatOutcome Take(ref HeartbeatRow row, int at, ReadOnlySpan<byte> datagram, UInt128 address, long now)
    {
        // (4)
        if (!HeartbeatRecords.TryRead(datagram, out var said))
        {
            return HeartbeatOutcome.Unread;
        }

        // (5) Two that continue each other show that the box's counters began anew, as they do when a line is dialled again.
        var digest = BinaryPrimitives.ReadUInt64BigEndian(datagram[DigestAt..]);
        var follows = !row.HasCounters || said.Counters.Follow(row.Counters);
        if (!follows && (row.SuspectAt == 0 || digest == row.SuspectDigest || now - row.SuspectAt < _interval / 2 || !said.Counters.Follow(row.Suspect)))
        {
            (row.Suspect, row.SuspectDigest, row.SuspectAt) = (said.Counters, digest, now);
            Tell(ref row, "older", now);
            return HeartbeatOutcome.Older;
        }

        // (6)
        var elapsed = now - row.HeardAt;
        if (!said.Counters.AreOfTheSame(row.Counters))
        {
            // The places of its hour were those of other interfaces.
            row.Minutes = default;
        }

        said.SetRates(row.HasCounters && follows && elapsed <= Hour / 6 ? row.Counters : default, elapsed);
        row.Streak = row.HeardAt > 0 && elapsed < 2 * _interval ? Math.Min(row.Streak + 1, int.MaxValue - 1) : 1;
        (row.HeardAt, row.Address, row.Latest, row.SuspectAt, row.Counters) = (now, address, Math.Max(digest, 1), 0, said.Counters);
        (row.Cpu, row.MemoryUsed, row.MemoryAvailable) = (said.Cpu, said.MemoryUsed, said.MemoryAvailable);
        if (row.Minutes.Begin(now / Minute))
        {
            said.Fill(ref row.Minutes.Now);
        }

        Soil(at);
        return HeartbeatOutcome.Heard;
    }

    private void Tell(ref HeartbeatRow row, string why, long now)
    {
        if (now - row.RefusedToldAt >= Hour && _troubles.Count < MostTroubles)
        {
            row.RefusedToldAt = now;
            _troubles.Enqueue(new HeartbeatTrouble(row.Device!, why));
        }
    }

    private void Soil(int at)
    {
        ref var row = ref Row(at);
        if (!row.IsDirty)
        {
            row.IsDirty = true;
            _dirty.Enqueue(at);
        }
    }

    // A dirty row may stand in the queue still: it is passed over there.
    private void Remove(UInt128 id)
    {
        if (_index.Remove(id, out var at))
        {
            Row(at) = new HeartbeatRow { IsDirty = Row(at).IsDirty };
            _free.Push(at);
        }
    }

    // Boxes of one start do not keep their hours at one moment.
    private static long Spread(UInt128 id, long over) => (long)((ulong)id * 0x9E37_79B9_7F4A_7C15 % (ulong)over);

    private ref HeartbeatRow Row(int at) => ref _chunks[at / ChunkRows][at % ChunkRows];

    private static void Copy(ReadOnlySpan<byte> passphrase, ref HeartbeatKey key) => passphrase.CopyTo(key);
}
