using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;
using Tsunagi.Mail.WhatIf;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.WhatIf;

/// <summary>One stored verdict under another policy: what the filter itself gives for the same things found.</summary>
public sealed class Past_verdicts_anew
{
    private const string Tenant = "t_root/t_one/";
    private static readonly string[] Zones = ["a.list.example", "b.list.example"];

    [Fact]
    public async Task Any_policy_over_what_any_other_stored_gives_what_the_filter_gives()
    {
        await using var node = await MailNode.StartAsync();
        var filter = node.Services.GetRequiredService<MailFilter>();
        var random = new Random(20261126);
        var (anew, same) = (0, 0);
        for (var round = 0; round < 3_000; round++)
        {
            var findings = Found(random);
            var (then, now) = (Policy(random), random.Next(4) == 0 ? null : Policy(random));
            var stored = Stored(filter.Decide(findings, then, Tenant, "b@one.example", "a@sender.example", "a@sender.example"));
            var asked = Rejudge.Decide(stored, now ?? then, EvidenceCatalogue.Checks);
            if (now is null)
            {
                AssertSame(stored, asked.Verdict!, $"round {round}");
                same++;
                continue;
            }

            if (asked.Verdict is null)
            {
                Assert.True(
                    !then.Enabled || EvidenceCatalogue.Checks.Any(check => now.Wants(check) && !then.Wants(check)) || now.Lists.Any(list => !then.Lists.Any(known => known.Zone == list.Zone)),
                    $"round {round}: nothing stands in the way");
                continue;
            }

            AssertSame(filter.Decide(findings, now, Tenant, "b@one.example", "a@sender.example", "a@sender.example"), asked.Verdict, $"round {round}");
            anew++;
        }

        Assert.True(anew > 300 && same > 300, $"{anew} and {same} of 3000 were compared");
    }

    [Fact]
    public void What_did_not_look_then_cannot_be_answered_for_and_a_check_that_is_not_set_up_matters_to_nobody()
    {
        var off = EffectivePolicy.BuiltIn.With(new FilterPolicy { Checks = new Dictionary<string, bool> { ["clamav"] = false } }, "tenant x");
        var stored = Judge.Decide([Evidence.Of("attachment.macro", ("file", "a"), ("how", "b"))], off) with { Basis = new VerdictBasis([.. EvidenceCatalogue.Checks.Where(off.Wants)], [], GreylistStage.NotAsked, []) };
        Assert.Equal(WhyNotJudged.NotLookedFor, Rejudge.Decide(Stored(stored), EffectivePolicy.BuiltIn, EvidenceCatalogue.Checks).Why);
        Assert.NotNull(Rejudge.Decide(Stored(stored), EffectivePolicy.BuiltIn, [.. EvidenceCatalogue.Checks.Where(static check => check != "clamav")]).Verdict);
        var listed = EffectivePolicy.BuiltIn.With(new FilterPolicy { Checks = new Dictionary<string, bool> { ["clamav"] = false }, BlockLists = [List(Zones[0])] }, "tenant x");
        Assert.Equal(WhyNotJudged.NotLookedFor, Rejudge.Decide(Stored(stored), listed, EvidenceCatalogue.Checks).Why);
        Assert.NotNull(Rejudge.Decide(Stored(stored with { Basis = stored.Basis with { Lists = null } }), listed, EvidenceCatalogue.Checks).Verdict);
    }

    [Fact]
    public void What_was_not_kept_whole_or_by_an_older_program_is_not_judged()
    {
        var many = Enumerable.Range(0, 500).Select(static i => Evidence.Of("attachment.macro", ("file", new string('x', 300) + i), ("how", "x"))).ToList();
        var stored = Judge.Decide(many, EffectivePolicy.BuiltIn) with { Basis = new VerdictBasis(EvidenceCatalogue.Checks, [], GreylistStage.NotAsked, []) };
        Assert.Equal(WhyNotJudged.EvidenceNotKept, Rejudge.Decide(Stored(stored), EffectivePolicy.BuiltIn, EvidenceCatalogue.Checks).Why);

        // Version 1 is this one without its end.
        var octets = VerdictFacts.Write(Judge.Decide([Evidence.Of("clamav.virus", ("signature", "x"))], EffectivePolicy.BuiltIn));
        octets[0] = 1;
        Assert.True(VerdictFacts.TryRead(octets.AsSpan(0, octets.Length - 1), out var old, out _));
        Assert.Equal("clamav.virus", old.Reason);
        Assert.Equal(WhyNotJudged.EvidenceNotKept, Rejudge.Decide(old, EffectivePolicy.BuiltIn, EvidenceCatalogue.Checks).Why);
        Assert.Same(MessageVerdict.NotChecked, Rejudge.Decide(old, EffectivePolicy.BuiltIn.With(new FilterPolicy { Enabled = false }, "x"), EvidenceCatalogue.Checks).Verdict);
    }

    [Fact]
    public void A_greylist_that_was_not_asked_is_taken_to_know_the_sender_and_one_that_was_says_it_again()
    {
        var asking = EffectivePolicy.BuiltIn.With(new FilterPolicy { TagOnly = false, Greylist = true }, "tenant x");
        var quiet = EffectivePolicy.BuiltIn.With(new FilterPolicy { TagOnly = false }, "tenant x");
        var without = Judge.Decide([], quiet) with { Basis = new VerdictBasis(EvidenceCatalogue.Checks, [], GreylistStage.NotAsked, []) };
        Assert.Equal((PolicyAction.Accept, true), Of(Rejudge.Decide(Stored(without), asking, EvidenceCatalogue.Checks)));
        Assert.Equal((PolicyAction.Accept, false), Of(Rejudge.Decide(Stored(without with { Basis = without.Basis with { Greylist = GreylistStage.Pointless } }), asking, EvidenceCatalogue.Checks)));
        var putOff = Judge.Decide([Evidence.Of(GreylistWord.PutOff, ("recipients", "x"), ("sender", "y"))], asking) with { Basis = new VerdictBasis(EvidenceCatalogue.Checks, [], GreylistStage.Asked, []) };
        Assert.Equal((PolicyAction.Defer, false), Of(Rejudge.Decide(Stored(putOff), asking, EvidenceCatalogue.Checks)));
        Assert.Equal((PolicyAction.Accept, false), Of(Rejudge.Decide(Stored(putOff), quiet, EvidenceCatalogue.Checks)));
        static (PolicyAction, bool) Of(Rejudged anew) => (anew.Verdict!.Action, anew.AsIfKnown);
    }

    [Fact]
    public void A_policy_that_has_a_check_off_hears_nothing_of_it_though_another_recipient_wanted_it()
    {
        var off = EffectivePolicy.BuiltIn.With(new FilterPolicy { Checks = new Dictionary<string, bool> { ["clamav"] = false } }, "user x");
        Evidence[] found = [Evidence.Of("attachment.macro"), Evidence.Of("clamav.virus"), Evidence.Of(CheckRun.Unscannable)];
        Assert.Equal(["attachment.macro", CheckRun.Unscannable], Hearing.Of(off, found).Select(static evidence => evidence.Code));
        Assert.Same(found, Hearing.Of(EffectivePolicy.BuiltIn, found));
    }

    [Fact]
    public void One_reply_stands_for_a_transmission_whoever_else_was_in_it()
    {
        var refuses = Judged(PolicyAction.Reject, "attachment.macro");
        var takes = Judged(PolicyAction.Tag, "");

        // All of it is in the question.
        Assert.Equal(PolicyAction.Reject, Transmission.Of([(refuses, refuses), (takes, refuses)]).Done(refuses).Action);
        Assert.Equal(PolicyAction.Quarantine, Transmission.Of([(refuses, refuses), (takes, takes)]).Done(refuses).Action);
        Assert.Equal(PolicyAction.Tag, Transmission.Of([(refuses, refuses), (takes, takes)]).Done(takes).Action);

        // Another two were not: they refused then, or one took it, or one put it off.
        Assert.Equal(PolicyAction.Reject, Transmission.Of([(takes.Among(3, 2, 0), refuses)]).Done(refuses).Action);
        Assert.Equal(PolicyAction.Quarantine, Transmission.Of([(takes.Among(3, 1, 0), refuses)]).Done(refuses).Action);
        Assert.Equal(PolicyAction.Reject, Transmission.Of([(refuses.Among(3, 3, 0), refuses)]).Done(refuses).Action);
        Assert.Equal(PolicyAction.Defer, Transmission.Of([(takes.Among(3, 0, 1), takes)]).Done(takes).Action);

        static MessageVerdict Judged(PolicyAction action, string reason) =>
            new(action, Tsunagi.Mail.Spool.HoldClass.None, reason, action, 0, false, "", []) { Basis = new VerdictBasis([], [], GreylistStage.NotAsked, []) { Recipients = 2, Refused = 1 } };
    }

    [Fact]
    public async Task A_question_nobody_looks_at_any_more_is_given_up_and_one_that_is_looked_at_is_not()
    {
        var time = new ManualTime();
        var question = new WhatIfQuestion(new PolicyPlace("t_one", Tenant, "tenant", ""), null, 7);
        using var run = new WhatIfRun("wi_1", "u_x", Tenant, question, 0, time);
        var answer = new TaskCompletionSource<Outcome<WhatIfAnswer>>();
        run.Begin(async (told, given) =>
        {
            told(new WhatIfProgress(500, 0.25));
            return await answer.Task.WaitAsync(given);
        }, TimeSpan.FromSeconds(15));
        for (var looks = 0; looks < 5; looks++)
        {
            time.Advance(TimeSpan.FromSeconds(14));
            run.Look();
        }

        await UntilAsync(() => run.Progress.Messages == 500);
        Assert.False(run.IsGivenUp);
        Assert.Null(run.Answer);
        time.Advance(TimeSpan.FromSeconds(14));
        Assert.False(run.IsGivenUp);
        time.Advance(TimeSpan.FromSeconds(2));
        await UntilAsync(() => run.IsGivenUp);
    }

    [Fact]
    public void Senders_beyond_the_limit_are_counted_together_and_messages_beyond_theirs_are_not_kept()
    {
        var tally = new WhatIfTally();
        var (from, to) = (new WhatIfFate(PolicyAction.Tag, HoldClass.None), new WhatIfFate(PolicyAction.Reject, HoldClass.None));
        for (var i = 0; i < WhatIfTally.MostSenders + 1; i++)
        {
            tally.Add(new WhatIfCopy($"m_{i}", 1, $"a@s{i}.example", "b@one.example", "", ""), from, to, false);
        }

        tally.Add(new WhatIfCopy("m_x", 1, "a@s7.example", "b@one.example", "", ""), from, to, false);
        var change = Assert.Single(tally.Answer(0, 1, 1, false).Changes);
        Assert.Equal((WhatIfTally.MostSenders + 2, 20, "s7.example", 2), (change.Copies, change.Newest.Count, change.Senders[0].Domain, change.Senders[0].Copies));
        Assert.Equal(change.Copies, change.OtherSenders + change.Senders.Sum(static sender => sender.Copies));
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var attempt = 0; !holds(); attempt++)
        {
            Assert.True(attempt < 500, "it does not hold after ten seconds");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static MessageVerdict Stored(MessageVerdict verdict) => VerdictFacts.TryRead(VerdictFacts.Write(verdict), out var read, out _) ? read : throw new InvalidOperationException("it does not read back");

    private static void AssertSame(MessageVerdict expected, MessageVerdict actual, string what)
    {
        Assert.True(
            (expected.Action, expected.Hold, expected.Reason, expected.Wished, expected.Points, expected.TagOnly, expected.TagOnlyBy, expected.Shadow) == (actual.Action, actual.Hold, actual.Reason, actual.Wished, actual.Points, actual.TagOnly, actual.TagOnlyBy, actual.Shadow), $"{what}: {expected} and {actual}");
        Assert.Equivalent(expected.Evidence, actual.Evidence, strict: true);
    }

    private static Findings Found(Random random)
    {
        var evidence = new List<Evidence>();
        for (var i = random.Next(6); i > 0; i--)
        {
            var code = EvidenceCatalogue.All[random.Next(EvidenceCatalogue.All.Count)];
            if (!code.Code.StartsWith("sender.", StringComparison.Ordinal) && !code.Code.StartsWith("greylist.", StringComparison.Ordinal))
            {
                evidence.Add(code.Code switch
                {
                    ClientCheck.Listed => Evidence.Of(code.Code, ("list", Zones[random.Next(2)]), ("client", "192.0.2.1"), ("codes", random.Next(3) switch { 0 => "127.0.0.2", 1 => "127.0.0.2 127.0.0.9", _ => "127.0.0.9" })),
                    ClientCheck.NoAnswer => Evidence.Of(code.Code, ("who", random.Next(2) == 0 ? Zones[random.Next(2)] : ClientCheck.Resolver)),
                    _ => Evidence.Of(code.Code, ("a", "1"), ("b", "2"), ("c", "3")),
                });
            }
        }

        return new Findings(evidence, "", new Dictionary<string, Evidence>()) { Lists = Zones };
    }

    private static EffectivePolicy Policy(Random random)
    {
        var codes = EvidenceCatalogue.All.Where(static code => !code.IsNote).ToList();
        var policy = EffectivePolicy.BuiltIn;
        foreach (var scope in (string[])["provider", "tenant t_one", "user b@one.example"])
        {
            policy = policy.With(new FilterPolicy
            {
                Enabled = random.Next(20) == 0 ? false : null,
                TagOnly = random.Next(3) switch { 0 => false, 1 => true, _ => null },
                Shadow = random.Next(6) switch { 0 => true, 1 => false, _ => null },
                TagPoints = random.Next(2) == 0 ? random.Next(30) : null,
                QuarantinePoints = random.Next(2) == 0 ? random.Next(60) : null,
                RejectPoints = random.Next(3) == 0 ? random.Next(100) : null,
                ClassifierPoints = random.Next(3) == 0 ? random.Next(40) : null,
                Checks = random.Next(8) == 0 ? new Dictionary<string, bool> { [EvidenceCatalogue.Checks[random.Next(EvidenceCatalogue.Checks.Count)]] = random.Next(2) == 0 } : null,
                Actions = random.Next(2) == 0 ? new Dictionary<string, PolicyAction> { [codes[random.Next(codes.Count)].Code] = (PolicyAction)(random.Next(2) * 2), [codes[random.Next(codes.Count)].Code] = PolicyAction.Reject } : null,
                BlockLists = random.Next(2) == 0 ? [List(Zones[random.Next(2)])] : null,
            }, scope);
        }

        return policy;
    }

    private static BlockList List(string zone) => new() { Zone = zone, Codes = [new BlockListCode { Code = "127.0.0.2", Points = 12, Means = "sends spam" }] };
}
