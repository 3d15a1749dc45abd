using System.Net;
using Tsunagi.Protocols.Flow.Stix;

namespace Tsunagi.Tests.Protocols.Flow.Stix;

/// <summary>Patterns: those of the field are read, written and understood; of the others it is said that they are not.</summary>
public class Stix_patterns
{
    /// <summary>Patterns as MISP, OpenCTI and the examples of the standard write them.</summary>
    public static readonly string[] Texts =
    [
        "[ipv4-addr:value = '198.51.100.5']", "[ipv4-addr:value = '198.51.100.5' OR ipv4-addr:value = '203.0.113.0/24']", "[ipv4-addr:value ISSUBSET '203.0.113.0/24']", "[ipv6-addr:value='2001:db8::5']",
        "[network-traffic:src_ref.value = '198.51.100.7' AND network-traffic:src_port = 53 AND network-traffic:protocols[*] = 'udp']", "[ipv4-addr:value IN ('198.51.100.1','198.51.100.2')]",
        "[ipv4-addr:value = '198.51.100.5'] OR [ipv6-addr:value = '2001:db8::1']", "[(network-traffic:dst_port = 80 OR network-traffic:dst_port = 443) AND network-traffic:src_ref.value ISSUBSET '198.51.100.0/24']",
        "[file:hashes.'SHA-256' = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f']", @"[windows-registry-key:key LIKE 'HKEY\\foo\'s%']", "[x:y NOT = -1.5 AND x:z != true AND x:t > t'2020-01-01T00:00:00Z' AND x:h = h'ff' AND x:b = b'AA==']",
    ];

    [Fact]
    public void Each_reads_and_what_is_written_reads_as_the_same()
    {
        foreach (var text in Texts)
        {
            Assert.True(StixPattern.TryParse(text, null, out var pattern, out var problem), $"{text}: {problem}");
            Assert.True(StixPattern.TryParse(pattern!.ToString(), null, out var again, out problem), $"{pattern}: {problem}");
            Assert.Equal(pattern, again);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("ipv4-addr:value = 'a'")]
    [InlineData("[ipv4-addr:value = 'a'")]
    [InlineData("[ipv4-addr:value = 'a]")]
    [InlineData(@"[ipv4-addr:value = 'a\b']")]
    [InlineData("[ipv4-addr:value 'a']")]
    [InlineData("[ipv4-addr:value = ]")]
    [InlineData("[ipv4-addr:value IN ()]")]
    [InlineData("[ipv4-addr:value = 'a' AND]")]
    [InlineData("[x:y[a] = 1]")]
    [InlineData("[ipv4-addr:value = 'a'] FOLLOWEDBY [ipv4-addr:value = 'b']")]
    [InlineData("[ipv4-addr:value = 'a'] WITHIN 5 SECONDS")]
    public void What_is_not_read_is_said_with_its_place(string text)
    {
        Assert.False(StixPattern.TryParse(text, null, out var pattern, out var problem));
        Assert.Null(pattern);
        Assert.Matches(@"at \d+", problem);
    }

    [Fact]
    public void Traffic_is_understood_as_the_ways_in_which_it_matches()
    {
        Assert.Equal([new StixTraffic(IPNetwork.Parse("198.51.100.5/32"), null, null, null), new StixTraffic(IPNetwork.Parse("203.0.113.0/24"), null, null, null)], Ways(Texts[1]));
        Assert.Equal([new StixTraffic(IPNetwork.Parse("198.51.100.7/32"), "udp", 53, null)], Ways(Texts[4]));
        Assert.Equal(
            [new StixTraffic(IPNetwork.Parse("198.51.100.0/24"), null, null, 80), new StixTraffic(IPNetwork.Parse("198.51.100.0/24"), null, null, 443)], Ways(Texts[7]));
        Assert.Equal(2, Ways(Texts[6])!.Count);

        // A narrower block within a wider one is the narrower; two apart match nothing.
        Assert.Equal([new StixTraffic(IPNetwork.Parse("198.51.100.7/32"), null, null, null)], Ways("[ipv4-addr:value ISSUBSET '198.51.100.0/24' AND ipv4-addr:value = '198.51.100.7']"));
        Assert.Empty(Ways("[ipv4-addr:value = '198.51.100.1' AND ipv4-addr:value = '198.51.100.2']")!);
    }

    [Theory]
    [InlineData("[ipv4-addr:value != '198.51.100.5']")]
    [InlineData("[ipv4-addr:value NOT = '198.51.100.5']")]
    [InlineData("[ipv4-addr:value LIKE '198.51.%']")]
    [InlineData("[ipv4-addr:value = '2001:db8::1']")]
    [InlineData("[ipv4-addr:value = '010.1.1.1']")]
    [InlineData("[network-traffic:src_port = 65536]")]
    [InlineData("[ipv4-addr:value = '198.51.100.5' AND file:name = 'a']")]
    public void Half_of_a_pattern_is_never_used(string text) => Assert.Null(Ways(text));

    [Fact]
    public void What_is_meant_writes_a_pattern_that_means_it()
    {
        foreach (var way in (StixTraffic[])[new(IPNetwork.Parse("198.51.100.7/32"), "udp", 53, null), new(IPNetwork.Parse("2001:db8::/48"), null, null, null), new(null, "tcp", null, 443), new(IPNetwork.Parse("198.51.100.0/24"), null, null, null)])
        {
            Assert.Equal([way], Ways(way.ToPattern().ToString()));
        }

        Assert.Throws<InvalidOperationException>(() => default(StixTraffic).ToPattern());
    }

    [Fact]
    public void Limits_hold_at_themselves_and_one_past_them()
    {
        Assert.True(StixPattern.TryParse(Texts[0], new StixLimits { MaxPattern = Texts[0].Length }, out _, out _));
        Assert.False(StixPattern.TryParse(Texts[0], new StixLimits { MaxPattern = Texts[0].Length - 1 }, out _, out _));
        Assert.True(StixPattern.TryParse(Texts[4], new StixLimits { MaxComparisons = 3 }, out _, out _));
        Assert.False(StixPattern.TryParse(Texts[4], new StixLimits { MaxComparisons = 2 }, out _, out _));
        Assert.True(StixPattern.TryParse($"[{new string('(', 31)}x:y = 1{new string(')', 31)}]", null, out _, out _));
        Assert.False(StixPattern.TryParse($"[{new string('(', 32)}x:y = 1{new string(')', 32)}]", null, out _, out _));

        // Every OR in an AND multiplies: what would be more than a thousand ways is not understood instead.
        var ports = string.Join(" OR ", Enumerable.Range(1, 40).Select(static port => $"network-traffic:src_port = {port}"));
        var others = string.Join(" OR ", Enumerable.Range(1, 40).Select(static port => $"network-traffic:dst_port = {port}"));
        Assert.Null(Ways($"[({ports}) AND ({others})]"));
    }

    private static IReadOnlyList<StixTraffic>? Ways(string text)
    {
        Assert.True(StixPattern.TryParse(text, null, out var pattern, out var problem), problem);
        return StixTraffic.TryRead(pattern!, out var ways, out problem) ? ways : problem.Length > 0 ? null : throw new InvalidOperationException("a refusal has words");
    }
}
