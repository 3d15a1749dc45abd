using Tsunagi.Protocols.Mail.Spf;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Spf;

/// <summary>Records. What is read keeps to the grammar, and reads back from its own terms.</summary>
public sealed class SpfRecordFuzz : FuzzTarget
{
    public override string Name => "spf.record";

    public override IReadOnlyList<Type> Parsers => [typeof(SpfRecord), typeof(SpfRecordReader), typeof(SpfMacroString), typeof(SpfMacroPart)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1(" ", "  ", "v=spf1", "a", "mx", "ptr", "all", "ip4:", "ip6:", "include:", "exists:", "redirect=", "exp=", "x=", "/24", "//64", "/33", "/024", ":", "/", "%", "%{", "}", "%%", "%_", "%-", "%{d2r.}", "%{x}", "+", "-", "~", "?", "\0", "\u00e9", "255", "256", ".", "1");

    public static string Term(Random random) => Pick(random,
        "a", "-a", "~mx", "?ptr", "+all", "a/24", "a//64", "mx/24//64", "a:%{d}", $"a:{Domain(random)}", $"mx:{Domain(random)}/{random.Next(40)}", "ptr:example.com", $"ip4:192.0.2.{random.Next(300)}", $"ip4:10.0.0.0/{random.Next(40)}", $"ip6:2001:db8::/{random.Next(140)}",
        "ip6:::ffff:192.0.2.1", $"include:{Domain(random)}", $"exists:{Domain(random)}", $"redirect={Domain(random)}", $"exp={Domain(random)}", "tag=%{s}%%", "all:x", "include", "exists", "a:", "a/", "ip4", "ip6:1.2.3.4", "moo", "a:museum", "a:example.com:80", "a:x.-y", "a:x.1", "exp=-all", "redirect=");

    public static string Domain(Random random) => Pick(random, "example.com", "_spf.example.com.", "%{d}", "%{ir}.%{v}._spf.%{d2}", "%{l1r+-}.u.example.com", "%{S}.x.example.com", "%{h}", "%{p}.example.com", "%{o}%_%-.example.com", "x.%{d200r}", "a..example.com", "foo:bar/baz.example.com", "%{c}.example.com", "%{dr", "%{}", "%{d0}", new string('a', 70) + ".example.com");

    public override byte[] Generate(Random random) => Octets.Of("v=spf1 " + string.Join(' ', Enumerable.Range(0, random.Next(1, 6)).Select(_ => Term(random))));

    public override void Run(byte[] input)
    {
        string text = Octets.Show(input);
        Promise(!SpfMacroString.TryParse(text, explanation: true, out SpfMacroString? macro, out _) || macro!.ToString() == text, "a macro is kept as published");
        if (!SpfRecord.TryParse(text, out SpfRecord? record, out string reason))
        {
            Promise(record is null && reason.Length > 0, "a reason is given");
            return;
        }

        Promise(SpfRecord.IsSpf(text), "only SPF records are read");
        Promise(!text.AsSpan().ContainsAnyExceptInRange(' ', '~'), "only printing ASCII is read");
        foreach (SpfMechanism mechanism in record!.Mechanisms)
        {
            Promise(mechanism.PrefixV4 is >= 0 and <= 32 && mechanism.PrefixV6 is >= 0 and <= 128, "prefixes keep to their limits");
            Promise(mechanism.Qualifier is SpfVerdict.Pass or SpfVerdict.Fail or SpfVerdict.SoftFail or SpfVerdict.Neutral, "a qualifier is one of four");
            Promise(mechanism.Kind is SpfMechanismKind.Ip4 or SpfMechanismKind.Ip6 == mechanism.Network is not null, "only networks have one");
        }

        string again = "v=spf1 " + string.Join(' ', record.Mechanisms.Select(m => m.Text).Concat(record.OtherModifiers));
        again += (record.Redirect is null ? "" : " redirect=" + record.Redirect) + (record.Explanation is null ? "" : " exp=" + record.Explanation);
        Promise(SpfRecord.TryParse(again, out SpfRecord? second, out _) && second!.Mechanisms.SequenceEqual(record.Mechanisms, Same.Instance), $"{again} reads back");
    }

    private sealed class Same : IEqualityComparer<SpfMechanism>
    {
        public static readonly Same Instance = new();

        public bool Equals(SpfMechanism? x, SpfMechanism? y) => (x! with { Domain = null }) == (y! with { Domain = null }) && x.Domain?.Text == y.Domain?.Text;

        public int GetHashCode(SpfMechanism mechanism) => mechanism.Text.Length;
    }
}
