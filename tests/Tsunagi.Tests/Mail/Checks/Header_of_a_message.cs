using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Header;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Checks;

public sealed class Header_of_a_message
{
    private const string Good = "From: a@one.example\r\nDate: Wed, 25 Nov 2026 10:00:00 +0000\r\n";

    [Theory]
    [InlineData(Good + "\r\n", "a@one.example", 0, "")]
    [InlineData(Good + "FROM : b@x\r\nSubject: 1\r\nsubject: 2\r\n\r\nSubject: body\r\n", "a@one.example", 0, "header.duplicate-field From 2|header.duplicate-field Subject 2")]
    [InlineData("From: a@one.example\r\n\r\n", "a@one.example", 0, "header.missing-field Date")]
    [InlineData("\r\nbody", "a@one.example", 0, "header.missing-field From|header.missing-field Date")]
    [InlineData(Good + "\r\n", "a@other.example", 0, "header.from-differs one.example other.example")]
    [InlineData(Good + "\r\n", "a@ONE.example", 0, "")]
    [InlineData(Good + "\r\n", "", 0, "header.null-sender-form")]
    [InlineData(Good + "Auto-Submitted: auto-replied\r\n\r\n", "", 0, "")]
    [InlineData(Good + "Content-Type: multipart/report; boundary=a\r\n\r\n--a\r\n\r\n--a--", "", 0, "")]
    [InlineData(Good + "\r\n", "a@one.example", 2, "header.forged-field 2")]
    [InlineData(Good + "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n", "a@one.example", 0, "header.ambiguous-structure DuplicateField")]
    [InlineData("From: \"boss@two.example\" <a@one.example>\r\nDate: x\r\n\r\n", "a@one.example", 0, "header.shown-address boss@two.example one.example")]
    [InlineData("From: a@one.example (boss@two.example)\r\nDate: x\r\n\r\n", "a@one.example", 0, "header.shown-address boss@two.example one.example")]
    [InlineData("From: =?utf-8?q?boss=EF=BC=A0two.example?= <a@one.example>\r\nDate: x\r\n\r\n", "a@one.example", 0, "header.shown-address boss@two.example one.example")]
    [InlineData("From: \"a@ONE.example\" <a@one.example>\r\nDate: x\r\n\r\n", "a@one.example", 0, "")]
    [InlineData("From: \"a@mail.one.example\" <a@one.example>\r\nDate: x\r\n\r\n", "a@one.example", 0, "")]
    [InlineData("From: \"@handle, a @ b, x@y\" <a@one.example>\r\nDate: x\r\n\r\n", "a@one.example", 0, "")]
    public async Task What_the_header_says_against_itself_is_found(string message, string sender, int forged, string expected)
    {
        var evidence = new List<Evidence>();
        var under = new MessageUnderCheck
        {
            Id = "m_1", ClientAddress = null, Helo = "h", IsTls = false, ReversePath = Mailbox.TryParse(sender, out var mailbox) ? new ReversePath(mailbox) : ReversePath.Null,
            Recipients = 1, Content = Octets.Of(message), ForgedFields = forged, Time = default,
        };
        await new HeaderCheck().RunAsync(under, evidence, TestContext.Current.CancellationToken);
        Assert.Equal(expected, string.Join('|', evidence.Select(static found => $"{found.Code} {string.Join(' ', found.Values.Select(static value => value.Text))}".Trim())));
    }
}
