using System.Buffers;
using System.Text;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Milter;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Milter;

/// <summary>The message a mail server is telling of, and what is answered at its end. Reused for every message of a connection.</summary>
internal sealed class MilterMessage(MilterServices services) : IDisposable
{
    private readonly ForgedFields _forged = new(services.Options.OwnName);
    private readonly Dictionary<string, int> _places = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Name, int Place)> _remove = [];
    private readonly List<(Gateway? Gateway, Mailbox Mailbox)> _recipients = [];
    private readonly ArrivingHeader _header = new(services.Options.OwnName);
    private MilterClient? _client;
    private ReversePath _sender = ReversePath.Null;
    private SpoolBody? _body;
    private bool _failed;

    public string Helo { get; set; } = "";

    public void Connected(MilterClient client)
    {
        Forget();
        _client = client;
    }

    /// <summary>The client too.</summary>
    public void Forget()
    {
        Reset();
        _client = null;
        Helo = "";
    }

    public void Reset()
    {
        _body?.Dispose();
        _body = null;
        _failed = false;
        _places.Clear();
        _remove.Clear();
        _recipients.Clear();
        _header.Reset();
        _sender = ReversePath.Null;
    }

    public void Begin(string path)
    {
        Reset();
        _sender = Mailbox.TryParse(Bare(path), out var sender) ? new ReversePath(sender) : ReversePath.Null;
    }

    /// <summary>False when there are as many as are judged already. One that cannot be read is nobody's policy.</summary>
    public bool TryAdd(string path)
    {
        if (_recipients.Count >= services.Options.Milter.MaxRecipients)
        {
            return false;
        }

        if (Mailbox.TryParse(Bare(path), out var mailbox))
        {
            _recipients.Add((services.Contracts.Table.ForDomain(mailbox!.Domain), mailbox));
        }

        return true;
    }

    /// <summary>A field as the server tells it: folds are LF, and the white space behind the colon is there or not.</summary>
    public void AddHeader(string name, ReadOnlySpan<byte> value, bool hasLeadingSpace)
    {
        var place = _places[name] = _places.GetValueOrDefault(name) + 1;
        var field = new ArrayBufferWriter<byte>(name.Length + value.Length + 16);
        field.Write(Encoding.Latin1.GetBytes(name));
        field.Write(hasLeadingSpace ? ":"u8 : ": "u8);
        while (value.IndexOf((byte)'\n') is >= 0 and var fold)
        {
            field.Write(value[..fold].TrimEnd((byte)'\r'));
            field.Write("\r\n"u8);
            value = value[(fold + 1)..];
        }

        field.Write(value);
        field.Write("\r\n"u8);
        if (_forged.Contains(field.WrittenSpan))
        {
            _remove.Add((name, place));
            return;
        }

        _header.Feed(field.WrittenSpan);
        Write(field.WrittenSpan);
    }

    public void EndHeader()
    {
        _header.Feed("\r\n"u8);
        Write("\r\n"u8);
    }

    /// <summary>What cannot be kept (a full disk, a message beyond every limit) is answered at the end: come again.</summary>
    public void Write(ReadOnlySpan<byte> content)
    {
        if (_failed || content.IsEmpty)
        {
            return;
        }

        try
        {
            _body ??= services.Spool.BeginBody();
            _body.Write(content);
        }
        catch (IOException)
        {
            _failed = true;
        }
    }

    /// <summary>Judges and answers; the next message begins anew.</summary>
    public async ValueTask AnswerAsync(IBufferWriter<byte> output, MilterOptions agreed, CancellationToken cancellationToken)
    {
        try
        {
            if (_failed)
            {
                MilterReplyWriter.TempFail(output);
                return;
            }

            var policies = services.Filter.Policies;
            var wanting = _recipients.ConvertAll(recipient => PolicyDesk.For(policies, TenantOf(recipient.Gateway), recipient.Gateway, recipient.Mailbox, services.Lists));
            if (!services.Filter.IsOn || _body is null || !wanting.Exists(static policy => policy.Enabled))
            {
                MilterReplyWriter.Accept(output);
                return;
            }

            _header.End();
            var id = SpoolId.New(services.Time);
            var now = services.Time.NowMicros();
            var found = await services.Filter.CheckAsync(
                _body, 0, [.. wanting.Where(static policy => policy.Enabled).Distinct()], content => Describe(id, now, content), cancellationToken);
            var sender = _sender.Mailbox?.ToString().ToLowerInvariant() ?? "";
            var verdicts = wanting.Select((policy, i) => services.Filter.Decide(
                found, policy, TenantOf(_recipients[i].Gateway), _recipients[i].Mailbox.ToString().ToLowerInvariant(), _header.FromAddress, sender)).ToList();
            Answer(output, agreed, id, now, verdicts, found.AuthenticationResults);
        }
        catch (IOException)
        {
            MilterReplyWriter.TempFail(output);
        }
        finally
        {
            Reset();
        }
    }

    public void Dispose()
    {
        Reset();
        _header.Dispose();
    }

    private void Answer(IBufferWriter<byte> output, MilterOptions agreed, SpoolId id, long now, List<MessageVerdict> verdicts, string authentication)
    {
        if (verdicts.Find(static verdict => verdict.Action == PolicyAction.Defer) is { } deferred)
        {
            var putOff = VerdictReply.Of(deferred, services.Options.WhyUrl, id.ToString()).ToString();
            if (deferred.Reason == GreylistWord.PutOff)
            {
                Tell(id, now, verdicts, putOff);
            }

            MilterReplyWriter.Reply(output, putOff);
            return;
        }

        if (verdicts.TrueForAll(static verdict => verdict.Action == PolicyAction.Reject))
        {
            var reply = VerdictReply.Of(verdicts[0], services.Options.WhyUrl, id.ToString()).ToString();
            Tell(id, now, verdicts, reply);
            MilterReplyWriter.Reply(output, reply);
            return;
        }

        // One message for all its recipients: the hardest of what can be done with it is done.
        var hardest = verdicts.ConvertAll(static verdict => verdict.Action == PolicyAction.Reject ? verdict.KeptInstead() : verdict).MaxBy(static verdict => verdict.Action)!;
        for (var i = _remove.Count - 1; i >= 0 && agreed.Actions.HasFlag(MilterActions.ChangeHeader); i--)
        {
            MilterReplyWriter.DeleteHeader(output, _remove[i].Place, _remove[i].Name);
        }

        var white = agreed.Steps.HasFlag(MilterSteps.LeadingSpace) ? " " : "";
        Insert(output, hardest.Action == PolicyAction.Accept ? "" : VerdictMark.Of(hardest), white);
        Insert(output, authentication, white);
        if (hardest.Action == PolicyAction.Quarantine && agreed.Actions.HasFlag(MilterActions.Quarantine))
        {
            MilterReplyWriter.Quarantine(output, $"{hardest.Reason} ({id})");
        }

        MilterReplyWriter.Accept(output);
    }

    // "Name: value CRLF"; with the leading-space option the server puts nothing behind the colon by itself.
    private static void Insert(IBufferWriter<byte> output, string field, string white)
    {
        if (field.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon)
        {
            MilterReplyWriter.InsertHeader(output, field[..colon], white + field[(colon + 2)..].TrimEnd('\r', '\n'));
        }
    }

    private void Tell(SpoolId id, long now, List<MessageVerdict> verdicts, string reply)
    {
        foreach (var part in _recipients.Select((recipient, i) => (recipient, verdict: verdicts[i])).GroupBy(static pair => pair.recipient.Gateway?.Subscription ?? ""))
        {
            var (first, verdict) = part.First();
            var own = part.Key == (_recipients[0].Gateway?.Subscription ?? "") ? id : SpoolId.New(services.Time);
            services.Refusals.Add(new RefusedMessage(own, new AcceptFacts
            {
                AcceptedMicros = now,
                Flags = MessageFlags.None,
                TenantPath = TenantOf(first.Gateway),
                Subscription = part.Key,
                ReversePath = _sender.Mailbox?.ToString() ?? "",
                Recipients = [.. part.Select(static pair => pair.recipient.Mailbox.ToString())],
                SizeBytes = _body?.Length ?? 0,
                Evidence = VerdictFacts.Write(verdict),
                ClientAddress = _client?.Address?.ToString() ?? "",
                Helo = Helo,
                MessageIdHeader = _header.MessageId,
                Subject = _header.Subject,
                FromDomain = _header.FromDomain,
            }, reply, verdict.Reason));
        }
    }

    private MessageUnderCheck Describe(SpoolId id, long now, ReadOnlyMemory<byte> content) => new()
    {
        Id = id.ToString(),
        ClientAddress = _client?.Address,
        Helo = Helo,
        IsTls = false,
        ReversePath = _sender,
        Recipients = _recipients.Count,
        Content = content,
        ForgedFields = _remove.Count,
        Time = UnixMicros.ToDateTimeOffset(now),
        Tenants = [.. _recipients.Select(recipient => TenantOf(recipient.Gateway)).Distinct(StringComparer.Ordinal)],
    };

    private string TenantOf(Gateway? gateway) => gateway?.TenantPath ?? services.Contracts.ProviderPath;

    private static string Bare(string path) => path.Trim().TrimStart('<').TrimEnd('>');
}
