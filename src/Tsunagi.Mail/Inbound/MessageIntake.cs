using System.Buffers;
using System.Net;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Net.Tls;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Submission;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>
/// Takes one transaction's content into the spool (steps 4 to 6 of <see cref="SmtpConnectionHandler"/>): parts by subscription, trace header, content,
/// facts, acceptance. Reused for every transaction of a session.
/// </summary>
internal sealed partial class MessageIntake : IDisposable
{
    // Room for our own trace header, and for what is added, when a next hop's SIZE is near.
    private const int TraceHeaderRoom = 1024;

    private readonly SmtpSessionServices _services;
    private readonly string _client;
    private readonly string _hostName;
    private readonly IPAddress? _clientAddress;
    private readonly ArrivingHeader _header;
    private readonly HeaderSieve _sieve;
    private readonly ContentSink _sink;
    private readonly List<IntakePart> _parts = [];
    private readonly List<SpoolBody> _bodies = [];
    private long _acceptedMicros;
    private LiveCredential? _submitter;
    private string _missing = "";

    public MessageIntake(SmtpSessionServices services, string client)
    {
        _services = services;
        _client = client;
        _clientAddress = IPAddress.TryParse(client, out var address) ? address : null;
        _hostName = services.Door.ServerOptions.HostName;
        _header = new ArrivingHeader(_hostName);
        _sieve = new HeaderSieve(new ForgedFields(_hostName));
        _sink = new ContentSink(_header, _sieve);
    }

    /// <summary>Reads the content of the running transaction; set by <see cref="Begin"/>.</summary>
    public SmtpDataReader Reader { get; private set; } = new(0);

    /// <summary>The client spoke before it was greeted.</summary>
    public bool SpokeEarly { get; set; }

    public void Reset()
    {
        DropBodies();
        _parts.Clear();
        _seen.Clear();
    }

    public void Dispose()
    {
        DropBodies();
        _header.Dispose();
        _sieve.Dispose();
    }

    /// <summary>A recipient that was accepted.</summary>
    public SmtpReply Add(RecipientVerdict verdict)
    {
        IntakePart? part = null;
        foreach (var known in _parts)
        {
            if (known.IsOutbound == verdict.IsOutbound && known.IsFeedback == verdict.IsFeedback && (known.Gateway == verdict.Gateway || (known.Gateway is not null && known.Gateway.Subscription == verdict.Gateway?.Subscription)))
            {
                part = known;
                break;
            }
        }

        if (part is null)
        {
            _parts.Add(part = new IntakePart(verdict.Gateway, verdict.IsOutbound, verdict.IsFeedback));
        }

        // A recipient named twice gets one copy.
        if (!part.Recipients.Contains(verdict.Recipient))
        {
            part.Recipients.Add(verdict.Recipient);
        }

        return verdict.Reply;
    }

    /// <summary>354, or why no message may come now. Opens the bodies and writes the trace header of each.</summary>
    public SmtpReply Begin(SmtpServerMachine machine, TlsSession? tls)
    {
        if (_services.Spool.WhyNoIntake() is { } refusal)
        {
            return refusal;
        }

        var limit = _services.Options.Inbound.MaxMessageBytes;
        _acceptedMicros = _services.Time.NowMicros();
        _header.Reset();
        try
        {
            foreach (var part in _parts)
            {
                part.Id = SpoolId.New(_services.Time);
                part.Body = _services.Spool.BeginBody();
                _bodies.Add(part.Body);
                TraceFieldOf(machine, tls, part).WriteTo(part.Body, machine.Transaction!.Parameters.SmtpUtf8);
                part.TraceBytes = (int)part.Body.Length;
                limit = Math.Min(limit, LimitOf(part));
            }
        }
        catch (IOException)
        {
            // The spool went just now.
            Reset();
            return SmtpReplies.LocalError;
        }

        _sink.Begin(_bodies);
        Reader = new SmtpDataReader(limit);
        return SmtpReplies.StartMailInput;
    }

    /// <summary>True when the end of the content was read.</summary>
    public bool Read(ref ReadOnlySequence<byte> buffer) => Reader.Read(ref buffer, _sink);

    /// <summary>Makes the message durable and hands it on; 250 names it.</summary>
    /// <param name="submitter">Who hands it in after AUTH.</param>
    public async ValueTask<SmtpReply> AcceptAsync(SmtpServerMachine machine, TlsSession? tls, LiveCredential? submitter)
    {
        _header.End();
        _sink.End();
        _submitter = submitter;
        if ((Refusal() ?? (submitter is null ? null : _header.WhyNotFrom(submitter))) is { } refusal)
        {
            Reset();
            return refusal;
        }

        // What a device left out is added (RFC 6409 section 8).
        _missing = submitter is null ? "" : SubmittedHeader.Missing(_header.HasDate, _header.HasMessageId, _parts[0].Id.ToString(), _hostName, _acceptedMicros);
        try
        {
            // (4a), (4b)
            if (_services.Filter.IsOn && await FilterAsync(machine, tls) is { } refused)
            {
                return refused;
            }

            // (4c)
            Hold(machine, tls);
            var accepted = _parts.Count == 1
                ? await AcceptAsync(machine, tls, _parts[0])
                : await AcceptAllAsync(machine, tls);
            CountSeen();
            return accepted;
        }
        catch (Exception failed) when (failed is LogFullException or DiskFullException)
        {
            return SmtpReplies.NoStorage;
        }
        catch (IOException)
        {
            // The log is poisoned, or a body could not be written: nothing was promised, the client keeps the message.
            return SmtpReplies.LocalError;
        }
        finally
        {
            Reset();
        }
    }

    private SmtpReply? Refusal()
    {
        var inbound = _services.Options.Inbound;
        if (_header.ReceivedFields > inbound.MaxReceivedHeaders || _header.OwnFields > inbound.MaxOwnHeaders)
        {
            return SmtpSessionReplies.Loop;
        }

        if (_sink.Failure is { } failure)
        {
            return failure is DiskFullException or LogFullException ? SmtpReplies.NoStorage : SmtpReplies.LocalError;
        }

        foreach (var part in _parts)
        {
            var offered = OfferedTo(part);
            if (Reader.HasEightBit && offered is { EightBitMime: false })
            {
                return SmtpSessionReplies.NoEightBit;
            }

            if (_header.HasEightBit && offered is { SmtpUtf8: false })
            {
                return SmtpSessionReplies.NoUtf8Header;
            }
        }

        return null;
    }

    // (5), (6)
    private async ValueTask<SmtpReply> AcceptAsync(SmtpServerMachine machine, TlsSession? tls, IntakePart part)
    {
        using var accepting = MailTracing.StartAccept(part.Id, _acceptedMicros);
        var facts = FactsOf(machine, tls, part);
        await StoreAsync(part, facts);
        Accepted(machine, part, facts);
        return new SmtpReply(250, new EnhancedStatus(2, 0, 0), "Accepted as " + part.Id);
    }

    /// <summary>
    /// Several subscriptions: all parts are written together and none is scheduled before every one is durable, so that a refusal after a failure
    /// takes back those that made it. Only a crash in between leaves some of them, as if the 250 had been lost.
    /// </summary>
    private async ValueTask<SmtpReply> AcceptAllAsync(SmtpServerMachine machine, TlsSession? tls)
    {
        var facts = _parts.ConvertAll(part => FactsOf(machine, tls, part));
        var writes = new Task[_parts.Count];
        for (var i = 0; i < writes.Length; i++)
        {
            writes[i] = StoreAsync(_parts[i], facts[i]).AsTask();
        }

        try
        {
            await Task.WhenAll(writes);
        }
        catch (IOException)
        {
            for (var i = 0; i < writes.Length; i++)
            {
                if (writes[i].IsCompletedSuccessfully)
                {
                    await _services.Spool.WithdrawAsync(_parts[i].Id, facts[i]);
                }
            }

            throw;
        }

        for (var i = 0; i < writes.Length; i++)
        {
            Accepted(machine, _parts[i], facts[i]);
        }

        return new SmtpReply(250, new EnhancedStatus(2, 0, 0), "Accepted as " + string.Join(", ", _parts.Select(static part => part.Id.ToString())));
    }

    private async ValueTask StoreAsync(IntakePart part, AcceptFacts facts)
    {
        using var storing = MailTracing.StartStore(part.Id);
        await _services.Spool.AcceptAsync(part.Id, facts, part.Facts, part.Body!);
    }

    private void Accepted(SmtpServerMachine machine, IntakePart part, AcceptFacts facts)
    {
        var transaction = machine.Transaction!;
        _services.Metrics.Accepted(facts.SizeBytes);

        // Whoever is answered by a program is not known by that: a stranger would only have to write first.
        if (part is { IsOutbound: true, Pending: null, Gateway: { } gateway } && transaction.ReversePath.Mailbox is not null && !_header.IsAutomatic)
        {
            _services.Pending?.Left(gateway.TenantPath, part.Recipients);
        }

        _services.Scheduler.Enqueue(part.Id, facts, new Envelope(transaction.ReversePath, [.. part.Recipients], facts.Flags, facts.SizeBytes));
    }

    private AcceptFacts FactsOf(SmtpServerMachine machine, TlsSession? tls, IntakePart part)
    {
        var transaction = machine.Transaction!;
        var recipients = new string[part.Recipients.Count];
        var ascii = transaction.ReversePath.IsAscii && !_header.HasEightBit;
        for (var i = 0; i < recipients.Length; i++)
        {
            recipients[i] = part.Recipients[i].Mailbox.ToString();
            ascii &= part.Recipients[i].Mailbox.IsAscii;
        }

        var flags = (transaction.Parameters.SmtpUtf8 && !ascii ? MessageFlags.Utf8 : MessageFlags.None)
            | (Reader.HasEightBit ? MessageFlags.EightBit : MessageFlags.None)
            | (tls is null ? MessageFlags.None : MessageFlags.Tls)
            | (part.Gateway is { IsHeld: true } ? MessageFlags.Held : MessageFlags.None)
            | (part.IsOutbound ? MessageFlags.Outbound : MessageFlags.None)
            | (part.IsFeedback ? MessageFlags.Feedback : MessageFlags.None);
        return new AcceptFacts
        {
            AcceptedMicros = _acceptedMicros,
            Flags = flags,
            TenantPath = part.Gateway?.TenantPath ?? _services.Contracts.ProviderPath,
            Subscription = part.Gateway?.Subscription ?? "",
            ReversePath = transaction.ReversePath.Mailbox?.ToString() ?? "",
            Recipients = recipients,
            SizeBytes = part.Body!.Length + _missing.Length + part.Added.Length,
            Hold = part.Verdict.Hold,
            Added = _missing + part.Added,
            Evidence = part.Evidence,
            ClientAddress = _client,
            Helo = machine.ClientName ?? "",
            Tls = tls is null ? "" : $"{tls.Protocol}, {tls.Cipher}",
            Transaction = _parts.Count == 1 ? "" : _parts[0].Id.ToString(),
            MessageIdHeader = _submitter is null || _header.HasMessageId ? _header.MessageId : $"{_parts[0].Id}@{_hostName}",
            SubmittedBy = _submitter?.UserName ?? "",
            Subject = _header.Subject,
            FromDomain = _header.FromDomain,
            PendingUntilMicros = part.Pending?.UntilMicros ?? 0,
            TellsSender = part.Pending?.TellsSender ?? false,
            Doubts = part.Pending?.Doubts ?? [],
        };
    }

    private long LimitOf(IntakePart part)
    {
        if (part.Gateway is not { } gateway)
        {
            return part.IsFeedback ? _services.Options.Reports.MaxMessageBytes : long.MaxValue;
        }

        var nextHop = OfferedTo(part)?.MaxMessageOctets;
        return Math.Min(gateway.Settings.MaxMessageBytes, nextHop is { } most ? Math.Max(0, most - TraceHeaderRoom) : long.MaxValue);
    }

    /// <summary>What the server that the part goes to offers; null while nobody spoke with it.</summary>
    private SmtpCapabilities? OfferedTo(IntakePart part) =>
        part.IsOutbound ? _services.Scheduler.Smarthost is { } smarthost ? _services.Book.Of(smarthost) : null
        : part.Gateway is { } gateway ? _services.Book.Of(gateway.NextHop)
        : null;

    private ReceivedField TraceFieldOf(SmtpServerMachine machine, TlsSession? tls, IntakePart part) => new()
    {
        HeloName = machine.ClientName ?? "",
        ClientAddress = _clientAddress,
        By = _hostName,
        With = ReceivedField.Protocol(machine.IsExtended, machine.IsTls, machine.RepliesMayBeUtf8, machine.IsAuthenticated),
        Id = part.Id.ToString(),
        For = part.Recipients.Count == 1 ? part.Recipients[0] : null,
        Tls = tls is null ? null : $"using {tls.Protocol} {tls.Cipher}",
        Time = UnixMicros.ToDateTimeOffset(_acceptedMicros),
    };

    private void DropBodies()
    {
        foreach (var part in _parts)
        {
            part.Body?.Dispose();
            part.Body = null;
        }

        _bodies.Clear();
    }
}
