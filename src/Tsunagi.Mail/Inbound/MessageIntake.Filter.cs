using System.Buffers;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Net.Tls;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>
/// What is done about a message's content, between its end and its acceptance: (1) what holds for each recipient; nobody's wish costs nothing; (2) the
/// checks look once at what arrives for those we serve (what a customer sends to others is not filtered); (3) each recipient has a verdict; (4) one reply stands for all, so a refusal is said only when all are refused, and a wish to come
/// again for all when one is to; (5) recipients with the same verdict are one message: parts are split.
/// </summary>
internal sealed partial class MessageIntake
{
    private readonly List<(IntakePart Part, ForwardPath Recipient, EffectivePolicy Policy)> _judged = [];

    /// <summary>The reply that refuses the message, or null when it is taken.</summary>
    private async ValueTask<SmtpReply?> FilterAsync(SmtpServerMachine machine, TlsSession? tls)
    {
        // (1)
        if (!ReadPolicies())
        {
            return null;
        }

        // (2)
        var wanting = _judged.Select(static judged => judged.Policy).Where(static policy => policy.Enabled).Distinct().ToList();
        var first = _parts[0];
        var found = await _services.Filter.CheckAsync(
            first.Body!, first.TraceBytes, wanting, content => Describe(machine, tls, first.Id, content), CancellationToken.None);

        // (3)
        var sender = machine.Transaction!.ReversePath.Mailbox?.ToString().ToLowerInvariant() ?? "";
        var verdicts = new MessageVerdict[_judged.Count];
        for (var i = 0; i < verdicts.Length; i++)
        {
            var (part, recipient, policy) = _judged[i];
            verdicts[i] = _services.Filter.Decide(
                found, policy, part.Gateway?.TenantPath ?? _services.Contracts.ProviderPath, recipient.Mailbox.ToString().ToLowerInvariant(), _header.FromAddress, sender);
        }

        var basis = (Recipients: verdicts.Length, Refused: verdicts.Count(static verdict => verdict.Action == PolicyAction.Reject), PutOff: verdicts.Count(static verdict => verdict.Action == PolicyAction.Defer));
        for (var i = 0; i < verdicts.Length; i++)
        {
            verdicts[i] = verdicts[i].Among(basis.Recipients, basis.Refused, basis.PutOff);
        }

        // (4)
        if (Array.Find(verdicts, static verdict => verdict.Action == PolicyAction.Defer) is { } deferred)
        {
            return PutOff(machine, tls, deferred, verdicts, found.AuthenticationResults);
        }

        if (_parts.TrueForAll(static part => part.IsFiltered) && Array.TrueForAll(verdicts, static verdict => verdict.Action == PolicyAction.Reject))
        {
            See(machine, found, verdicts);
            CountSeen();
            return Refuse(machine, tls, verdicts, found.AuthenticationResults);
        }

        // (5)
        verdicts = Array.ConvertAll(verdicts, static verdict => verdict.Action == PolicyAction.Reject ? verdict.KeptInstead() : verdict);
        See(machine, found, verdicts);
        Split(machine, tls, verdicts, found.AuthenticationResults);
        return null;
    }

    /// <summary>False when nobody wants anything checked.</summary>
    private bool ReadPolicies()
    {
        _judged.Clear();
        var policies = _services.Filter.Policies;
        var wanted = false;
        foreach (var part in _parts.Where(static part => part.IsFiltered))
        {
            foreach (var recipient in part.Recipients)
            {
                var policy = PolicyDesk.For(policies, part.Gateway?.TenantPath ?? _services.Contracts.ProviderPath, part.Gateway, recipient.Mailbox, _services.Lists);
                wanted |= policy.Enabled;
                _judged.Add((part, recipient, policy));
            }
        }

        return wanted;
    }

    private MessageUnderCheck Describe(SmtpServerMachine machine, TlsSession? tls, SpoolId id, ReadOnlyMemory<byte> content) => new()
    {
        Id = id.ToString(),
        ClientAddress = _clientAddress,
        Helo = machine.ClientName ?? "",
        IsTls = tls is not null,
        ReversePath = machine.Transaction!.ReversePath,
        SpokeEarly = SpokeEarly,
        Recipients = _judged.Count,
        Content = content,
        SubmittedBy = _submitter?.UserName ?? "",
        ForgedFields = _sieve.Removed,
        Time = UnixMicros.ToDateTimeOffset(_acceptedMicros),
        Tenants = [.. _judged.Select(judged => judged.Part.Gateway?.TenantPath ?? _services.Contracts.ProviderPath).Distinct(StringComparer.Ordinal)],
    };

    /// <summary>The sender comes again. For a new sender that is told in the trace of those who put it off; while a check is away it would be told of every message.</summary>
    private SmtpReply PutOff(SmtpServerMachine machine, TlsSession? tls, MessageVerdict deferred, MessageVerdict[] verdicts, string authentication)
    {
        var reply = VerdictReply.Of(deferred, _services.Options.WhyUrl, _parts[0].Id.ToString());
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i].Reason == GreylistWord.PutOff && _judged[i].Part.Evidence.IsEmpty)
            {
                Give(_judged[i].Part, verdicts[i], authentication);
                _services.Refusals.Add(new JudgedMessage(_judged[i].Part.Id, FactsOf(machine, tls, _judged[i].Part), reply.ToString(), verdicts[i].Reason));
            }
        }

        return reply;
    }

    /// <summary>Everybody refuses: the sender hears the first reason, and each subscription's trace keeps its own.</summary>
    private SmtpReply Refuse(SmtpServerMachine machine, TlsSession? tls, MessageVerdict[] verdicts, string authentication)
    {
        var reply = VerdictReply.Of(verdicts[0], _services.Options.WhyUrl, _parts[0].Id.ToString());
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (_judged[i].Part.Evidence.IsEmpty)
            {
                Give(_judged[i].Part, verdicts[i], authentication);
            }
        }

        foreach (var part in _parts)
        {
            _services.Refusals.Add(new JudgedMessage(part.Id, FactsOf(machine, tls, part), reply.ToString(), part.Verdict.Reason));
        }

        return reply;
    }

    private void Split(SmtpServerMachine machine, TlsSession? tls, MessageVerdict[] verdicts, string authentication)
    {
        var first = _parts[0];
        foreach (var part in _parts.Where(static part => part.IsFiltered))
        {
            part.Recipients.Clear();
        }

        for (var i = 0; i < verdicts.Length; i++)
        {
            var home = PartFor(_judged[i].Part.Gateway, verdicts[i]);
            if (home.Recipients.Count == 0)
            {
                Give(home, verdicts[i], authentication);
            }

            home.Recipients.Add(_judged[i].Recipient);
        }

        foreach (var part in _parts)
        {
            if (part.Body is null)
            {
                part.Id = SpoolId.New(_services.Time);
                part.Body = _services.Spool.BeginBody();
                _bodies.Add(part.Body);
                TraceFieldOf(machine, tls, part).WriteTo(part.Body, machine.Transaction!.Parameters.SmtpUtf8);
                part.TraceBytes = (int)part.Body.Length;
                Copy(first.Body!, first.TraceBytes, part.Body);
            }
        }
    }

    // A part still without recipients takes the first verdict of its subscription; further ones make parts beside it.
    private IntakePart PartFor(Gateway? gateway, MessageVerdict verdict)
    {
        foreach (var part in _parts)
        {
            if (part.IsFiltered && part.Gateway?.Subscription == gateway?.Subscription
                && (part.Recipients.Count == 0 || (part.Verdict.Action == verdict.Action && part.Verdict.Hold == verdict.Hold && part.Verdict.Reason == verdict.Reason)))
            {
                return part;
            }
        }

        var beside = new IntakePart(gateway, isOutbound: false);
        _parts.Add(beside);
        return beside;
    }

    private void Give(IntakePart part, MessageVerdict verdict, string authentication)
    {
        part.Verdict = verdict;
        if (verdict == MessageVerdict.NotChecked)
        {
            return;
        }

        part.Evidence = VerdictFacts.Write(verdict);
        if (verdict.Shadow)
        {
            return;
        }

        var mark = verdict.Action == PolicyAction.Accept ? "" : VerdictMark.Of(verdict);
        var added = _missing.Length + authentication.Length + mark.Length <= Spool.AcceptFacts.MaxAddedBytes ? authentication + mark : mark;

        // A message must not become too large for its next hop by what we say of it.
        var most = part.Gateway is { } gateway ? _services.Book.Of(gateway.NextHop)?.MaxMessageOctets : null;
        part.Added = _parts[0].Body!.Length + _missing.Length + added.Length <= (most ?? long.MaxValue) ? added : "";
    }

    private static void Copy(SpoolBody from, int skip, SpoolBody to)
    {
        var piece = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            for (long at = skip; from.Read(at, piece) is > 0 and var count; at += count)
            {
                to.Write(piece.AsSpan(0, count));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }
}
