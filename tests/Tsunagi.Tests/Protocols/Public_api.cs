using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols;

public class Public_api
{
    [Theory]
    [Trait("Golden", "true")]
    [InlineData(typeof(Tsunagi.Protocols.Mail.Smtp.SmtpCommand))]
    [InlineData(typeof(Tsunagi.Protocols.Net.Dns.DnsMessage))]
    [InlineData(typeof(Tsunagi.Protocols.Flow.FlowRecord))]
    [InlineData(typeof(Tsunagi.Protocols.Cpe.Cwmp.CwmpEnvelope))]
    public void Of_a_protocol_library_is_the_one_written_down(Type ofLibrary) => ApiBaseline.Check(ofLibrary.Assembly);

    [Fact]
    public void Tells_of_constructors_properties_methods_and_values()
    {
        string described = ApiBaseline.Describe(typeof(Tsunagi.Protocols.Mail.Smtp.SmtpCommand).Assembly);
        Assert.Contains("struct Tsunagi.Protocols.Mail.Smtp.SmtpStep", described, StringComparison.Ordinal);
        Assert.Contains("    static Boolean TryParse(ReadOnlySpan<Byte> line, Tsunagi.Protocols.Mail.Smtp.SmtpLimits limits, ", described, StringComparison.Ordinal);
        Assert.Contains("    Int32 MaxRecipients { get; init; }", described, StringComparison.Ordinal);
        Assert.Contains("    BareLf = 2", described, StringComparison.Ordinal);
        Assert.DoesNotContain("SmtpPathReader", described, StringComparison.Ordinal);
    }
}
