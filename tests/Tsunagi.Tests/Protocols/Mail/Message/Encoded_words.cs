using System.Buffers;
using System.Text;
using FsCheck.Fluent;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Message;

public class Encoded_words
{
    [Theory]
    // The examples of RFC 2047 section 8.
    [InlineData("=?ISO-8859-1?Q?a?=", "a")]
    [InlineData("=?ISO-8859-1?Q?a?= b", "a b")]
    [InlineData("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab")]
    [InlineData("=?ISO-8859-1?Q?a?=\r\n   =?ISO-8859-1?Q?b?=", "ab")]
    [InlineData("=?ISO-8859-1?Q?a_b?=", "a b")]
    [InlineData("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b")]
    [InlineData("=?US-ASCII?Q?Keith_Moore?=", "Keith Moore")]
    [InlineData("=?ISO-8859-1?Q?Andr=E9?= Pirard", "André Pirard")]
    [InlineData("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=", "If you can read this you understand the example.")]
    // RFC 2231 section 5.
    [InlineData("=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore")]
    // Japanese senders.
    [InlineData("=?ISO-2022-JP?B?GyRCRnxLXDhsGyhC?=", "日本語")]
    [InlineData("=?iso-2022-jp?B?GyRCLSEbKEI=?=", "①")]
    [InlineData("=?Shift_JIS?B?k/qWe4zq?=", "日本語")]
    [InlineData("=?EUC-JP?Q?=C6=FC=CB=DC=B8=EC?=", "日本語")]
    [InlineData("=?UTF-8?B?5pel?= =?UTF-8?B?5pys?= x", "日本 x")]
    [InlineData("=?UTF-8?B?5pel5g==?= =?utf-8?B?nKw?=", "日本")]
    [InlineData("=?UTF-8?Q?=E6=97?= =?UTF-8?Q?=A5?=", "日")]
    // What is no encoded word stays.
    [InlineData("a =?= b", "a =?= b")]
    [InlineData("=?UTF-8?X?abc?=", "=?UTF-8?X?abc?=")]
    [InlineData("=?UTF-8?Q?abc", "=?UTF-8?Q?abc")]
    [InlineData("=?UTF-8?Q?a=ZZ=?=", "a=ZZ=")]
    [InlineData("=?UTF-8?B?!!!!?=", "=?UTF-8?B?!!!!?=")]
    [InlineData("=?x-unknown?Q?abc?=", "abc")]
    [InlineData("=?UTF-7?Q?+ADw-script?=", "+ADw-script")]
    // No controls, no turning of the reading direction.
    [InlineData("=?UTF-8?Q?a=0D=0AB=00c?=", "a  B c")]
    [InlineData("=?UTF-8?B?4oCuZ3BqLmV4ZQ==?=", "gpj.exe")]
    public void Are_shown_as_text(string body, string text) => Assert.Equal(text, EncodedWord.Decode(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Are_not_needed_by_bare_text_of_japanese_senders()
    {
        Assert.Equal("日本語", EncodedWord.Decode(Octets.Of("\u001b$BF|K\\8l\u001b(B")));
        Assert.Equal("日本語", EncodedWord.Decode(Octets.Of("\u0093\u00fa\u0096\u007b\u008c\u00ea")));
        Assert.Equal("日本語", EncodedWord.Decode("日本語"u8));
    }

    [Fact]
    public void Written_by_us_are_shown_as_they_were()
    {
        var texts = from length in Gen.Choose(0, 120)
                    from runes in Gen.ArrayOf(Gen.Elements("a", "Z", " ", "é", "日", "本", "語", "😀", "=?", "?=", "\"", "(", ":"), length)
                    select string.Concat(runes).Trim();
        Properties.Holds(texts, text =>
        {
            var output = new ArrayBufferWriter<byte>();
            HeaderWriter.Unstructured(output, "Subject", text);
            string written = Octets.Show(output.WrittenSpan);
            Assert.All(written.Split("\r\n"), line => Assert.True(line.Length <= 76, line));
            Assert.All(written.Split("\r\n")[..^1], line => Assert.False(string.IsNullOrWhiteSpace(line)));
            MessageHeader header = MessageHeader.Read([.. output.WrittenSpan, .. "\r\n"u8]);
            Assert.Equal((text, 1), (header.Subject, header.Fields));
        });
    }
}
