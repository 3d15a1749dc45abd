using System.Text;
using Tsunagi.Protocols.Mail.Feedback;
using Tsunagi.Protocols.Mail.MtaSts;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.MtaSts;

/// <summary>Policy files and records of strangers: nothing throws, what is read keeps its limits and reads back as the same, what is not says why.</summary>
public sealed class StsFuzz : FuzzTarget
{
    public override string Name => "mta-sts.policy";

    public override IReadOnlyList<Type> Parsers => [typeof(StsPolicy), typeof(StsRecord), typeof(TlsReportRecord)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("version: STSv1", "mode: enforce", "mode: testing", "mode: none", "mx: ", "*.", "max_age: ", "\r\n", "\n", ":", "v=STSv1;", "id=", ";", "v=TLSRPTv1;", "rua=", "mailto:", "https://", ",", "!10m", "%0d%0a");

    public override byte[] Generate(Random random)
    {
        var text = random.Next(3) switch
        {
            0 => $"v=STSv1; id={random.Next()};",
            1 => $"v=TLSRPTv1; rua={Pick(random, "mailto:a@b.example", "https://b.example/r", "ftp://x", "mailto:", "https://u@b.example/")}{Pick(random, "", ",mailto:c@d.example?subject=x", ",")}",
            _ => $"version: STSv1{Pick(random, "\n", "\r\n")}mode: {Pick(random, "enforce", "testing", "none", "x")}\nmx: {Pick(random, "a.example", "*.a.example", "*.", "例え.jp", "*.*.a")}\nmax_age: {Pick(random, "86400", "0", "-1", "99999999999", "x")}\n",
        };
        return Encoding.UTF8.GetBytes(text);
    }

    public override void Run(byte[] input)
    {
        if (StsPolicy.TryRead(input, out var policy, out var why))
        {
            Promise(policy!.MaxAge >= TimeSpan.Zero && policy.MaxAge.TotalSeconds <= StsPolicy.MostSeconds && policy.Patterns.Length <= 256, "limits hold");
            Promise(policy.Patterns.Length > 0 || policy.Mode == StsMode.None, "a policy that asks for something names servers");
            Promise(StsPolicy.TryRead(Encoding.UTF8.GetBytes(policy.ToString()), out var again, out _) && again!.Equals(policy), "it reads back as the same");
            Promise(policy.Patterns.All(pattern => policy.Names(pattern.Replace("*", "x", StringComparison.Ordinal))), "a pattern names what it stands for");
        }
        else
        {
            Promise(why.Length > 0 && !why.Any(char.IsControl), "it is said why not");
        }

        var text = Encoding.UTF8.GetString(input);
        Promise(!StsRecord.TryRead([text], out var id, out _) || (id.Length is > 0 and <= 32 && id.All(char.IsAsciiLetterOrDigit)), "an id is letters and digits");
        Promise(!TlsReportRecord.TryRead([text], out var addresses) || (addresses.Length is > 0 and <= 10 && addresses.All(static uri => uri.Scheme is "mailto" or "https")), "addresses are of two kinds");
    }
}
