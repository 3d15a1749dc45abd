using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.WhatIf;

/// <summary>
/// "What would this policy have done to the last days' mail?", from stored verdicts alone. (1) the policies of this moment with the draft in its place; (2) past messages of the tenant and all below it, newest first,
/// a page at a time; (3) parts of one transmission are brought together; (4) each recipient in the draft's scope is judged anew (<see cref="Rejudge"/>), (5) then the transmission as a whole, because one reply stands
/// for all; (6) what changes is counted. Recipients' groups and aliases are those of today's lists.
/// </summary>
internal sealed class WhatIfDesk(PastMessages past, PolicyBook book, PolicyWatch policies, GatewayContracts contracts, RecipientLists lists, CheckRun checks, TraceStore trace, MailOptions options, TimeProvider time) : IDisposable
{
    // The parts of a transmission have one time and ids made within seconds of it.
    private static readonly long PartsWithinMicros = (long)TimeSpan.FromMinutes(10).TotalMicroseconds;
    private const int MostOpen = 10_000;

    private readonly SemaphoreSlim _together = new(options.WhatIf.Together, options.WhatIf.Together);
    private readonly string[] _setUp = [.. checks.SetUp];

    /// <summary>What is asked, or why it cannot be.</summary>
    /// <param name="policy">The draft; null: what if the scope said nothing.</param>
    public async ValueTask<Outcome<WhatIfQuestion>> QuestionAsync(
        Caller caller, string tenant, string scope, string name, FilterPolicy? policy, int days, CancellationToken cancellationToken)
    {
        if (!caller.May(MailPermissions.TraceRead))
        {
            return Refusal.Forbidden(MailPermissions.TraceRead);
        }

        if (days is < 1 or > WhatIfQuestion.MostDays)
        {
            return Refusal.Invalid("mail.what-if.days", "days", $"{days} days", $"1 to {WhatIfQuestion.MostDays}");
        }

        var place = await book.PlaceAsync(caller, tenant, scope, name, cancellationToken);
        if (!place.Ok)
        {
            return place.Refusal!;
        }

        return policy?.Check() is { } wrong ? wrong : new WhatIfQuestion(place.Value!, policy, days);
    }

    /// <param name="told">Told how far it has come, after each page, on the asking thread.</param>
    /// <exception cref="OperationCanceledException">Nobody waits any more.</exception>
    public async ValueTask<Outcome<WhatIfAnswer>> AskAsync(WhatIfQuestion question, Action<WhatIfProgress>? told, CancellationToken cancellationToken)
    {
        if (!await _together.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            return new Refusal(RefusalKind.TooMany, "mail.what-if.busy", $"{options.WhatIf.Together} such questions are being answered on this node") { RetryAfterSeconds = 10 };
        }

        try
        {
            return await AnswerAsync(question, told, cancellationToken);
        }
        finally
        {
            _together.Release();
        }
    }

    /// <summary>What one message would have met: what was stored of it, and each recipient's verdict.</summary>
    /// <param name="policy">Said over everything that holds for its recipients now; null for what holds now.</param>
    public async ValueTask<Outcome<IReadOnlyList<WhatIfOne>>> OneAsync(Caller caller, string message, FilterPolicy? policy, CancellationToken cancellationToken)
    {
        if (policy?.Check() is { } wrong)
        {
            return wrong;
        }

        if (await trace.FindAsync(caller, message, cancellationToken) is not { } found)
        {
            return Refusal.NotFound("message", message);
        }

        var stored = Read(found.Verdict);
        var table = policies.Table;
        return found.Recipients.Select(recipient =>
        {
            var now = PolicyOf(table, found.Message.TenantPath, recipient.Recipient);
            var asked = policy is null || now is null ? now : now.With(policy, "this question");
            return new WhatIfOne(recipient.Recipient, stored, stored is null || asked is null ? Rejudged.Not(WhyNotJudged.NotChecked) : Rejudge.Decide(stored, asked, _setUp));
        }).ToList();
    }

    public void Dispose() => _together.Dispose();

    private async ValueTask<WhatIfAnswer> AnswerAsync(WhatIfQuestion question, Action<WhatIfProgress>? told, CancellationToken cancellationToken)
    {
        // (1)
        var place = question.Place;
        var table = policies.Table.With(place.TenantPath, place.Scope, place.Name, question.Policy);
        var (to, tally) = (time.GetUtcNow(), new WhatIfTally());
        var from = to.AddDays(-question.Days);
        var (messages, last, isCut, open) = (0L, UnixMicros.From(from), false, new Dictionary<string, List<PastMessage>>(StringComparer.Ordinal));

        // (2)
        await foreach (var page in past.PagesAsync(new TenantScope(place.TenantId, place.TenantPath), from, to, cancellationToken))
        {
            foreach (var message in page)
            {
                if (messages == options.WhatIf.MaxMessages)
                {
                    isCut = true;
                    break;
                }

                messages++;
                last = message.AcceptedAt;

                // (3)
                if (message.TransactionId.Length == 0)
                {
                    Judge(question, table, [message], tally);
                }
                else if (open.TryGetValue(message.TransactionId, out var parts))
                {
                    parts.Add(message);
                }
                else
                {
                    open[message.TransactionId] = [message];
                }
            }

            Close(open, last + PartsWithinMicros, parts => Judge(question, table, parts, tally));
            told?.Invoke(new WhatIfProgress(messages, Math.Clamp((UnixMicros.From(to) - last) / (double)Math.Max(1, UnixMicros.From(to) - UnixMicros.From(from)), 0, 1)));
            if (isCut)
            {
                break;
            }
        }

        Close(open, long.MinValue, parts => Judge(question, table, parts, tally));
        return tally.Answer(isCut ? last : UnixMicros.From(from), UnixMicros.From(to), messages, isCut);
    }

    // Those whose other parts cannot follow any more; all when too many are open.
    private static void Close(Dictionary<string, List<PastMessage>> open, long after, Action<List<PastMessage>> judge)
    {
        foreach (var (transaction, parts) in open.Where(pair => open.Count > MostOpen || pair.Value[0].AcceptedAt > after).ToList())
        {
            open.Remove(transaction);
            judge(parts);
        }
    }

    private void Judge(WhatIfQuestion question, PolicyTable table, List<PastMessage> parts, WhatIfTally tally)
    {
        // (4)
        var copies = new List<(WhatIfCopy Copy, MessageVerdict? Stored, Rejudged Anew)>();
        foreach (var part in parts)
        {
            var stored = Read(part.Facts);
            foreach (var recipient in part.Recipients.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (IsMeant(question.Place, part, recipient) && PolicyOf(table, part.TenantPath, recipient) is { } policy)
                {
                    copies.Add((
                        new WhatIfCopy(part.Id, part.AcceptedAt, part.Sender, recipient, stored?.Reason ?? "", ""), stored,
                        stored is not null ? Rejudge.Decide(stored, policy, _setUp) : policy.Enabled ? Rejudged.Not(WhyNotJudged.NotChecked) : new Rejudged(MessageVerdict.NotChecked, WhyNotJudged.None, false)));
                }
            }
        }

        // (5)
        var whole = Transmission.Of([.. copies.Where(static copy => copy.Anew.Verdict is not null).Select(static copy => (copy.Stored, copy.Anew.Verdict!))]);

        // (6)
        foreach (var (copy, stored, anew) in copies)
        {
            if (anew.Verdict is not { } verdict)
            {
                tally.Leave(copy, anew.Why);
                continue;
            }

            var done = whole.Done(verdict);
            tally.Add(copy with { After = done.Reason }, WhatIfFate.Of(stored ?? MessageVerdict.NotChecked), WhatIfFate.Of(done), anew.AsIfKnown);
        }
    }

    private bool IsMeant(PolicyPlace place, PastMessage part, string recipient)
    {
        if (place.Scope == "tenant")
        {
            return true;
        }

        if (part.TenantPath != place.TenantPath || !Mailbox.TryParse(recipient, out var mailbox))
        {
            return false;
        }

        var (domain, groups, address) = PolicyDesk.NamesOf(GatewayOf(part.TenantPath, mailbox!), mailbox!, lists);
        return place.Scope switch
        {
            "domain" => domain == place.Name,
            "group" => groups.Contains(place.Name, StringComparer.Ordinal),
            _ => address == place.Name,
        };
    }

    private EffectivePolicy? PolicyOf(PolicyTable table, string tenantPath, string recipient) =>
        Mailbox.TryParse(recipient, out var mailbox) ? PolicyDesk.For(table, tenantPath, GatewayOf(tenantPath, mailbox!), mailbox!, lists) : null;

    private Gateway? GatewayOf(string tenantPath, Mailbox mailbox) => contracts.Table.ForDomain(mailbox.Domain) is { } serving && serving.TenantPath == tenantPath ? serving : null;

    private static MessageVerdict? Read(string facts) => facts.Length > 0 && VerdictFacts.TryRead(Convert.FromBase64String(facts), out var verdict, out _) ? verdict : null;
}

/// <summary>One recipient of a message under another policy.</summary>
/// <param name="Stored">Null where nothing was checked.</param>
internal sealed record WhatIfOne(string Recipient, MessageVerdict? Stored, Rejudged Anew);
