using System.Text;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>The rule compiler under the fuzzer: an input is the number of a case (<see cref="RuleCase"/>), four octets, and behind it the rule by hand, if there is one.</summary>
public sealed class RuleCompilerTarget : FuzzTarget
{
    private const int NumberOctets = 4;

    public override string Name => "ddos.rules";

    public override IReadOnlyList<Type> Parsers => [typeof(MitigationGuards), typeof(RuleSynthesis)];

    public override IReadOnlyList<byte[]> Words => Latin1("dst ", "src ", "proto ", "sport ", "dport ", "len ", "tcp-flags ", " then ", "discard", "rate ", "10.0.0.1/32", "2001:db8::/48", "99971", "=syn", "&", ">", "<", "!");

    public override int MaxOctets => 256;

    public override byte[] Generate(Random random)
    {
        var input = new byte[NumberOctets];
        random.NextBytes(input);
        return random.Next(2) == 0 ? input : [.. input, .. Encoding.ASCII.GetBytes("dst 10.0.0.1/32 proto udp sport 53 len 1200-1500 then discard")];
    }

    public override void Run(byte[] input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Span<byte> number = stackalloc byte[NumberOctets];
        input.AsSpan(0, Math.Min(input.Length, NumberOctets)).CopyTo(number);
        RuleCase.Run(BitConverter.ToInt32(number), input.Length > NumberOctets ? Encoding.Latin1.GetString(input, NumberOctets, input.Length - NumberOctets) : null);
    }
}
