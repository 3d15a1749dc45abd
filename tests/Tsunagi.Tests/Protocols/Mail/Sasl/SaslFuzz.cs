using System.Text;
using Tsunagi.Protocols.Mail.Sasl;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Sasl;

/// <summary>
/// A client's messages, one a line, by the mechanism that the length chooses. Nobody passes who does not know the secret; a first message that is read is read back from its own parts; and the
/// exchange always ends.
/// </summary>
public sealed class SaslFuzz : FuzzTarget
{
    private const string Nonce = "3rfcNHYJY1ZVvWVs7j";

    // Few rounds: what is fuzzed is the reading.
    private static readonly ScramVerifier Verifier = Scram.Pencil;

    public override string Name => "sasl.exchange";

    public override IReadOnlyList<Type> Parsers => [typeof(ScramClientFirst), typeof(ScramClientFinal), typeof(ScramText), typeof(PlainMessage), typeof(SaslText), typeof(SaslExchange), typeof(ScramVerifier)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("n,,", "y,,", "p=tls-server-end-point,,", "p=x,,", "a=u,", "n=", "r=", "c=", "p=", "m=", "=2C", "=3D", "=", ",", "\n", "\0", "\u00ad", "\u00e9", "pencil", Nonce, "biws", "A===", " ");

    public override byte[] Generate(Random random)
    {
        var header = Pick(random, "n,,", "n,,", "n,a=u,", "y,,", "p=tls-server-end-point,,", "p=tls-exporter,,", "n,x=u,");
        var client = new Scram(Pick(random, "u", "u=2Cv", "u=3D", "ü", "="), Pick(random, "pencil", "pencil", "wrong"), Pick(random, "abc", "a b", ""), header, header[0] == 'p' && random.Next(3) > 0 ? [9] : null);
        var serverFirst = $"r={client.Bare[(client.Bare.IndexOf(",r=", StringComparison.Ordinal) + 3)..]}{Nonce},s={Convert.ToBase64String(Verifier.Salt.Span)},i=4096";
        byte[] text = random.Next(4) switch
        {
            0 => Encoding.UTF8.GetBytes(Pick(random, "\0u\0pencil", "u\0u\0pencil", "\0u\0wrong", "v\0u\0pencil", "\0ｕ\0pen\u00ADcil", "\0u\0pencil\u00A0", "u")),
            1 => Encoding.UTF8.GetBytes(Pick(random, "u\npencil", "u\nwrong", "\n", "é\npencil")),
            _ => [.. client.First, .. Encoding.UTF8.GetBytes(Pick(random, "", "", ",x=1", ",m=1")), (byte)'\n', .. client.Answer(Encoding.UTF8.GetBytes(serverFirst)).Final, .. Encoding.UTF8.GetBytes(Pick(random, "\n", "\nx", ""))],
        };
        return text;
    }

    public override void Run(byte[] input)
    {
        string[] lines = Encoding.Latin1.GetString(input).Split('\n');
        foreach (SaslMechanism mechanism in SaslMechanisms.All)
        {
            Promise(SaslMechanisms.TryFind(SaslMechanisms.NameOf(mechanism), out SaslMechanism same) && same == mechanism, "each mechanism has its name");
            Converse(mechanism, lines, input);
        }

        SaslText.TryDecode(input, out _);
        if (PlainMessage.TryParse(input, out PlainMessage plain))
        {
            Promise(plain.ToString().Length > 0 && plain.UserName.Length + plain.Secret.Length + plain.AuthorizationIdentity.Length + 2 == input.Length, "nothing is lost of a plain message");
        }

        if (ScramClientFirst.TryParse(Encoding.Latin1.GetBytes(lines[0]), out ScramClientFirst? first))
        {
            Promise(Encoding.UTF8.GetBytes(first!.Header + first.Bare).AsSpan().SequenceEqual(Encoding.Latin1.GetBytes(lines[0])), "the parts are the message");
        }
    }

    private static void Converse(SaslMechanism mechanism, string[] lines, byte[] input)
    {
        var exchange = new SaslExchange(mechanism, input.Length % 3 == 0 ? default : [9], Nonce);
        SaslStep step = input.Length % 5 == 0 ? exchange.Begin(default, false) : new SaslStep(SaslStepKind.Challenge);
        bool begun = input.Length % 5 == 0;
        int at = 0;
        for (; step.Kind == SaslStepKind.Challenge && at < lines.Length; at++)
        {
            byte[] line = Encoding.Latin1.GetBytes(mechanism == SaslMechanism.Plain ? string.Join('\n', lines) : lines[at]);
            step = begun ? exchange.Handle(line) : exchange.Begin(line, true);
            begun = true;
            if (step.Kind == SaslStepKind.AskVerifier)
            {
                step = exchange.Answer(Verifier, exchange.UserName is "u" or "u,v" or "u=");
            }
        }

        if (step.Kind == SaslStepKind.Passed)
        {
            Promise(exchange.UserName is "u" or "u,v" or "u=", "who passes has a name that there is");
        }

        if (step.Kind != SaslStepKind.Challenge)
        {
            bool threw = false;
            try
            {
                exchange.Handle(input);
            }
            catch (InvalidOperationException)
            {
                threw = true;
            }

            Promise(threw, "an exchange that ended takes nothing more");
        }
    }
}
