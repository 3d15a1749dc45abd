using Tsunagi.Mail.Verdict;

namespace Tsunagi.Tests.Mail.Verdict;

public sealed class Policy_inheritance
{
    private const string Code = "attachment.macro";

    [Fact]
    public void The_narrowest_that_says_something_counts_field_by_field_and_code_by_code()
    {
        var table = new PolicyTable(1,
        [
            Row("t_root/", "tenant", "", new() { TagOnly = false, TagPoints = 1, Actions = Say(PolicyAction.Accept) }),
            Row("t_root/t_one/", "tenant", "", new() { TagPoints = 2 }),
            Row("t_root/t_one/", "domain", "one.example", new() { TagPoints = 3, Checks = new Dictionary<string, bool> { ["clamav"] = false } }),
            Row("t_root/t_one/", "group", "sales", new() { TagPoints = 4, Actions = Say(PolicyAction.Quarantine) }),
            Row("t_root/t_one/", "group", "zoo", new() { TagPoints = 5 }),
            Row("t_root/t_one/", "user", "a@one.example", new() { TagPoints = 6, Checks = new Dictionary<string, bool> { ["clamav"] = true } }),
        ]);
        Assert.Equal((1, false, PolicyAction.Accept, "provider", true), Of(table.For("t_root/t_two/", "two.example", [], "x@two.example")));
        Assert.Equal((2, false, PolicyAction.Accept, "provider", true), Of(table.For("t_root/t_one/", "other.example", [], "x@other.example")));
        Assert.Equal((3, false, PolicyAction.Accept, "provider", false), Of(table.For("t_root/t_one/", "one.example", [], "x@one.example")));
        Assert.Equal((4, false, PolicyAction.Quarantine, "group sales", false), Of(table.For("t_root/t_one/", "one.example", ["sales"], "x@one.example")));
        Assert.Equal((5, false, PolicyAction.Quarantine, "group sales", false), Of(table.For("t_root/t_one/", "one.example", ["sales", "zoo"], "x@one.example")));
        Assert.Equal((6, false, PolicyAction.Quarantine, "group sales", true), Of(table.For("t_root/t_one/", "one.example", ["sales", "zoo"], "a@one.example")));
        Assert.Equal((10, true, PolicyAction.Tag, "", true), Of(PolicyTable.Empty.For("t_root/t_one/", "one.example", [], "x@one.example")));
        Assert.Same(table.For("t_root/t_two/", "two.example", [], "x@two.example"), table.For("t_root/t_two/", "two.example", [], "y@two.example"));
    }

    [Fact]
    public void A_policy_about_somebody_elses_domain_or_group_means_nothing()
    {
        var table = new PolicyTable(1,
        [
            Row("t_root/t_two/", "domain", "one.example", new() { Enabled = false }),
            Row("t_root/t_two/", "user", "a@one.example", new() { Enabled = false }),
            Row("t_root/t_on/", "tenant", "", new() { Enabled = false }),
        ]);
        Assert.True(table.For("t_root/t_one/", "one.example", [], "a@one.example").Enabled);
    }

    [Theory]
    [InlineData("checks", "nothing", PolicyAction.Tag, "mail.policy.check")]
    [InlineData("actions", "nothing.known", PolicyAction.Tag, "mail.policy.code")]
    [InlineData("actions", "header.from-differs", PolicyAction.Tag, "mail.policy.code")]
    [InlineData("actions", "clamav.virus", PolicyAction.Defer, "mail.policy.action")]
    [InlineData("actions", "clamav.virus", (PolicyAction)9, "mail.policy.action")]
    [InlineData("actions", "clamav.unavailable", PolicyAction.Defer, null)]
    [InlineData("actions", "clamav.virus", PolicyAction.Reject, null)]
    public void A_policy_that_means_nothing_here_is_refused(string field, string name, PolicyAction action, string? code)
    {
        var policy = field == "checks" ? new FilterPolicy { Checks = new Dictionary<string, bool> { [name] = true } } : new FilterPolicy { Actions = new Dictionary<string, PolicyAction> { [name] = action } };
        Assert.Equal(code, policy.Check()?.Code);
    }

    [Fact]
    public void Points_lie_between_zero_and_ten_thousand()
    {
        Assert.Null(new FilterPolicy { TagPoints = 0, QuarantinePoints = 10_000 }.Check());
        Assert.Equal("tagPoints", new FilterPolicy { TagPoints = -1 }.Check()?.Field);
        Assert.Equal("rejectPoints", new FilterPolicy { RejectPoints = 10_001 }.Check()?.Field);
    }

    private static FilterPolicyView Row(string path, string scope, string name, FilterPolicy policy) => new(path, scope, name, 1, policy, 0, "test");

    private static Dictionary<string, PolicyAction> Say(PolicyAction action) => new() { [Code] = action };

    private static (int, bool, PolicyAction, string, bool) Of(EffectivePolicy policy) =>
        (policy.TagPoints, policy.TagOnly, policy.ActionOn(Code).Action, policy.ActionOn(Code).By, policy.Wants("clamav"));
}
