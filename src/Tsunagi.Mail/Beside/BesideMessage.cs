using System.Buffers;
using System.Net;
using System.Text;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Shadow;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Beside;

/// <summary>
/// A message that another mail server has and asks about, by milter or /checkv2: (1) client, HELO, sender and recipients are noted; (2) header fields and body become
/// one body, as if it had come by SMTP, forged fields left out; (3) at its end the checks look once, and each recipient's policy judges (<see cref="MailFilter"/>);
/// (4) one answer for all: refused only when all refuse, kept when somebody's policy keeps it, else marked and taken; (5) what was refused, and what a recipient's policy only watches (shadow),
/// is in the trace; the rest is the server's to tell. Reused for every message of a connection.
/// </summary>
/// <param name="isShadow">Everything is only watched, whatever policies say.</param>
internal sealed class BesideMessage(BesideServices services, bool isShadow) : IDisposable
{
    private static readonly FilterPolicy OnlyWatch = new() { Shadow = true };
    private readonly ForgedFields _forged = new(services.Options.OwnName);
    private readonly Dictionary<string, int> _places = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Name, int Place)> _remove = [];
    private readonly List<(Gateway? Gateway, Mailbox? Mailbox)> _recipients = [];
    private readonly ArrivingHeader _header = new(services.Options.OwnName);
    private readonly OldFilterWord _old = new(services.Options.Shadow);
    private ReversePath _sender = ReversePath.Null;
    private SpoolBody? _body;
    private bool _failed;

    public IPAddress? Client { get; set; }

    public string Helo { get; set; } = "";

    /// <summary>Who handed it in after AUTH, as the server says; empty for what was brought.</summary>
    public string User { get; set; } = "";

    /// <summary>Its Message-ID, once it was judged; without the brackets.</summary>
    public string MessageId => _header.MessageId;

    /// <summary>Forged fields that the server must take out: a name and which of its fields, from 1.</summary>
    public IReadOnlyList<(string Name, int Place)> Remove => _remove;

    /// <summary>How many fields of the name there are.</summary>
    public int Count(string name) => _places.GetValueOrDefault(name);

    /// <summary>The client too.</summary>
    public void Forget()
    {
        Reset();
        Client = null;
        (Helo, User) = ("", "");
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
        _old.Reset();
        _sender = ReversePath.Null;
    }

    // (1)
    public void Begin(string path)
    {
        Reset();
        _sender = Mailbox.TryParse(Bare(path), out var sender) ? new ReversePath(sender) : ReversePath.Null;
    }

    /// <summary>False when there are as many as are judged already. One that cannot be read is nobody's policy.</summary>
    public bool TryAdd(string path, int most)
    {
        if (_recipients.Count >= most)
        {
            return false;
        }

        if (Mailbox.TryParse(Bare(path), out var mailbox))
        {
            _recipients.Add((services.Contracts.Table.ForDomain(mailbox!.Domain), mailbox));
        }

        return true;
    }

    // (2)
    /// <param name="field">All of it, with CRLF at every fold and at its end.</param>
    public void AddField(string name, ReadOnlySpan<byte> field)
    {
        var place = _places[name] = _places.GetValueOrDefault(name) + 1;
        if (_forged.Contains(field))
        {
            _remove.Add((name, place));
            return;
        }

        _old.See(name, field);
        _header.Feed(field);
        Write(field);
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

    /// <summary>Judges what was told; <see cref="Reset"/> follows.</summary>
    /// <exception cref="IOException">The body could not be read again.</exception>
    public async ValueTask<BesideAnswer> JudgeAsync(CancellationToken cancellationToken)
    {
        if (_failed)
        {
            return BesideAnswer.NotKept;
        }

        if (_recipients.Count == 0)
        {
            // Nobody is named (a file that is only looked at): what holds where nobody says anything narrower than the provider.
            _recipients.Add((null, null));
        }

        // (3)
        var policies = services.Filter.Policies;
        var wanting = _recipients.ConvertAll(recipient => recipient.Mailbox is null
            ? policies.For(TenantOf(null), "", [], "")
            : PolicyDesk.For(policies, TenantOf(recipient.Gateway), recipient.Gateway, recipient.Mailbox, services.Lists));
        wanting = isShadow ? wanting.ConvertAll(static policy => policy.With(OnlyWatch, "the listener")) : wanting;
        if (!services.Filter.IsOn || _body is null || !wanting.Exists(static policy => policy.Enabled))
        {
            return BesideAnswer.NotChecked;
        }

        _header.End();
        var id = SpoolId.New(services.Time);
        var now = services.Time.NowMicros();
        var found = await services.Filter.CheckAsync(
            _body, 0, [.. wanting.Where(static policy => policy.Enabled).Distinct()], content => Describe(id, now, content), cancellationToken);
        var sender = _sender.Mailbox?.ToString().ToLowerInvariant() ?? "";
        var verdicts = wanting.Select((policy, i) => services.Filter.Decide(
            found, policy, TenantOf(_recipients[i].Gateway), AddressOf(i).ToLowerInvariant(), _header.FromAddress, sender)).ToList();
        var answer = Answer(id, now, wanting, verdicts, found.AuthenticationResults);
        if (answer.Action is not (PolicyAction.Defer or PolicyAction.Reject))
        {
            TellWatched(id, now, verdicts);
        }

        return answer;
    }

    public void Dispose()
    {
        Reset();
        _header.Dispose();
    }

    // (4)
    private BesideAnswer Answer(SpoolId id, long now, List<EffectivePolicy> policies, List<MessageVerdict> verdicts, string authentication)
    {
        if (verdicts.FindIndex(static verdict => verdict.Action == PolicyAction.Defer) is >= 0 and var deferring)
        {
            var deferred = verdicts[deferring];
            var putOff = VerdictReply.Of(deferred, services.Options.WhyUrl, id.ToString()).ToString();
            if (deferred.Reason == GreylistWord.PutOff)
            {
                Tell(id, now, verdicts, putOff);
            }

            return new BesideAnswer(PolicyAction.Defer, id, deferred, policies[deferring], putOff, authentication);
        }

        if (verdicts.TrueForAll(static verdict => verdict.Action == PolicyAction.Reject))
        {
            var reply = VerdictReply.Of(verdicts[0], services.Options.WhyUrl, id.ToString()).ToString();
            Tell(id, now, verdicts, reply);
            return new BesideAnswer(PolicyAction.Reject, id, verdicts[0], policies[0], reply, authentication);
        }

        if (verdicts.TrueForAll(static verdict => verdict.Shadow || verdict == MessageVerdict.NotChecked))
        {
            return BesideAnswer.NotChecked with { Id = id };
        }

        // One message for all its recipients: the hardest of what can be done with it is done.
        var possible = verdicts.ConvertAll(static verdict => verdict.Action == PolicyAction.Reject ? verdict.KeptInstead() : verdict);
        var hardest = possible.MaxBy(static verdict => verdict.Action)!;
        return new BesideAnswer(hardest.Action, id, hardest, policies[possible.IndexOf(hardest)], "", authentication);
    }

    private void Tell(SpoolId id, long now, List<MessageVerdict> verdicts, string reply)
    {
        foreach (var part in _recipients.Select((recipient, i) => (recipient.Gateway, Address: AddressOf(i), Verdict: verdicts[i])).GroupBy(static pair => pair.Gateway?.Subscription ?? ""))
        {
            var (gateway, _, verdict) = part.First();
            var own = part.Key == (_recipients[0].Gateway?.Subscription ?? "") ? id : SpoolId.New(services.Time);
            services.Refusals.Add(new JudgedMessage(own, FactsOf(now, gateway, [.. part.Select(static pair => pair.Address)], verdict), reply, verdict.Reason));
        }
    }

    // A row for each domain: it is domains that are cut over.
    private void TellWatched(SpoolId id, long now, List<MessageVerdict> verdicts)
    {
        var parts = _recipients.Select((recipient, i) => (recipient.Gateway, Address: AddressOf(i), Verdict: verdicts[i])).Where(static pair => pair.Verdict.Shadow)
            .GroupBy(static pair => (pair.Gateway?.Subscription ?? "", Domain: MailDomain.Normalize(pair.Address[(pair.Address.LastIndexOf('@') + 1)..]) ?? ""));
        foreach (var (part, i) in parts.Select(static (part, i) => (part, i)))
        {
            var (gateway, _, verdict) = part.MaxBy(static pair => pair.Verdict.Wished);
            services.Refusals.Add(new JudgedMessage(i == 0 ? id : SpoolId.New(services.Time), FactsOf(now, gateway, [.. part.Select(static pair => pair.Address)], verdict), "", verdict.Reason)
            {
                Shadow = ShadowWord.Of(part.Key.Domain, verdict, _old),
            });
        }
    }

    private AcceptFacts FactsOf(long now, Gateway? gateway, string[] recipients, MessageVerdict verdict) => new()
    {
        AcceptedMicros = now,
        Flags = MessageFlags.None,
        TenantPath = TenantOf(gateway),
        Subscription = gateway?.Subscription ?? "",
        ReversePath = _sender.Mailbox?.ToString() ?? "",
        Recipients = recipients,
        SizeBytes = _body?.Length ?? 0,
        Evidence = VerdictFacts.Write(verdict),
        ClientAddress = Client?.ToString() ?? "",
        Helo = Helo,
        MessageIdHeader = _header.MessageId,
        SubmittedBy = User,
        Subject = _header.Subject,
        FromDomain = _header.FromDomain,
    };

    private MessageUnderCheck Describe(SpoolId id, long now, ReadOnlyMemory<byte> content) => new()
    {
        Id = id.ToString(),
        ClientAddress = Client,
        Helo = Helo,
        IsTls = false,
        ReversePath = _sender,
        Recipients = _recipients.Count,
        Content = content,
        SubmittedBy = User,
        ForgedFields = _remove.Count,
        Time = UnixMicros.ToDateTimeOffset(now),
        Tenants = [.. _recipients.Select(recipient => TenantOf(recipient.Gateway)).Distinct(StringComparer.Ordinal)],
    };

    private string AddressOf(int recipient) => _recipients[recipient].Mailbox?.ToString() ?? "";

    private string TenantOf(Gateway? gateway) => gateway?.TenantPath ?? services.Contracts.ProviderPath;

    private static string Bare(string path) => path.Trim().TrimStart('<').TrimEnd('>');
}
