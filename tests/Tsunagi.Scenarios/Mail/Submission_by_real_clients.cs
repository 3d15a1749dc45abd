using System.Text;
using Tsunagi.Mail.Limits;
using Tsunagi.Tests.Mail.Submission;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Scenarios.Mail;

/// <summary>Clients that devices and people have: swaks, curl, Python's smtplib, GNU SASL, and Postfix with Cyrus SASL.</summary>
public sealed class Submission_by_real_clients
{
    [Fact]
    public async Task Swaks_hands_in_by_plain_and_login_over_starttls_and_tls()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/swaks"), "swaks is not installed (./tsunagi setup)");
        await using var world = await SubmissionNode.StartAsync();
        foreach (var (mechanism, tlsFirst) in new[] { ("PLAIN", false), ("LOGIN", false), ("PLAIN", true), ("LOGIN", true) })
        {
            var (code, output) = await PostfixInstance.RunAsync("/usr/bin/swaks",
            [
                "--server", "127.0.0.1", "--port", (tlsFirst ? world.TlsPort : world.Port).ToString(System.Globalization.CultureInfo.InvariantCulture), tlsFirst ? "--tls-on-connect" : "--tls",
                "--auth", mechanism, "--auth-user", SubmissionNode.User, "--auth-password", world.Secret, "--from", SubmissionNode.User, "--to", "bob@far.example", "--helo", "device.example",
            ]);
            Assert.True(code == 0, output);
            Assert.Contains("250 2.0.0 Accepted as m_", output, StringComparison.Ordinal);
        }

        var (refused, said) = await PostfixInstance.RunAsync("/usr/bin/swaks",
        [
            "--server", "127.0.0.1", "--port", world.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--tls", "--auth", "PLAIN", "--auth-user", SubmissionNode.User, "--auth-password", "wrong",
            "--from", SubmissionNode.User, "--to", "bob@far.example", "--helo", "device.example",
        ]);
        Assert.NotEqual(0, refused);
        Assert.Contains("535 5.7.8", said, StringComparison.Ordinal);
        Assert.All(await world.Smarthost.GotAsync(4), static message => Assert.Contains("with ESMTPSA", Encoding.ASCII.GetString(message.Content.Span), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Swaks_is_put_off_past_its_limit_with_a_text_that_says_why()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/swaks"), "swaks is not installed (./tsunagi setup)");
        await using var world = await SubmissionNode.StartAsync();
        Assert.True((await world.Desk.SetLimitsAsync(SubmissionNode.Owner, world.Made.Credential.Id, new SendingLimit { RecipientsPerHour = 2 }, TestContext.Current.CancellationToken)).Ok);
        var (code, output) = await PostfixInstance.RunAsync("/usr/bin/swaks",
        [
            "--server", "127.0.0.1", "--port", world.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--tls", "--auth", "PLAIN", "--auth-user", SubmissionNode.User, "--auth-password", world.Secret,
            "--from", SubmissionNode.User, "--to", "a@far.example,b@far.example,c@far.example", "--helo", "device.example",
        ]);
        Assert.True(code == 0, output);
        Assert.Contains("450 4.7.1 This credential has sent to as many as it may: 2 recipients in an hour; try again later", output, StringComparison.Ordinal);
        Assert.Equal(2, Assert.Single(await world.Smarthost.GotAsync(1)).Recipients.Count);
    }

    [Fact]
    public async Task Curl_hands_in_over_tls_from_the_first_octet()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl"), "curl is not installed");
        await using var world = await SubmissionNode.StartAsync();
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "letter");
        await File.WriteAllTextAsync(file, "From: scanner@one.example\r\nSubject: by curl\r\n\r\nbody\r\n", TestContext.Current.CancellationToken);
        foreach (var options in (string[])["AUTH=PLAIN", "AUTH=LOGIN", "AUTH=*"])
        {
            var (code, output) = await PostfixInstance.RunAsync("/usr/bin/curl",
            [
                "-sSv", "-k", "--url", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"smtps://127.0.0.1:{world.TlsPort}/device.example"), "--login-options", options, "--user", $"{SubmissionNode.User}:{world.Secret}",
                "--mail-from", SubmissionNode.User, "--mail-rcpt", "bob@far.example", "--upload-file", file,
            ]);
            Assert.True(code == 0, output);
        }

        Assert.All(await world.Smarthost.GotAsync(3), static message => Assert.Contains("Message-ID: <m_", Encoding.ASCII.GetString(message.Content.Span), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pythons_smtplib_logs_in_and_sends()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "python3 is not installed (./tsunagi setup)");
        await using var world = await SubmissionNode.StartAsync();
        const string Script = """
            import smtplib, ssl, sys
            from email.message import EmailMessage
            port, tls, user, secret = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
            context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
            letter = EmailMessage(); letter['From'] = 'Scanner <%s>' % user; letter['To'] = 'bob@far.example'; letter['Subject'] = 'ページ'; letter.set_content('one\n.two\n')
            with smtplib.SMTP('127.0.0.1', port) as client:
                client.starttls(context=context); client.login(user, secret); client.send_message(letter)
            with smtplib.SMTP_SSL('127.0.0.1', tls, context=context) as client:
                client.user, client.password = user, secret; client.ehlo(); client.auth('LOGIN', client.auth_login); client.send_message(letter)
                try: client.sendmail('boss@one.example', ['bob@far.example'], letter.as_bytes())
                except smtplib.SMTPSenderRefused as refused: print(refused.smtp_code, refused.smtp_error.decode())
            with smtplib.SMTP_SSL('127.0.0.1', tls, context=context) as client:
                try: client.login(user, 'wrong')
                except smtplib.SMTPAuthenticationError as refused: print(refused.smtp_code)
            """;
        var (code, output) = await PostfixInstance.RunAsync("/usr/bin/python3", "-c", Script, Text(world.Port), Text(world.TlsPort), SubmissionNode.User, world.Secret);
        Assert.True(code == 0, output);
        Assert.Equal("550 5.7.1 This credential may not send as boss@one.example\n535\n", output);
        Assert.Equal(2, (await world.Smarthost.GotAsync(2)).Count);
    }

    // It binds by tls-exporter alone, so PLUS is not among what it is asked for: no peer of Debian's binds by tls-server-end-point.
    [Fact]
    public async Task Gnu_sasl_proves_itself_by_scram()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gsasl"), "gsasl is not installed (./tsunagi setup)");
        await using var world = await SubmissionNode.StartAsync();
        foreach (var mechanism in (string[])["SCRAM-SHA-256", "PLAIN", "LOGIN"])
        {
            var (_, output) = await PostfixInstance.RunAsync(
                "/usr/bin/gsasl", "--smtp", "--connect", $"127.0.0.1:{Text(world.Port)}", "--verbose", "--mechanism", mechanism, "--authentication-id", SubmissionNode.User, "--authorization-id", SubmissionNode.User, "--password", world.Secret,
                "--x509-ca-file=", "--no-cb");
            Assert.True(output.Contains("235 2.7.0", StringComparison.Ordinal), $"{mechanism}: {output}");
        }
    }

    [Theory]
    [InlineData("scram-sha-256")]
    [InlineData("plain")]
    [InlineData("login")]
    public async Task Postfix_as_a_customers_server_hands_in_with_cyrus_sasl(string mechanism)
    {
        Assert.SkipWhen(PostfixInstance.WhyNot() is not null, PostfixInstance.WhyNot() ?? "");
        Assert.SkipUnless(Directory.Exists("/usr/lib/x86_64-linux-gnu/sasl2") && Directory.EnumerateFiles("/usr/lib/x86_64-linux-gnu/sasl2", "libscram*").Any(), "libsasl2-modules is not installed (./tsunagi setup)");
        await using var world = await SubmissionNode.StartAsync();
        await using var postfix = await PostfixInstance.StartAsync(
            world.Port, "smtp_tls_security_level=encrypt", "smtp_sasl_auth_enable=yes", $"smtp_sasl_password_maps=inline:{{ {{ [127.0.0.1]:{Text(world.Port)} = {SubmissionNode.User}:{world.Secret} }} }}",
            "smtp_sasl_security_options=noanonymous", $"smtp_sasl_mechanism_filter={mechanism}");
        await using (var client = await Tsunagi.Tests.Mail.Dialogue.GreetedAsync(postfix.Port))
        {
            for (var i = 0; i < 5; i++)
            {
                await client.BeginAsync("bob@far.example", SubmissionNode.User);
                Assert.StartsWith("250", await client.SayAsync($"From: {SubmissionNode.User}\r\nSubject: number {i}\r\n\r\nbody\r\n."), StringComparison.Ordinal);
            }
        }

        try
        {
            Assert.All(await world.Smarthost.GotAsync(5), static message => Assert.Contains("with ESMTPSA", Encoding.ASCII.GetString(message.Content.Span), StringComparison.Ordinal));
        }
        catch (Exception)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(await File.ReadAllTextAsync(postfix.MailLog, TestContext.Current.CancellationToken));
            throw;
        }
    }

    private static string Text(int port) => port.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
