using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Tests.Mail.Verdict;

public sealed class Judging
{
    private static readonly EffectivePolicy Strict = EffectivePolicy.BuiltIn.With(new FilterPolicy { TagOnly = false }, "provider");

    /// <summary>Found → done, class, decided by, wished.</summary>
    public static TheoryData<string, string[], FilterPolicy?, PolicyAction, string, string, PolicyAction> Table => new()
    {
        { "nothing", [], null, PolicyAction.Accept, "None", "", PolicyAction.Accept },
        { "a note", ["header.from-differs"], null, PolicyAction.Accept, "None", "", PolicyAction.Accept },
        { "few points", ["header.missing-field"], null, PolicyAction.Accept, "None", "", PolicyAction.Accept },
        { "points at the limit", ["header.missing-field", "header.missing-field"], null, PolicyAction.Tag, "None", "points", PolicyAction.Tag },
        { "points at their own limit", ["header.missing-field"], new() { TagPoints = 5 }, PolicyAction.Tag, "None", "points", PolicyAction.Tag },
        { "points one below", ["header.missing-field"], new() { TagPoints = 6 }, PolicyAction.Accept, "None", "", PolicyAction.Accept },
        { "points never", ["header.missing-field", "header.duplicate-field"], new() { TagPoints = 0 }, PolicyAction.Accept, "None", "", PolicyAction.Accept },
        { "points to quarantine", ["header.missing-field"], new() { QuarantinePoints = 5 }, PolicyAction.Quarantine, "Spam", "points", PolicyAction.Quarantine },
        { "points to reject", ["header.missing-field"], new() { RejectPoints = 5 }, PolicyAction.Reject, "None", "points", PolicyAction.Reject },
        { "a program", ["attachment.executable"], null, PolicyAction.Quarantine, "Attachment", "attachment.executable", PolicyAction.Quarantine },
        { "the hardest counts", ["attachment.macro", "clamav.virus", "attachment.executable"], new() { Actions = Say("clamav.virus", PolicyAction.Reject) }, PolicyAction.Reject, "None", "clamav.virus", PolicyAction.Reject },
        { "of equals the first", ["attachment.script", "clamav.virus"], null, PolicyAction.Quarantine, "Attachment", "attachment.script", PolicyAction.Quarantine },
        { "tag-only", ["clamav.virus"], new() { TagOnly = true }, PolicyAction.Tag, "None", "clamav.virus", PolicyAction.Quarantine },
        { "tag-only and a tag", ["attachment.macro"], new() { TagOnly = true }, PolicyAction.Tag, "None", "attachment.macro", PolicyAction.Tag },
        { "a scanner that is away", ["clamav.unavailable"], null, PolicyAction.Tag, "None", "clamav.unavailable", PolicyAction.Tag },
        { "put off for it", ["clamav.unavailable"], new() { Actions = Say("clamav.unavailable", PolicyAction.Defer) }, PolicyAction.Defer, "None", "clamav.unavailable", PolicyAction.Defer },
        { "not put off for it when tag-only", ["clamav.unavailable"], new() { TagOnly = true, Actions = Say("clamav.unavailable", PolicyAction.Defer) }, PolicyAction.Tag, "None", "clamav.unavailable", PolicyAction.Defer },
        { "a blocked sender", ["sender.blocked"], null, PolicyAction.Quarantine, "Spam", "sender.blocked", PolicyAction.Quarantine },
        { "points of an allowed sender", ["header.missing-field", "sender.allowed"], new() { QuarantinePoints = 5 }, PolicyAction.Accept, "None", "sender.allowed", PolicyAction.Accept },
        { "a program of an allowed sender", ["attachment.executable", "sender.allowed"], null, PolicyAction.Quarantine, "Attachment", "attachment.executable", PolicyAction.Quarantine },
        { "reads like spam", ["classifier.spam"], null, PolicyAction.Tag, "None", "points", PolicyAction.Tag },
        { "reads like spam and is worth nothing", ["classifier.sure-spam"], new() { ClassifierPoints = 0 }, PolicyAction.Accept, "None", "", PolicyAction.Accept },
        { "surely spam, worth more", ["classifier.sure-spam"], new() { ClassifierPoints = 17 }, PolicyAction.Quarantine, "Spam", "points", PolicyAction.Quarantine },
        { "reads a little like spam", ["classifier.suspect"], null, PolicyAction.Accept, "None", "", PolicyAction.Accept },
        { "reads a little like spam, and more", ["classifier.suspect", "header.missing-field"], null, PolicyAction.Tag, "None", "points", PolicyAction.Tag },
        { "off", ["clamav.virus"], new() { Enabled = false }, PolicyAction.Accept, "None", "", PolicyAction.Accept },
        { "a code of a newer program", ["later.thing"], null, PolicyAction.Accept, "None", "", PolicyAction.Accept },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_verdict_follows_from_what_was_found_and_the_policy(
        string name, string[] found, FilterPolicy? policy, PolicyAction action, string hold, string reason, PolicyAction wished)
    {
        var verdict = Judge.Decide([.. found.Select(static code => Evidence.Of(code))], policy is null ? Strict : Strict.With(policy, name));
        Assert.Equal((action, hold, reason, wished), (verdict.Action, verdict.Hold.ToString(), verdict.Reason, verdict.Wished));
    }

    [Fact]
    public void What_cannot_be_refused_because_others_take_it_is_kept_instead()
    {
        var policy = Strict.With(new FilterPolicy { Actions = new Dictionary<string, PolicyAction> { ["clamav.virus"] = PolicyAction.Reject, ["attachment.macro"] = PolicyAction.Reject } }, "x");
        Assert.Equal((PolicyAction.Quarantine, HoldClass.Virus), Of(Judge.Decide([Evidence.Of("clamav.virus")], policy).KeptInstead()));
        Assert.Equal((PolicyAction.Quarantine, HoldClass.Policy), Of(Judge.Decide([Evidence.Of("attachment.macro")], policy).KeptInstead()));
        static (PolicyAction, HoldClass) Of(MessageVerdict verdict) => (verdict.Action, verdict.Hold);
    }

    [Fact]
    public void The_stored_verdict_reads_back_and_tells_the_same_story()
    {
        var verdict = Judge.Decide(
            [Evidence.Of("attachment.macro", ("file", "a\u202e.docm"), ("how", "by its name")), Evidence.Of("clamav.virus", ("signature", "Eicar"))],
            EffectivePolicy.BuiltIn.With(new FilterPolicy { Actions = Say("attachment.macro", PolicyAction.Reject) }, "domain one.example"));
        Assert.True(VerdictFacts.TryRead(VerdictFacts.Write(verdict), out var read, out var omitted));
        Assert.Equal(0, omitted);
        Assert.Equivalent(verdict, read, strict: true);
        Assert.Equal("It was delivered with a mark. Without tag-only it would have been refused.", VerdictStory.Summary(read).En);
        Assert.Equal("a?.docm holds macros (by its name).", VerdictStory.Decider(read)!.En);
        Assert.Equal("ウイルススキャナーが Eicar を検出しました。", VerdictStory.Says(read.Evidence[1].Evidence).Ja);
        Assert.Equal("refused (policy of domain one.example)", VerdictStory.PolicySays(read.Evidence[0]).En);
        Assert.Equal("quarantined (the program's own policy)", VerdictStory.PolicySays(read.Evidence[1]).En);
        Assert.Equal("X-Tsunagi-Verdict: tag; reason=attachment.macro; points=105;\r\n\tfound=attachment.macro;\r\n\tfound=clamav.virus\r\n", VerdictMark.Of(read));
    }

    [Fact]
    public void A_stored_verdict_stays_within_its_limit_and_a_damaged_one_is_no_verdict()
    {
        var many = Enumerable.Range(0, 500).Select(static i => Evidence.Of("attachment.macro", ("file", new string('x', 300) + i), ("how", "x"))).ToList();
        var octets = VerdictFacts.Write(Judge.Decide(many, Strict));
        Assert.InRange(octets.Length, 1, AcceptFacts.MaxEvidenceBytes);
        Assert.True(VerdictFacts.TryRead(octets, out var read, out var omitted));
        Assert.Equal(500, read.Evidence.Count + omitted);
        Assert.InRange(omitted, 1, 499);
        Assert.All(read.Evidence, static judged => Assert.InRange(judged.Evidence.Values[0].Text.Length, 1, EvidenceValue.MaxCharacters));
        for (var length = 0; length < 200; length++)
        {
            Assert.False(VerdictFacts.TryRead(octets.AsSpan(0, length), out var none, out _));
            Assert.Same(MessageVerdict.NotChecked, none);
        }
    }

    [Fact]
    public void Every_code_has_its_check_its_words_and_as_many_values_as_it_names()
    {
        foreach (var code in EvidenceCatalogue.All)
        {
            Assert.Contains('.', code.Code);
            Assert.All(new[] { code.Says.En, code.Says.Ja, code.Tells.En, code.Tells.Ja }, static text => Assert.NotEmpty(text));
            Assert.Equal(code.Says.En.Contains("{1}", StringComparison.Ordinal), code.Says.Ja.Contains("{1}", StringComparison.Ordinal));
            Assert.True(System.Text.Ascii.IsValid(code.Tells.En), $"{code.Code}: a reply is ASCII");
        }

        Assert.All(EvidenceCatalogue.Checks, static check => Assert.NotNull(EvidenceCatalogue.Find(check + ".unavailable")));
    }

    private static Dictionary<string, PolicyAction> Say(string code, PolicyAction action) => new() { [code] = action };
}
