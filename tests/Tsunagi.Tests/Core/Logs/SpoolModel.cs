using System.Text;
using Tsunagi.Core.Logs;

namespace Tsunagi.Tests.Core.Logs;

/// <summary>
/// What the spool has promised, kept beside it. Every change has a unique text; it is open until it is acknowledged or its failure is resolved by what
/// a start finds. <see cref="PromiseBroken"/> says which promise did not hold. The changes of a burst run beside each other: what they call is under
/// one lock, the rest is called between bursts.
/// </summary>
internal sealed class SpoolModel
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SpoolId, Item> _items = [];
    private readonly HashSet<string> _mustBeSeen = [];
    private readonly HashSet<string> _mayBeSeen = [];
    private readonly HashSet<string> _seen = [];
    private int _changes;

    public LogPosition Committed { get; private set; } = LogPosition.Start;

    /// <summary>Items that are there for certain and on which nothing is open.</summary>
    public SpoolId[] Settled => [.. _items.Where(pair => pair.Value is { Accepted: true, Remove: null, OpenNotes.Count: 0 }).Select(pair => pair.Key).Order()];

    public string BeginAccept(SpoolId id, byte[] body)
    {
        lock (_gate)
        {
            var facts = $"accept {++_changes}";
            _items[id] = new Item(facts, body);
            _mayBeSeen.Add(facts);
            return facts;
        }
    }

    public string BeginNote(SpoolId id)
    {
        lock (_gate)
        {
            var note = $"note {++_changes}";
            _items[id].OpenNotes.Add(note);
            _mayBeSeen.Add(note);
            return note;
        }
    }

    public string BeginRemove(SpoolId id)
    {
        lock (_gate)
        {
            var facts = $"remove {++_changes}";
            _items[id].Remove = facts;
            _mayBeSeen.Add(facts);
            return facts;
        }
    }

    public void Accepted(SpoolId id, string facts)
    {
        lock (_gate)
        {
            _items[id].Accepted = true;
            Acknowledged(facts);
        }
    }

    public void Noted(SpoolId id, string note)
    {
        lock (_gate)
        {
            _items[id].Note = note;
            _items[id].OpenNotes.Remove(note);
            Acknowledged(note);
        }
    }

    public void Removed(SpoolId id, string facts)
    {
        lock (_gate)
        {
            _items.Remove(id);
            Acknowledged(facts);
        }
    }

    /// <summary>Refused before anything was written.</summary>
    public void NeverAccepted(SpoolId id)
    {
        lock (_gate)
        {
            _items.Remove(id);
        }
    }

    /// <summary>Holds the live set of a start against the promises, and takes what it shows of open changes as the truth from then on.</summary>
    public void Meet(Spool spool)
    {
        var live = spool.Live.ToDictionary(item => item.Id);
        foreach (var id in live.Keys.Where(id => !_items.ContainsKey(id)))
        {
            throw new PromiseBroken($"{id} lives although its removal was acknowledged, or was never accepted");
        }

        foreach (var (id, item) in _items.ToArray())
        {
            if (!live.TryGetValue(id, out var found))
            {
                if (item is { Accepted: true, Remove: null })
                {
                    throw new PromiseBroken($"{item.Facts} was acknowledged and is gone");
                }

                _items.Remove(id);
                continue;
            }

            MeetItem(spool, item, found);
        }
    }

    /// <summary>Takes what a consumer reads after <see cref="Committed"/>.</summary>
    public void Consume(SpoolBatch batch)
    {
        foreach (var record in batch.Records)
        {
            var facts = Encoding.ASCII.GetString(record.Facts.Span);
            if (!_mayBeSeen.Contains(facts))
            {
                throw new PromiseBroken($"a consumer saw {facts}, which nobody wrote");
            }

            if (!_seen.Add(facts))
            {
                throw new PromiseBroken($"a consumer saw {facts} twice");
            }

            _mustBeSeen.Remove(facts);
            Witness(record.Id, record.Kind, facts);
        }

        Committed = batch.End;
    }

    /// <summary>After a consumer has read to the end.</summary>
    public void NothingUnseen()
    {
        if (_mustBeSeen.Count > 0)
        {
            throw new PromiseBroken($"a consumer at the end of the log never saw {_mustBeSeen.First()}, which was acknowledged");
        }
    }

    /// <summary>What a consumer has seen was synced: it must not be undone, acknowledged or not.</summary>
    private void Witness(SpoolId id, SpoolRecordKind kind, string facts)
    {
        if (!_items.TryGetValue(id, out var item))
        {
            return;
        }

        switch (kind)
        {
            case SpoolRecordKind.Accept:
                item.Accepted = true;
                break;
            case SpoolRecordKind.Remove when item.Remove == facts:
                _items.Remove(id);
                break;
        }
    }

    private void Acknowledged(string facts)
    {
        if (!_seen.Contains(facts))
        {
            _mustBeSeen.Add(facts);
        }
    }

    private static void MeetItem(Spool spool, Item item, SpoolItem found)
    {
        if (Encoding.ASCII.GetString(found.Facts.Span) != item.Facts)
        {
            throw new PromiseBroken($"{item.Facts} came back with other facts");
        }

        var note = found.Note is { } bytes ? Encoding.ASCII.GetString(bytes.Span) : null;
        if (note != item.Note && !item.OpenNotes.Contains(note!))
        {
            throw new PromiseBroken($"{item.Facts} came back with the note '{note}', not '{item.Note}'");
        }

        try
        {
            using var reader = spool.OpenBody(found.Id);
            var body = new byte[reader.Length];
            if (reader.Read(0, body) != body.Length || !body.AsSpan().SequenceEqual(item.Body))
            {
                throw new PromiseBroken($"{item.Facts} came back with another body");
            }
        }
        catch (SpoolBodyLostException e)
        {
            throw new PromiseBroken($"{item.Facts} came back without its body: {e.Message}");
        }

        (item.Accepted, item.Remove, item.Note) = (true, null, note);
        item.OpenNotes.Clear();
    }

    private sealed class Item(string facts, byte[] body)
    {
        public string Facts => facts;

        public byte[] Body => body;

        public bool Accepted { get; set; }

        public string? Note { get; set; }

        public List<string> OpenNotes { get; } = [];

        public string? Remove { get; set; }
    }
}

/// <summary>The spool did not keep a promise.</summary>
internal sealed class PromiseBroken(string which) : Exception(which);
