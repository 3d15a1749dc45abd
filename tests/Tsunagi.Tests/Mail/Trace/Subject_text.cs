using Tsunagi.Mail.Trace;

namespace Tsunagi.Tests.Mail.Trace;

public sealed class Subject_text
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("=?UTF-8?B?44GT44KT44Gr44Gh44Gv?=", "こんにちは")]
    [InlineData("=?utf-8?q?a=C3=BC_b?= tail", "aü b tail")]
    [InlineData("=?ISO-2022-JP?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは")]
    [InlineData("=?utf-8?B?44GT?= =?utf-8?B?44KT?=", "こん")]
    [InlineData("=?utf-8?B?!!!?= x", "=?utf-8?B?!!!?= x")]
    [InlineData("=?no-such?B?44GT?=", "=?no-such?B?44GT?=")]
    [InlineData("=?utf-8?B?", "=?utf-8?B?")]
    [InlineData("=?utf-8*ja?B?44GT?=", "こ")]
    public void Encoded_words_are_read_and_what_is_none_is_left(string raw, string expected) => Assert.Equal(expected, SubjectText.Decode(raw));

    [Fact]
    public void It_is_cut_at_200_characters() => Assert.Equal(200, SubjectText.Decode(new string('x', 201)).Length);
}
