using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Cpe.Cwmp;

/// <summary>SOAP of CWMP: nothing throws, cutting changes nothing, and what is read can be written and says the same when read again.</summary>
public sealed class CwmpMessageFuzz : FuzzTarget
{
    private static readonly string[] Parsed = ["XmlPush", "XmlNode", "XmlOut", "CwmpReader", "CwmpFields", "Inform", "CwmpVersions"];

    public override string Name => "cwmp.message";

    public override IReadOnlyList<Type> Parsers { get; } = [.. typeof(CwmpReader).Assembly.GetTypes().Where(type => Parsed.Contains(type.Name) && type.DeclaringType is null)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1(
        "<", ">", "</", "/>", "<!--", "-->", "<![CDATA[x]]>", "&amp;", "&#x41;", "&#65;", "&#0;", "&bad;", "&", "\r\n", "\0", " x=y", " x='", "<!DOCTYPE", "<?xml version='1.0' encoding='ISO-8859-1'?>", "\u00EF\u00BB\u00BF",
        "\u00FF\u00FE", "\u00FE\u00FF", "soap:", "xmlns:cwmp=\"urn:dslforum-org:cwmp-1-2\"", "<Value>", "</Value>", "<Name>", "<Writable>", "<Notification>", "\u00E9", "< ", "<cwmp:HoldRequests>true</cwmp:HoldRequests>", "<Body>", "</Body>");

    public override int MaxOctets => 6000;

    public override byte[] Generate(Random random)
    {
        CwmpMessage message = CwmpCases.One[random.Next(CwmpCases.One.Count)];
        byte[] written = CwmpWriter.Write(new CwmpEnvelope
        {
            Version = (CwmpVersion)random.Next(5), Id = Pick(random, null, "1", "a\u0001\uFFFF&\r"), HoldRequests = random.Next(2) == 0, SessionTimeoutSeconds = random.Next(3), SupportedVersions = Pick(random, null, "1.0,1.4"),
            UseVersion = Pick(random, null, "1.4"), Message = message,
        });
        string text = System.Text.Encoding.UTF8.GetString(written);
        return random.Next(12) switch
        {
            0 => [0xFF, 0xFE, .. System.Text.Encoding.Unicode.GetBytes(text)],
            1 => [0xFE, 0xFF, .. System.Text.Encoding.BigEndianUnicode.GetBytes(text)],
            2 => [0xEF, 0xBB, 0xBF, .. written],
            3 => System.Text.Encoding.Latin1.GetBytes(text.Replace("UTF-8", "ISO-8859-1", StringComparison.Ordinal)),
            4 => System.Text.Encoding.UTF8.GetBytes(text.Replace("<detail><cwmp:Fault>", "<detail>", StringComparison.Ordinal).Replace("</cwmp:Fault></detail>", "</detail>", StringComparison.Ordinal)),
            5 => System.Text.Encoding.UTF8.GetBytes(text + string.Concat(Enumerable.Repeat("<a>", 20))),
            6 => System.Text.Encoding.UTF8.GetBytes(text.Replace("<Name>", "<Name " + string.Concat(Enumerable.Range(0, 40).Select(i => $"a{i}='b' ")) + ">", StringComparison.Ordinal)),
            _ => written,
        };
    }

    public override void Run(byte[] input)
    {
        bool ok = CwmpReader.TryRead(input, null, out CwmpEnvelope? envelope, out CwmpError error);
        var cut = new CwmpReader();
        int half = input.Length / 2;
        cut.Feed(input.AsSpan(0, half));
        cut.Feed(input.AsSpan(half, Math.Min(1, input.Length - half)));
        cut.Feed(input.AsSpan(Math.Min(input.Length, half + 1)));
        Promise(cut.TryComplete(out CwmpEnvelope? again, out CwmpError other) == ok && other == error, "cutting changes nothing");
        var small = new CwmpLimits { MessageOctets = 4000, Depth = 5, Attributes = 2, TagOctets = 200, TextOctets = 30, Elements = 20 };
        if (!CwmpReader.TryRead(input, small, out _, out CwmpError limit))
        {
            Promise(limit.Reason.Length > 0 && limit.Offset >= 0, "a refusal says where and why");
        }

        if (!ok)
        {
            Promise(error.Reason.Length > 0 && error.Offset >= 0 && error.Offset <= input.Length * 2L, "a refusal says where and why");
            return;
        }

        Promise(CwmpCases.Show(envelope!) == CwmpCases.Show(again!), "cutting changes nothing in what is said");
        byte[] written = CwmpWriter.Write(envelope!);
        Promise(CwmpReader.TryRead(written, new CwmpLimits { MessageOctets = int.MaxValue }, out CwmpEnvelope? copy, out CwmpError why), "what was written can be read: " + why.Reason);
        Promise(written.AsSpan().SequenceEqual(CwmpWriter.Write(copy!)), "and says the same");
    }
}
