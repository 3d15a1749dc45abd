using Tsunagi.Core.Logs;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Mail.Greylist;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Quarantine;

namespace Tsunagi.Mail.Verdict;

/// <summary>
/// Steps (4a) and (4b) of a message's walk, for whoever brings it (the SMTP listener, the milter): the checks run once, and each recipient's policy judges what
/// they found.
/// </summary>
internal sealed class MailFilter(FilterOptions options, PolicyWatch policies, CheckRun checks, ScanMemory memory, SenderBook senders, GreylistWord greylist, MailMetrics metrics)
{
    public bool IsOn => options.Enabled;

    /// <summary>The policies of this moment.</summary>
    public PolicyTable Policies => policies.Table;

    /// <summary>Runs the checks over a body of the spool that is complete and not given to the spool yet.</summary>
    /// <param name="skip">Octets before the content: our own trace header.</param>
    /// <param name="describe">Makes the message under check around its content.</param>
    public async ValueTask<Findings> CheckAsync(
        SpoolBody body, int skip, IReadOnlyCollection<EffectivePolicy> wanting, Func<ReadOnlyMemory<byte>, MessageUnderCheck> describe, CancellationToken cancellationToken)
    {
        if (body.TryGetWritten(out var whole))
        {
            return await CheckAsync(whole[skip..], wanting, describe, cancellationToken);
        }

        // What cannot be looked into whole is not looked into by halves: the rest could be the part that matters.
        var length = body.Length - skip;
        if (CheckRun.TooLong(length, options) is { } tooLong)
        {
            return Findings.Only(tooLong);
        }

        if (!memory.TryTake(length))
        {
            return Findings.Only(Evidence.Of(CheckRun.Unscannable, ("why", "too many large messages are being looked into just now")));
        }

        try
        {
            var content = GC.AllocateUninitializedArray<byte>((int)length);
            var read = body.Read(skip, content);
            return await CheckAsync(content.AsMemory(0, read), wanting, describe, cancellationToken);
        }
        finally
        {
            memory.Release(length);
        }
    }

    /// <summary>Decides for one recipient.</summary>
    /// <param name="recipient">In lower case, as are the author's address and the reverse-path.</param>
    public MessageVerdict Decide(Findings findings, EffectivePolicy policy, string tenantPath, string recipient, string from, string sender)
    {
        var found = Hearing.Wanted(policy, findings.For(tenantPath));
        var evidence = ListWord.For(policy, found);
        var said = policy.Enabled ? SenderWord.Of(senders, tenantPath, recipient, from, sender, evidence) : null;
        IReadOnlyList<Evidence> all = said is null ? evidence : [.. evidence, said];
        all = policy.Enabled && greylist.Of(policy, tenantPath, recipient, sender, findings.Origin, all) is { } standing ? [.. all, standing] : all;
        var verdict = Judge.Decide(all, policy);
        verdict = policy.Enabled ? verdict with { Basis = BasisOf(findings, policy, found, all) } : verdict;
        greylist.Judged(policy, tenantPath, recipient, sender, findings.Origin, verdict.Shadow ? verdict.Wished : verdict.Action);
        metrics.Judged(verdict.Action);
        return verdict;
    }

    private static VerdictBasis BasisOf(Findings findings, EffectivePolicy policy, IReadOnlyList<Evidence> found, IReadOnlyList<Evidence> all) => new(
        Hearing.WantsAll(policy) ? findings.Ran : [.. findings.Ran.Where(policy.Wants)],
        findings.Lists is { } asked ? [.. policy.Lists.Select(static list => list.Zone).Where(asked.Contains)] : null,
        findings.Origin is null ? GreylistStage.Pointless : GreylistWord.Asks(policy, all) ? GreylistStage.Asked : GreylistStage.NotAsked,
        ListWord.UnheardOf(policy, found));

    private async ValueTask<Findings> CheckAsync(
        ReadOnlyMemory<byte> content, IReadOnlyCollection<EffectivePolicy> wanting, Func<ReadOnlyMemory<byte>, MessageUnderCheck> describe, CancellationToken cancellationToken)
    {
        var message = describe(content);
        message.Lists = [.. wanting.SelectMany(static policy => policy.Lists).Select(static list => list.Zone).Distinct(StringComparer.Ordinal)];
        var evidence = await checks.RunAsync(message, name => wanting.Any(policy => policy.Wants(name)), cancellationToken);
        var isStranger = message.ClientAddress is { } address && message.SubmittedBy.Length == 0 && !ClientCheck.IsOfOurs(address);
        return new Findings(evidence, message.AuthenticationResults, message.OfTenants)
        {
            Origin = isStranger ? new MessageOrigin(message.ClientAddress!, message.Proved) : null,
            Ran = [.. checks.SetUp.Where(name => wanting.Any(policy => policy.Wants(name)))],
            Lists = isStranger ? message.Lists : null,
            Authenticated = message.Authenticated,
            AlsoOfTenants = message.AlsoOfTenants,
        };
    }
}
