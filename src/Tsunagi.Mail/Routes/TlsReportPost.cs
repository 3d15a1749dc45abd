using System.Buffers;
using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Signing;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Feedback;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Routes;

/// <summary>
/// Hands one report to one address: by mail, as a message of our own that is signed when it leaves (RFC 8460 section 5.3), under an id that follows from day, domain and address, so that a crash sends
/// nothing twice; or by HTTPS (section 5.4).
/// </summary>
internal sealed class TlsReportPost(SpoolOnce once, RouteHttp http, SigningKeys keys, GatewayContracts contracts, MailOptions options, TimeProvider time)
{
    private const int MostAsked = 100;
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(100);
    private const int MostAnswer = 16 * 1024;
    private static readonly TimeSpan PostWithin = TimeSpan.FromSeconds(30);

    /// <summary>Null when it is on its way; else why it is not.</summary>
    public async ValueTask<string?> SendAsync(string domain, TlsReport report, byte[] packed, Uri address, CancellationToken cancellationToken) =>
        TlsReportRecord.Mailbox(address) is { } mailbox ? await MailAsync(domain, report, packed, mailbox, cancellationToken) : await PostAsync(packed, address, cancellationToken);

    private async ValueTask<string?> PostAsync(byte[] packed, Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(packed) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(TlsReportWriter.PackedType);
        var answer = await http.SendAsync(request, MostAnswer, PostWithin, cancellationToken);
        return answer.Problem.Length > 0 ? answer.Problem : answer.Status is >= 200 and < 300 ? null : $"it answers {answer.Status}";
    }

    private async ValueTask<string?> MailAsync(string domain, TlsReport report, byte[] packed, Mailbox to, CancellationToken cancellationToken)
    {
        if (!Mailbox.TryParse(options.TlsReports.From, out var from) || contracts.Table.ForDomain(from!.Domain) is not { } gateway)
        {
            return "mail.tlsReports.from is no address of a domain that is served here";
        }

        if (gateway.Settings.Signing == MailSigning.Off || (await keys.OfAsync(gateway.TenantPath, from.Domain)).Signers.Count == 0)
        {
            return $"the domain {from.Domain} of mail.tlsReports.from has no DKIM keys in use, and reports that are not signed are thrown away";
        }

        var id = IdOf(report, domain, to);
        var accepted = await once.IsAcceptedAsync(id, cancellationToken);
        for (var asked = 0; accepted is null && asked < MostAsked; asked++)
        {
            await Task.Delay(AskAgain, time, cancellationToken);
            accepted = await once.IsAcceptedAsync(id, cancellationToken);
        }

        if (accepted is not false)
        {
            return accepted is null ? "the spool or the trace is away" : null;
        }

        var letter = new ArrayBufferWriter<byte>(packed.Length * 2);
        TlsReportLetter.Write(letter, new TlsReportLetter.Parts(report, domain, options.OwnName, from.ToString(), to.ToString(), $"{id}@{options.OwnName}", time.NowMicros()), packed);
        var facts = new AcceptFacts
        {
            AcceptedMicros = time.NowMicros(),

            // Ours, and outbound: it is signed, and its own way is neither kept from it by policies nor reported on.
            Flags = MessageFlags.Report | MessageFlags.Outbound,
            TenantPath = gateway.TenantPath,
            Subscription = gateway.Subscription,
            ReversePath = "",
            Recipients = [to.ToString()],
            SizeBytes = letter.WrittenCount,
            MessageIdHeader = $"{id}@{options.OwnName}",
            Subject = TlsReportLetter.SubjectOf(report, domain, options.OwnName),
            FromDomain = from.Domain,
        };
        await once.AcceptAsync(id, facts, body => body.Write(letter.WrittenSpan));
        return null;
    }

    private static SpoolId IdOf(TlsReport report, string domain, Mailbox to)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"tls report {report.ReportId} {domain} {to}"), hash);
        Span<byte> bytes = stackalloc byte[SpoolId.Size];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)report.End.ToUnixTimeMilliseconds() << 16);
        hash[..10].CopyTo(bytes[6..]);
        return SpoolId.Read(bytes);
    }
}
