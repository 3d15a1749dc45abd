using System.Buffers;
using System.Net;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Spf;

namespace Tsunagi.Mail.Reports;

/// <summary>
/// Who sent a message of reports: DMARC of the message itself, over SPF of its client and its signatures, asked when it is taken in and whatever the policies for arriving mail say.
/// Nothing is refused by it: it stands beside the report, and what is advised rests on authors that pass.
/// </summary>
internal sealed class ReportAuthor(MailOptions options, MailResolver? resolver = null)
{
    public const string Unchecked = "unchecked";

    public async ValueTask<(string Domain, string Result)> CheckAsync(AcceptFacts facts, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var header = MessageHeader.Read(content.Span);
        if (header.From?.Domain is not { Length: > 0 } author)
        {
            return ("", "permerror");
        }

        author = author.ToLowerInvariant();
        if (resolver is null)
        {
            return (author, Unchecked);
        }

        using var dns = resolver.ForMessage(cancellationToken);
        var time = UnixMicros.ToDateTimeOffset(facts.AcceptedMicros);
        SpfResult? spf = null;
        if (IPAddress.TryParse(facts.ClientAddress, out var client))
        {
            spf = await SpfCheck.RunAsync(
                new SpfQuery { ClientAddress = client, Sender = facts.ReversePath, HeloName = facts.Helo, ReceiverName = options.OwnName, Time = time }, dns, null, cancellationToken);
        }

        using var signed = SignedMessage.Read(new ReadOnlySequence<byte>(content));
        var signatures = new DkimVerification(signed);
        signed.AppendBodyOf(new ReadOnlySequence<byte>(content));
        var dkim = await signatures.CompleteAsync(dns, time, cancellationToken);
        var dmarc = await DmarcCheck.RunAsync(new DmarcQuery { AuthorDomain = author, Spf = spf, Dkim = dkim }, dns, null, cancellationToken);
        return (author, dmarc.Verdict.ToString().ToLowerInvariant());
    }
}
