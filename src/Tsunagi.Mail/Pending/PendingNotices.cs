using System.Buffers;
using System.Text;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Reporting;
using Tsunagi.Mail.Spool;
using Tsunagi.Ui.Format;

namespace Tsunagi.Mail.Pending;

/// <summary>Tells a sender that a message waits: a letter into the spool under an id that follows from the message, so that it goes once however often it is tried.</summary>
internal sealed class PendingNotices(SpoolOnce once, PendingLinks links, PendingDoor door, PublicAddress address, MailOptions options, TimeProvider time)
{
    // No attempt has this number: the id is no report's.
    private const int NoAttempt = -1;

    /// <summary>False while it cannot be known whether an earlier life of the program told it.</summary>
    /// <param name="isNew">Nobody can have told it before.</param>
    public async ValueTask<bool> SendAsync(SpoolId message, AcceptFacts about, bool isNew, CancellationToken cancellationToken)
    {
        var id = MailSpool.ReportId(message, NoAttempt);
        var now = time.NowMicros();
        if (address.Url is not { } url || about.PendingUntilMicros <= now)
        {
            return true;
        }

        if (!isNew)
        {
            var accepted = await once.IsAcceptedAsync(id, cancellationToken);
            if (accepted is not false)
            {
                return accepted is true;
            }
        }

        var manner = await door.TenantAsync(LetterTenant.Of(about.TenantPath), cancellationToken);
        var link = new PendingLink(about.TenantPath, about.Subscription, about.ReversePath.ToLowerInvariant(), message.ToString(), about.PendingUntilMicros + (long)options.Pending.LinkLife.TotalMicroseconds);
        var letter = new PendingLetter(
            options.Pending.From.Length > 0 ? options.Pending.From : "outbox@" + options.OwnName, about, $"{id}@{options.OwnName}", manner.Locale is "ja" ? "ja" : "en", Zone.Of(manner.TimeZone), now,
            $"{url}/pending/{await links.MakeAsync(link, cancellationToken)}");
        var content = new ArrayBufferWriter<byte>(8 * 1024);
        letter.Write(content);
        var facts = new AcceptFacts
        {
            AcceptedMicros = now,
            Flags = MessageFlags.Report | (Ascii.IsValid(about.ReversePath) ? MessageFlags.None : MessageFlags.Utf8 | MessageFlags.EightBit),
            TenantPath = about.TenantPath,
            Subscription = about.Subscription,
            ReversePath = "",
            Recipients = [about.ReversePath],
            SizeBytes = content.WrittenCount,
            About = message.ToString(),
            MessageIdHeader = letter.MessageId,
            Subject = letter.SubjectLine,
            FromDomain = letter.From[(letter.From.LastIndexOf('@') + 1)..],
        };
        await once.AcceptAsync(id, facts, body => body.Write(content.WrittenSpan));
        return true;
    }
}
