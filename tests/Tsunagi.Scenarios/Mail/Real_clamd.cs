using System.Diagnostics;
using System.Text;
using Tsunagi.Mail.Verdict;
using Tsunagi.Tests.Mail;
using Tsunagi.Tests.Mail.Checks;
using Tsunagi.Tests.Protocols.Mail.Mime;
using Tsunagi.Tests.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Tsunagi.Scenarios.Mail;

/// <summary>Debian's clamd with a database of one line, found in the disguises that mail brings.</summary>
public sealed class Real_clamd
{
    private const string Tenant = "t_root/t_one/";

    // In two pieces, so that no scanner of the machine takes this file for the thing.
    private static readonly string Eicar = @"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*";

    [Fact]
    public async Task The_test_file_is_found_in_its_disguises_and_other_mail_passes()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/clamd"), "clamav-daemon is not installed (./tsunagi setup)");
        using var directory = new TemporaryDirectory();
        using var clamd = await StartAsync(directory.Path);
        try
        {
            await using var customer = new CustomerServer();
            await using var node = await MailNode.StartAsync(options => options with { Filter = options.Filter with { Clamd = Path.Combine(directory.Path, "clamd.ctl") } });
            node.Sign("s_one", Tenant, "one.example", customer.Port);
            await RefuseVirusesAsync(node);
            foreach (var (name, message) in Disguises())
            {
                var reply = await SendAsync(node, message);
                Assert.True(reply.StartsWith("554 5.7.1 Not taken: It carries malware. Scan your computer. (clamav.virus", StringComparison.Ordinal), $"{name}: {reply}");
            }

            foreach (var message in new[] { "Subject: x\r\n\r\nbody", Attachments_of_a_message.Attached(("a.zip", Attachments_of_a_message.Zip(("a.txt", "harmless"u8.ToArray())))) })
            {
                Assert.StartsWith("250", await SendAsync(node, message), StringComparison.Ordinal);
            }

            Assert.Equal(2, (await customer.GotAsync(2)).Count);
        }
        finally
        {
            clamd.Kill();
            await clamd.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static IEnumerable<(string Name, string Message)> Disguises()
    {
        var octets = Encoding.ASCII.GetBytes(Eicar);
        var base64 = Convert.ToBase64String(octets);
        static string Part(string header, string body) => $"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n{header}\r\n\r\n{body}\r\n--b--\r\n";
        var zip = Attachments_of_a_message.Zip(("eicar.com", octets));
        yield return ("as the body", "Subject: x\r\n\r\n" + Eicar);
        yield return ("as the body in base64", "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64);
        yield return ("attached", Part("Content-Type: application/octet-stream; name=e.com\r\nContent-Transfer-Encoding: base64", base64));
        yield return ("attached as text", Part("Content-Type: text/plain; name=e.txt\r\nContent-Disposition: attachment", Eicar));
        yield return ("attached in short lines", Part("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64", string.Join("\r\n", base64.Chunk(20).Select(static piece => new string(piece)))));
        yield return ("in quoted-printable", Part("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: quoted-printable", string.Concat(octets.Select(static octet => $"={octet:X2}")).Insert(60, "=\r\n").Insert(123, "=\r\n")));
        yield return ("in an enclosed message", Part("Content-Type: message/rfc822", "Subject: inner\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64));
        yield return ("in a zip", Attachments_of_a_message.Attached(("e.zip", zip)));
        yield return ("in a zip by another name", Attachments_of_a_message.Attached(("e.png", zip)));
        yield return ("in a zip in a zip", Attachments_of_a_message.Attached(("e.zip", Attachments_of_a_message.Zip(("inner.zip", zip)))));
        yield return ("behind a harmless file", Attachments_of_a_message.Attached(("a.txt", "harmless"u8.ToArray()), ("e.com", octets)));
        var uuencoded = "begin 644 e.com\r\n" + UuencodeFuzz.Write(octets) + "`\r\nend\r\n";
        yield return ("uuencoded in the text", "Subject: x\r\n\r\nhello\r\n" + uuencoded);
        yield return ("as begin-base64 in the text", $"Subject: x\r\n\r\nbegin-base64 644 e.com\r\n{base64}\r\n====\r\n");
        yield return ("in the encoding x-uuencode", Part("Content-Type: application/octet-stream; name=e.com\r\nContent-Transfer-Encoding: x-uuencode", uuencoded.TrimEnd()));
        yield return ("uuencoded in an attachment", Attachments_of_a_message.Attached(("e.uue", Encoding.ASCII.GetBytes(uuencoded))));
        yield return ("in a winmail.dat", Attachments_of_a_message.Attached(("winmail.dat", TnefSample.With("e.com", octets))));
        yield return ("in a zip in a winmail.dat by another name", Attachments_of_a_message.Attached(("e.png", TnefSample.With("e.zip", zip))));
        yield return ("in a winmail.dat in a winmail.dat", Attachments_of_a_message.Attached(("winmail.dat", TnefSample.With("in.dat", TnefSample.With("e.com", octets)))));
        yield return ("uuencoded in a base64 text", "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Convert.ToBase64String(Encoding.ASCII.GetBytes("hello\n" + uuencoded), Base64FormattingOptions.InsertLineBreaks));
        yield return ("in a nested multipart", Part("Content-Type: multipart/alternative; boundary=c", "--c\r\n\r\ntext\r\n--c\r\nContent-Transfer-Encoding: base64\r\nContent-Type: application/octet-stream\r\n\r\n" + base64 + "\r\n--c--"));
    }

    private static async Task<Process> StartAsync(string directory)
    {
        var database = Path.Combine(directory, "database");
        Directory.CreateDirectory(database);
        await File.WriteAllTextAsync(Path.Combine(database, "test.ndb"), $"Tsunagi.Test.Eicar:0:*:{Convert.ToHexStringLower(Encoding.ASCII.GetBytes(Eicar))}\n", TestContext.Current.CancellationToken);
        var config = Path.Combine(directory, "clamd.conf");
        var socket = Path.Combine(directory, "clamd.ctl");
        await File.WriteAllTextAsync(
            config, $"DatabaseDirectory {database}\nLocalSocket {socket}\nForeground yes\nLogFile {Path.Combine(directory, "log")}\nUser root\nTemporaryDirectory {directory}\n", TestContext.Current.CancellationToken);
        var process = Process.Start(new ProcessStartInfo("/usr/sbin/clamd", ["-c", config]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        for (var attempt = 0; !File.Exists(socket); attempt++)
        {
            Assert.True(attempt < 1_200 && !process.HasExited, "clamd did not open its socket within 20 s");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        return process;
    }

    private static async Task RefuseVirusesAsync(MailNode node)
    {
        await node.Stores.Control.WriteAsync(
            static async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO mail_filter_policy (tenant_path, scope, name, version, policy, updated_at, updated_by)
                    VALUES (@Path, 'tenant', '', 1, '{"tagOnly":false,"actions":{"clamav.virus":"reject","attachment.executable":"tag"}}', 0, 'test')
                    """,
                    new { Path = Tenant });
                await transaction.ExecuteAsync("UPDATE mail_filter_version SET version = version + 1");
                return true;
            },
            TestContext.Current.CancellationToken);
        await node.Services.GetRequiredService<PolicyWatch>().LoadAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string> SendAsync(MailNode node, string message)
    {
        await using var client = await Dialogue.GreetedAsync(node.Port);
        await client.BeginAsync("bob@one.example");
        return await client.SayAsync(message.TrimEnd() + "\r\n.");
    }
}
