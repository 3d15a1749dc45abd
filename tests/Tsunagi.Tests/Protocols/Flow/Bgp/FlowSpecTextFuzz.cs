using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Flow.Bgp;

/// <summary>Rule texts: nothing throws; what is read prints to a text that is read to the same rule, and its octets to the same rule.</summary>
public sealed class FlowSpecTextFuzz : FuzzTarget
{
    public override string Name => "bgp.flowspec-text";

    public override IReadOnlyList<Type> Parsers { get; } = typeof(FlowSpecText).Assembly.GetTypes().Where(t => t.FullName!.StartsWith("Tsunagi.Protocols.Flow.Bgp.FlowSpecText", StringComparison.Ordinal)).ToArray();

    public override IReadOnlyList<byte[]> Words { get; } =
        Latin1(" dst ", " src ", " proto ", " sport ", " len ", " then ", " discard", "192.0.2.1/32", "2001:db8::/32", "1-5", "&", ",", "!=", ">=", "=syn+ack", "!ack", " rd 1:2", " offset 3", "65536", " as 1", "/4", "true", "false0", " redirect 1:2", "0x200", " then accept");

    public override int MaxOctets => 300;

    public override byte[] Generate(Random random) => Octets.Of(FlowSpec_rules.Texts[random.Next(FlowSpec_rules.Texts.Length)]);

    public override void Run(byte[] input)
    {
        string text = Octets.Show(input);
        if (!FlowSpecText.TryParse(text, out FlowSpecStatement? statement, out string error))
        {
            Promise(statement is null && error.Length > 0, "a refusal has words");
            return;
        }

        string printed = statement!.ToString();
        Promise(FlowSpecText.TryParse(printed, out FlowSpecStatement? again, out error), $"{printed}: {error}");
        Promise(statement.Equals(again), $"{text} became {printed}, and that {again}");
        Promise(FlowSpecNlri.TryRead(FlowSpecNlri.Write(statement.Rule), statement.Rule.Family, default, out FlowSpecRule? rule, out _) && statement.Rule.Equals(rule), $"{printed} as octets");
    }
}
