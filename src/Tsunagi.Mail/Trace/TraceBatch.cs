using System.Globalization;
using System.Text.Json;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Logs;
using Tsunagi.Mail.Shadow;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Trace;

/// <summary>
/// Records of the spool read together, folded by message: one that was accepted and delivered within the batch becomes its finished rows at once,
/// with no row written twice.
/// </summary>
internal sealed class TraceBatch
{
    private readonly Dictionary<SpoolId, Entry> _entries = [];

    /// <summary>In the order of their first record.</summary>
    public List<Entry> Entries { get; } = [];

    public List<Event> Events { get; } = [];

    /// <summary>Records that this program could not read.</summary>
    public int Unreadable { get; private set; }

    public static TraceBatch From(IReadOnlyList<SpoolRecord> records)
    {
        var batch = new TraceBatch();
        for (var i = 0; i < records.Count; i++)
        {
            batch.Add(records[i]);
        }

        return batch;
    }

    /// <summary>Messages that were refused after their content was judged, or only watched: they have no record in the spool.</summary>
    public static TraceBatch From(IReadOnlyList<JudgedMessage> refused)
    {
        var batch = new TraceBatch();
        foreach (var message in refused)
        {
            var entry = batch.EntryOf(message.Id);
            entry.Accept = message.Facts;
            entry.Attempts.Add(message.Outcome);
            entry.Shadow = message.Shadow;
            var type = message.Shadow is not null ? MailEvents.Watched : message.Reply.StartsWith('4') ? MailEvents.PutOff : MailEvents.Rejected;
            batch.Events.Add(new Event(
                Id.Format("e", message.Facts.AcceptedMicros / 1000, Tail(message.Id, SpoolRecordKind.Accept, 1)), type, message.Facts.AcceptedMicros, message.Facts.TenantPath,
                message.Id.ToString(), JsonSerializer.Serialize(new { subscription = message.Facts.Subscription, recipients = message.Facts.Recipients.Count, reason = message.Reason })));
        }

        return batch;
    }

    private void Add(in SpoolRecord record)
    {
        var read = record.Kind == SpoolRecordKind.Accept ? AddAccept(record) : AddAttempt(record);
        Unreadable += read ? 0 : 1;
    }

    private bool AddAccept(in SpoolRecord record)
    {
        if (!AcceptFacts.TryRead(record.Facts.Span, out var facts))
        {
            return false;
        }

        EntryOf(record.Id).Accept = facts;
        var held = facts.Flags.HasFlag(MessageFlags.Held);
        Add(record, held ? MailEvents.Held : MailEvents.Accepted, 0, facts.TenantPath, string.Create(
            CultureInfo.InvariantCulture, $$"""{"subscription":"{{facts.Subscription}}","recipients":{{facts.Recipients.Count}},"bytes":{{facts.SizeBytes}}}"""));
        return true;
    }

    private bool AddAttempt(in SpoolRecord record)
    {
        if (!AttemptFacts.TryRead(record.Facts.Span, out var facts))
        {
            return false;
        }

        EntryOf(record.Id).Attempts.Add(facts);
        var state = MessageState.Of(facts);
        var type = state switch
        {
            MessageState.Deferred => MailEvents.Deferred,
            MessageState.Queued or MessageState.Pending => MailEvents.PendingDecided,
            MessageState.Recalled => MailEvents.Recalled,
            MessageState.Delivered => MailEvents.Delivered,
            MessageState.Dropped => MailEvents.Dropped,
            MessageState.Quarantined => MailEvents.QuarantineHeld,
            _ => MailEvents.Failed,
        };
        Add(record, type, facts.Attempt, facts.TenantPath, state == MessageState.Quarantined
            ? string.Create(CultureInfo.InvariantCulture, $$"""{"subscription":"{{facts.Subscription}}","class":"{{facts.Address}}","recipients":{{facts.States.Count}}}""")
            : string.Create(CultureInfo.InvariantCulture, $$"""{"subscription":"{{facts.Subscription}}","attempt":{{facts.Attempt}},"state":"{{state}}"}"""));
        return true;
    }

    private Entry EntryOf(SpoolId id)
    {
        if (!_entries.TryGetValue(id, out var entry))
        {
            _entries[id] = entry = new Entry(id.ToString());
            Entries.Add(entry);
        }

        return entry;
    }

    // The id of an event follows from its message, its act and the attempt: read again after a crash, it is the same event.
    private void Add(in SpoolRecord record, string type, int attempt, string tenantPath, string data)
    {
        Events.Add(new Event(Id.Format("e", record.TimeMicros / 1000, Tail(record.Id, record.Kind, attempt)), type, record.TimeMicros, tenantPath, record.Id.ToString(), data));
    }

    private static byte[] Tail(SpoolId message, SpoolRecordKind kind, int attempt)
    {
        Span<byte> bytes = stackalloc byte[SpoolId.Size];
        new SpoolId(message.Value ^ (((UInt128)(byte)kind << 32) | (uint)attempt)).Write(bytes);
        return bytes[6..].ToArray();
    }

    /// <summary>What the batch tells of one message.</summary>
    internal sealed class Entry(string id)
    {
        public string Id => id;

        /// <summary>Null when it was accepted before this batch.</summary>
        public AcceptFacts? Accept { get; set; }

        public List<AttemptFacts> Attempts { get; } = [];

        /// <summary>What both filters said, where it was only watched.</summary>
        public ShadowWord? Shadow { get; set; }

        public AttemptFacts? Last => Attempts.Count > 0 ? Attempts[^1] : null;
    }
}
