using Tsunagi.Protocols.Mail.Dsn;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Dsn;

/// <summary>Notifications of other hosts: nothing throws, and what is read can be written and read again.</summary>
public sealed class DsnFuzz : FuzzTarget
{
    public override string Name => "dsn.report";

    public override IReadOnlyList<Type> Parsers => [typeof(DsnReader), typeof(DsnAddress)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("Final-Recipient: ", "Original-Recipient: ", "Action: failed", "Status: 5.1.1", "rfc822;", "utf-8;", "\\x{5C71}", "\\x{", "}", "boundary=", "\"", "--", "\r\n", "\r\n\r\n",
        "Diagnostic-Code: smtp; 550-5.1.1 x", "Diagnostic-Code: x-unix; 1", "Action: relayed", "Action: expanded", "Action: delivered", "Action: delayed", "Action: other", "message/delivery-status", "multipart/report", "Will-Retry-Until: ");

    public override byte[] Generate(Random random)
    {
        DsnRecipient recipient = Delivery_status.Recipient(Pick(random, "mary@example.com", "山田@例え.テスト", "\"a b\"@c.example")) with
        {
            Action = (DsnAction)random.Next(5), WillRetryUntil = random.Next(2) == 0 ? null : DateTimeOffset.UnixEpoch, Reply = Pick(random, null, new SmtpReply(550, new(5, 1, 1), "no"), new SmtpReply(451, null, "later")),
        };
        DsnReport report = Delivery_status.Report(random.Next(2) == 0 ? [recipient] : [recipient, recipient]) with { IsUtf8 = random.Next(2) == 0 };
        string written = Octets.Show(Delivery_status.Write(report));
        return Octets.Of(random.Next(4) == 0 ? written.Replace("\"", "") : written);
    }

    public override void Run(byte[] input)
    {
        if (!DsnReader.TryRead(input, out DsnStatus? status))
        {
            return;
        }

        Promise(status!.Recipients.Length is > 0 and <= 1000, "a report has recipients, and not more than the limit");
        byte[] written = Delivery_status.Write(Delivery_status.Report([.. status.Recipients]) with { IsUtf8 = true });
        Promise(DsnReader.TryRead(written, out DsnStatus? again) && again!.Recipients.Length == status.Recipients.Length, "what was read can be written and read");
        for (int i = 0; i < status.Recipients.Length; i++)
        {
            Promise(again!.Recipients[i].FinalRecipient == status.Recipients[i].FinalRecipient && again.Recipients[i].Action == status.Recipients[i].Action && again.Recipients[i].LastAttempt == status.Recipients[i].LastAttempt, "and says the same");
        }
    }
}
