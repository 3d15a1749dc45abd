using System.Diagnostics;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>The rule compiler over random cases; a million of them are the claim ddos.compiler-fuzz.</summary>
public sealed class Rules_under_fuzz
{
    [Fact]
    public void Are_never_forbidden_or_impossible_and_nftables_takes_them()
    {
        var (made, refused, byHand, byHandRefused) = (0, 0, 0, 0);
        var passed = new List<string>();
        for (var seed = 1; seed <= 1_000; seed++)
        {
            var one = RuleCase.Run(seed);
            (made, refused, byHand, byHandRefused) = (made + one.Made, refused + one.MadeRefused, byHand + one.ByHand, byHandRefused + one.ByHandRefused);
            passed.AddRange(one.Passed);
        }

        Assert.True(made > 100 && refused > 100 && byHand > 20 && byHandRefused > 100, $"made {made} and {refused} refused, by hand {byHand} and {byHandRefused} refused");
        Assert.InRange(RuleTables.Check(passed), made / 2, passed.Count);
    }

    [Theory]
    [InlineData("00", "too short")]
    [InlineData("0301180a", "component 1")]
    [InlineData("0501180a0000", "")]
    [InlineData("0501180a0001", "")]
    [InlineData("0501170a0001", "bits behind")]
    [InlineData("0801180a0000038111", "")]
    [InlineData("03038111", "no destination")]
    [InlineData("080381110118 0a0000", "component 1 behind 3")]
    [InlineData("0901180a00000a9000c8", "")]
    [InlineData("0a01180a00000a9100c8ff", "component 255")]
    [InlineData("0801180a0000030111", "no end")]
    [InlineData("0801180a0000038911", "operator 89")]
    [InlineData("0801180a000003c111", "operator c1")]
    public void Are_checked_by_a_reader_that_sees_what_is_wrong(string octets, string wrong)
    {
        var read = WireRule.Read(Convert.FromHexString(octets.Replace(" ", "", StringComparison.Ordinal)), isIPv6: false, out var why);
        Assert.Equal(wrong.Length == 0, read is not null);
        Assert.Contains(wrong, why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_component_that_nothing_can_match_is_seen()
    {
        // dst 10.0.0.0/24 len >=99 &<=98
        var rule = WireRule.Read(Convert.FromHexString("0a01180a00000a0363c562"), isIPv6: false, out var wrong);
        Assert.Equal("", wrong);
        Assert.Equal(10, rule!.Impossible(1_500));
        Assert.Throws<UnreachableException>(() => RuleTables.Check(["dst 10.0.0.1/33 proto udp sport 53 then discard"]));
    }
}
