using System.Buffers;
using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.Arc;
using Tsunagi.Protocols.Mail.AuthResults;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Tests.Protocols.Mail.Dkim;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Arc;

/// <summary>Chains, valid ones among them. A chain that passes is whole; whatever stands there can be sealed, and then verifies or is closed.</summary>
public sealed class ArcChainFuzz : FuzzTarget
{
    private static readonly FixedDns Dns = DkimSamples.Keys();
    private static readonly string[] Valid = Chains();

    public override string Name => "arc.chain";

    public override IReadOnlyList<Type> Parsers => [typeof(ArcChain), typeof(ArcVerification), typeof(ArcSealing)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("i=1;", "i=2;", "i=", "i=51;", "cv=none", "cv=pass", "cv=fail", "ARC-Seal:", "ARC-Message-Signature:", "ARC-Authentication-Results:", "(", ")", ";", "\r\n", "\r\n ");

    public override int MaxOctets => 12_000;

    public override byte[] Generate(Random random)
    {
        if (random.Next(3) > 0)
        {
            return Encoding.UTF8.GetBytes(Valid[random.Next(Valid.Length)]);
        }

        var text = new StringBuilder();
        for (int i = random.Next(1, 3); i > 0; i--)
        {
            text.Append(CultureInfo.InvariantCulture, $"ARC-Seal:{DkimMessageFuzz.Signature(random, $"i={i}; cv={Pick(random, "none", "pass", "fail")};")}\r\nARC-Message-Signature:{DkimMessageFuzz.Signature(random, $"i={Pick(random, "1", "2", "0", "x")};")}\r\nARC-Authentication-Results: {Pick(random, $"i={i}; a.example; none", "(x) i (y) = 1 ; a", "i=1", "a.example; none")}\r\n");
        }

        return Octets.Of(text + DkimSamples.Plain);
    }

    public override void Run(byte[] input)
    {
        var sequence = new ReadOnlySequence<byte>(input);
        using SignedMessage message = SignedMessage.Read(sequence);
        var verification = new ArcVerification(message, new ArcOptions { FindsOldestPass = true });
        var sealing = new ArcSealing(message);
        message.AppendBodyOf(sequence);
        ArcResult result = Completed.Of(verification.CompleteAsync(Dns, DkimSamples.Now, CancellationToken.None));
        Promise(result.Reason.Length > 0 && result.LastInstance is >= 0 and <= 50, "a reason is given");
        Promise(result.Verdict != ArcVerdict.Pass || result.Sets.Length == result.LastInstance, "a chain that passes is whole");
        Promise((result.Verdict == ArcVerdict.None) == (result is { LastInstance: 0, Verdict: not ArcVerdict.Fail }), "no chain is none");
        var output = new ArrayBufferWriter<byte>();
        bool added = sealing.TryComplete(DkimSamples.Ed25519Signer, result, new AuthenticationResults { AuthservId = "a.example" }, DkimSamples.Now, output);
        Promise(added != (result.IsClosed || result.LastInstance == 50) && added == output.WrittenCount > 0, "a chain that is closed or full stays as it is");
        if (added)
        {
            byte[] next = [.. output.WrittenSpan, .. input];
            ArcResult again = Completed.Of(ArcVerification.VerifyAsync(new ReadOnlySequence<byte>(next), Dns, DkimSamples.Now, null, CancellationToken.None));
            Promise(result.Verdict is ArcVerdict.Fail or ArcVerdict.TempError || again.Verdict == ArcVerdict.Pass || message.Header.Find("From").Count != 1 || again.Reason.Contains("too long", StringComparison.Ordinal), $"what was sealed verifies: {again.Reason}");
        }
    }

    private static string[] Chains()
    {
        string one = Completed.Of(Arc_sealing.Seal(DkimSamples.Plain, DkimSamples.Ed25519Signer, dns: Dns));
        string two = Completed.Of(Arc_sealing.Seal(one, DkimSamples.Ed25519Signer, dns: Dns));
        string changed = Completed.Of(Arc_sealing.Seal(one.Replace("hungry", "thirsty"), DkimSamples.Ed25519Signer, dns: Dns));
        return [one, two, changed, DkimSamples.Plain, one.Replace("h=From", "h=ARC-Seal:From"), one.Replace("c=relaxed/relaxed; ", "")];
    }
}
