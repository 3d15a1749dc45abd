using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Signing;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Reporting.Daily;

/// <summary>
/// Hands a report to another domain to one address, as a message of our own that is signed when it leaves, under an id that follows from what it says and to whom, so that a crash sends nothing twice.
/// It has the null sender: nothing that fails comes back, and nobody answers it.
/// </summary>
internal sealed class ReportPost(SpoolOnce once, SigningKeys keys, GatewayContracts contracts, MailOptions options, TimeProvider time)
{
    private const int MostAsked = 100;
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>One report.</summary>
    /// <param name="Name">What makes it this one: kind, id, domain.</param>
    /// <param name="EndMicros">The end of the day it is about: the time in its id.</param>
    /// <param name="FromKey">The option that says who it is from, for the one who has to mend it.</param>
    /// <param name="IsAboutTls">It arrives whatever ails its receiver's TLS, and its own way is not reported on (RFC 8460 section 3); any other keeps to the receiver's policies.</param>
    /// <param name="MostOctets">What its receiver takes; null where nothing is said.</param>
    public sealed record Item(string Name, long EndMicros, string From, string FromKey, bool IsAboutTls, ReportLetter Letter, long? MostOctets = null);

    /// <summary>Null when it is on its way; else why it is not.</summary>
    public async ValueTask<string?> SendAsync(Item item, Mailbox to, CancellationToken cancellationToken)
    {
        if (!Mailbox.TryParse(item.From, out var from) || contracts.Table.ForDomain(from!.Domain) is not { } gateway)
        {
            return $"{item.FromKey} is no address of a domain that is served here";
        }

        if (gateway.Settings.Signing == MailSigning.Off || (await keys.OfAsync(gateway.TenantPath, from.Domain)).Signers.Count == 0)
        {
            return $"the domain {from.Domain} of {item.FromKey} has no DKIM keys in use, and reports that are not signed are thrown away";
        }

        var id = IdOf(item, to);
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

        var content = item.Letter.Write(from.ToString(), to.ToString(), $"{id}@{options.OwnName}", time.NowMicros());
        if (content.Length > item.MostOctets)
        {
            return $"the report has {content.Length} octets, and the address takes {item.MostOctets} at most";
        }

        var facts = new AcceptFacts
        {
            AcceptedMicros = time.NowMicros(),

            // Ours, and outbound: it is signed. One about TLS bears the subscription too, and has a lane that no policy bars (MessageFlags.Outbound).
            Flags = MessageFlags.Report | MessageFlags.Outbound,
            TenantPath = gateway.TenantPath,
            Subscription = item.IsAboutTls ? gateway.Subscription : "",
            ReversePath = "",
            Recipients = [to.ToString()],
            SizeBytes = content.Length,
            MessageIdHeader = $"{id}@{options.OwnName}",
            Subject = item.Letter.Subject,
            FromDomain = from.Domain,
        };
        await once.AcceptAsync(id, facts, body => body.Write(content));
        return null;
    }

    private static SpoolId IdOf(Item item, Mailbox to)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{item.Name} {to}"), hash);
        Span<byte> bytes = stackalloc byte[SpoolId.Size];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)(item.EndMicros / 1_000) << 16);
        hash[..10].CopyTo(bytes[6..]);
        return SpoolId.Read(bytes);
    }
}
