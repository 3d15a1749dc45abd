using System.Buffers;
using System.Text;
using Tsunagi.Protocols.Mail.AuthResults;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.AuthResults;

/// <summary>Payloads. What is read is written and read again as the same.</summary>
public sealed class AuthResultsFuzz : FuzzTarget
{
    public override string Name => "auth.results";

    public override IReadOnlyList<Type> Parsers => [typeof(AuthenticationResultsReader), typeof(AuthenticationResults), typeof(AuthenticationText), typeof(ForgedResults)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1(";", "=", "(", ")", "\\", "\"", "@", ".", "/1", "none", "reason=", "spf=pass", " 1", "\r\n ", "\0", "\u00e9", "smtp.mailfrom=");

    public override byte[] Generate(Random random)
    {
        var text = new StringBuilder(Pick(random, "mx.example.org", "\"mx.example.org\"", " (c) a.example 1", "a 2 (x)", "ours.example"));
        if (random.Next(6) == 0)
        {
            return Octets.Of(text.Append("; none").ToString());
        }

        for (int i = random.Next(1, 5); i > 0; i--)
        {
            text.Append(Pick(random, "; ", ";\r\n ")).Append(Pick(random, "spf", "dkim/1", "dmarc (x) / 2", "arc")).Append(Pick(random, "=pass", " = fail", "=none (why (nested) \\) not)"));
            text.Append(Pick(random, "", " reason=\"be\\\"cause\"", " reason=ok", " action=none"));
            text.Append(Pick(random, "", " smtp.mailfrom=joe@example.com", " header.d=example.com header.b=Ab+/=", " policy (a) . (b) x = (c) 1", " smtp.mailfrom=\"joe q\"@example.com", " header.from=\"a b\""));
        }

        return Octets.Of(text.ToString());
    }

    public override void Run(byte[] input)
    {
        string? id = AuthenticationResults.AuthservIdOf(input);
        if (!AuthenticationResults.TryParse(input, out AuthenticationResults? read, out string reason))
        {
            Promise(reason.Length > 0, "a reason is given");
            return;
        }

        Promise(id == read!.AuthservId, "both ways read the same id");
        var output = new ArrayBufferWriter<byte>();
        read.WriteTo(output);
        HeaderSection header = HeaderSection.Read(output.WrittenSpan);
        Promise(header.Count == 1 && header.BodyOffset == output.WrittenCount, "one field is written");
        Promise(AuthenticationResults.TryParse(header.Body(0), out AuthenticationResults? again, out string why), $"what is written is read: {why}");
        Promise(again!.ToString() == read.ToString() && again.Results.Length == read.Results.Length, $"'{again}' is '{read}'");
        bool ours = ForgedResults.Find(header, ["ours.example"]).Count == 1;
        Promise(ours || !read.AuthservId.Equals("ours.example", StringComparison.OrdinalIgnoreCase), "ours are found");
        output = new ArrayBufferWriter<byte>();
        ForgedResults.WriteWithout(header, [0], output);
        Promise(output.WrittenCount == 0, "what is taken off is gone");
    }
}
