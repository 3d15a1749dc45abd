using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

/// <summary>AUTH in the session's machine (RFC 4954). The one user is u@c.example, whose secret is "pencil".</summary>
public class Smtp_authentication
{
    private const string Right = "AHVAYy5leGFtcGxlAHBlbmNpbA==";
    private const string Wrong = "AHVAYy5leGFtcGxlAHBlbmNpbHM=";

    private static readonly SmtpServerOptions Options = new()
    {
        HostName = "submit.example", OfferStartTls = true, RequireTls = true, RequireAuth = true, AuthMechanisms = ["SCRAM-SHA-256", "PLAIN", "LOGIN"],
    };

    [Fact]
    public void Is_offered_and_taken_under_tls_alone()
    {
        var dialogue = Converse(Options, "EHLO c.example\r\nAUTH PLAIN " + Right + "\r\nMAIL FROM:<a@b.example>\r\nSTARTTLS\r\nEHLO c.example\r\nAUTH PLAIN " + Right + "\r\nMAIL FROM:<a@b.example>\r\n");
        Assert.Equal([220, 250, 538, 530, 220, 250, 235, 250], dialogue.Replies.Select(static r => r.Code));
        Assert.DoesNotContain(dialogue.Replies[1].Lines, static line => line.StartsWith("AUTH", StringComparison.Ordinal));
        Assert.Contains("AUTH SCRAM-SHA-256 PLAIN LOGIN", dialogue.Replies[5].Lines, StringComparer.Ordinal);
        Assert.Equal("538 5.7.11 Encryption required for authentication, issue STARTTLS first", dialogue.Replies[2].ToString());
    }

    [Fact]
    public void Is_unknown_to_a_listener_that_offers_none()
    {
        var dialogue = Converse(new() { HostName = "mx.example" }, "AUTH PLAIN =\r\nEHLO c.example\r\nAUTH PLAIN =\r\nMAIL FROM:<a@b.example> AUTH=<>\r\nMAIL FROM:<a@b.example>\r\nAUTH PLAIN =\r\n");
        Assert.Equal([220, 502, 250, 502, 555, 250, 502], dialogue.Replies.Select(static r => r.Code));
    }

    [Theory]
    [InlineData("AUTH PLAIN " + Right, "235 2.7.0")]
    [InlineData("auth plain " + Right, "235 2.7.0")]
    [InlineData("AUTH PLAIN " + Wrong, "535 5.7.8")]
    [InlineData("AUTH PLAIN\r\n" + Right, "334  235 2.7.0")]
    [InlineData("AUTH PLAIN\r\n" + Wrong, "334  535 5.7.8")]
    [InlineData("AUTH PLAIN\r\n*", "334  501 5.7.0")]
    [InlineData("AUTH PLAIN *", "501 5.5.2")]
    [InlineData("AUTH PLAIN =", "501 5.5.2")] // an empty message is none of PLAIN
    [InlineData("AUTH PLAIN\r\n=", "334  501 5.5.2")] // only an initial response may be "="
    [InlineData("AUTH PLAIN\r\nnot base64", "334  501 5.5.2")]
    [InlineData("AUTH PLAIN\r\n", "334  501 5.5.2")] // an empty response, which PLAIN has not
    [InlineData("AUTH LOGIN\r\ndUBjLmV4YW1wbGU=\r\ncGVuY2ls", "334 VXNlcm5hbWU6 334 UGFzc3dvcmQ6 235 2.7.0")]
    [InlineData("AUTH LOGIN dUBjLmV4YW1wbGU=\r\ncGVuY2ls", "334 UGFzc3dvcmQ6 235 2.7.0")]
    [InlineData("AUTH LOGIN\r\ndUBjLmV4YW1wbGU=\r\n*", "334 VXNlcm5hbWU6 334 UGFzc3dvcmQ6 501 5.7.0")]
    [InlineData("AUTH CRAM-MD5", "504 5.5.4")]
    [InlineData("AUTH", "501 5.5.4")]
    public void Exchange(string lines, string replies)
    {
        var dialogue = Secured(Options);
        var before = dialogue.Replies.Count;
        dialogue.Feed(Octets.Of(lines + "\r\n"));
        Assert.Equal(replies, string.Join(' ', dialogue.Replies.Skip(before).Select(static r => r.Code == 334 ? $"334 {r.Lines[0]}" : $"{r.Code} {r.Status}")));
        Assert.Equal(replies.EndsWith("235 2.7.0", StringComparison.Ordinal), dialogue.Machine.IsAuthenticated);
    }

    [Fact]
    public void Scram_ends_with_the_servers_proof_and_an_empty_line()
    {
        var dialogue = Secured(Options);
        var client = new Sasl.Scram("u@c.example", "pencil", "abc");
        dialogue.Feed(Octets.Of($"AUTH SCRAM-SHA-256 {Convert.ToBase64String(client.First)}\r\n"));
        var (final, proof) = client.Answer(Convert.FromBase64String(dialogue.Replies[^1].Lines[0]));
        dialogue.Feed(Octets.Of($"{Convert.ToBase64String(final)}\r\n"));
        Assert.Equal(proof, Octets.Show(Convert.FromBase64String(dialogue.Replies[^1].Lines[0])));
        dialogue.Feed("\r\n"u8);
        Assert.Equal(235, dialogue.Replies[^1].Code);
    }

    [Fact]
    public void Comes_once_and_before_a_transaction()
    {
        var dialogue = Secured(Options with { RequireAuth = false });
        dialogue.Feed(Octets.Of($"MAIL FROM:<a@b.example>\r\nAUTH PLAIN {Right}\r\nRSET\r\nAUTH PLAIN {Right}\r\nAUTH PLAIN {Right}\r\nEHLO c.example\r\nAUTH PLAIN {Right}\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<b@c.example>\r\nAUTH PLAIN {Right}\r\n"));
        Assert.Equal([250, 503, 250, 235, 503, 250, 503, 250, 250, 503], dialogue.Replies.TakeLast(10).Select(static r => r.Code));
    }

    [Fact]
    public void Wants_ehlo_before_it()
    {
        var dialogue = Converse(Options, $"EHLO c.example\r\nSTARTTLS\r\nAUTH PLAIN {Right}\r\nHELO c.example\r\nAUTH PLAIN {Right}\r\n");
        Assert.Equal([503, 250, 503], dialogue.Replies.TakeLast(3).Select(static r => r.Code));
    }

    [Fact]
    public void Everything_that_needs_it_waits_for_it()
    {
        var dialogue = Secured(Options);
        dialogue.Feed("MAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nVRFY a\r\nNOOP\r\nRSET\r\nHELP\r\n"u8);
        Assert.Equal([530, 530, 530, 530, 250, 250, 214], dialogue.Replies.TakeLast(7).Select(static r => r.Code));
        Assert.Equal("530 5.7.0 Authentication required", dialogue.Replies[^7].ToString());
    }

    [Fact]
    public void The_session_ends_one_failure_past_the_limit()
    {
        var dialogue = Secured(Options with { MaxAuthFailures = 2 });
        dialogue.Feed(Octets.Of($"AUTH PLAIN {Wrong}\r\nAUTH PLAIN *\r\nAUTH PLAIN {Wrong}\r\n"));
        Assert.Equal([535, 501, 421], dialogue.Replies.TakeLast(3).Select(static r => r.Code));
        Assert.True(dialogue.IsClosed);
    }

    [Theory]
    [InlineData(12_288, 501)] // long enough for every mechanism, and no message of this one
    [InlineData(12_289, 500)]
    public void A_response_has_a_limit_of_its_own(int characters, int code)
    {
        var dialogue = Secured(Options);
        dialogue.Feed(Octets.Of("AUTH PLAIN\r\n" + new string('A', characters) + "\r\n"));
        Assert.Equal(code, dialogue.Replies[^1].Code);
        Assert.Equal(code == 500 ? "5.5.6" : "5.5.2", dialogue.Replies[^1].Status.ToString());
        dialogue.Feed("NOOP\r\n"u8);
        Assert.Equal(250, dialogue.Replies[^1].Code);
    }

    [Fact]
    public void A_command_keeps_its_limit_where_responses_are_longer()
    {
        var dialogue = Secured(Options);
        dialogue.Feed(Octets.Of("NOOP " + new string('x', 2_041) + "\r\nNOOP " + new string('x', 2_042) + "\r\n"));
        Assert.Equal([250, 500], dialogue.Replies.TakeLast(2).Select(static r => r.Code));
    }

    [Theory]
    [InlineData("AUTH=<>", 250)]
    [InlineData("AUTH=e+3Dmc2@example.com", 250)]
    [InlineData("AUTH=+3Ce+3Dmc2@example.com+3E SIZE=10", 250)]
    [InlineData("AUTH=e+3dmc2@example.com", 501)]
    [InlineData("AUTH=e+3", 501)]
    [InlineData("AUTH=nobody", 501)]
    [InlineData("AUTH", 501)]
    [InlineData("AUTH=<> X=1", 555)]
    public void The_parameter_of_mail_is_read_and_believed_of_nobody(string parameters, int code)
    {
        var dialogue = Secured(Options);
        dialogue.Feed(Octets.Of($"AUTH PLAIN {Right}\r\nMAIL FROM:<a@b.example> {parameters}\r\n"));
        Assert.Equal(code, dialogue.Replies[^1].Code);
    }

    private static SmtpDialogue Secured(SmtpServerOptions options) => Converse(options, "EHLO c.example\r\nSTARTTLS\r\nEHLO c.example\r\n");

    private static SmtpDialogue Converse(SmtpServerOptions options, string octets)
    {
        var dialogue = new SmtpDialogue(options);
        dialogue.Feed(Octets.Of(octets));
        return dialogue;
    }
}
