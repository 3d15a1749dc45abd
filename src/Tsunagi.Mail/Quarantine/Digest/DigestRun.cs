using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Ui.Format;

namespace Tsunagi.Mail.Quarantine.Digest;

/// <summary>
/// Sends each recipient with new held mail a list of it, once a day from the hour of the contract in the tenant's zone. On the node that holds the lease: (1) contracts whose
/// hour has come, (2) their recipients with something new, (3) a letter for each, into the spool under an id that follows from recipient and day, (4) the row that says up
/// to where it was told. A crash between (3) and (4) finds the letter in the spool or in the trace and does not send it again.
/// </summary>
internal sealed partial class DigestRun(
    Stores stores, SpoolOnce once, HeldBook book, RecipientLinks links, RecipientDoor door, GatewayContracts contracts, PublicAddress address, ILeases leases, MailOptions options,
    TimeProvider time, ILogger<DigestRun> log) : BackgroundService
{
    private const string Lease = "mail.quarantine.digest";
    private const int Together = 200;
    private static readonly TimeSpan NewFor = TimeSpan.FromDays(8);
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<string, string> _done = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await leases.HoldAsync(Lease, async (_, token) =>
            {
                while (!token.IsCancellationRequested)
                {
                    await SendDueAsync(token);
                    await Task.Delay(options.Quarantine.DigestEvery, time, token);
                }
            }, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is not sent today is sent after the next start.
        }
    }

    /// <summary>Everything due now; returns how many letters went out.</summary>
    internal async ValueTask<int> SendDueAsync(CancellationToken cancellationToken)
    {
        var sent = 0;
        foreach (var gateway in contracts.Table.BySubscription.Values.Where(static gateway => gateway is { IsHeld: false, Settings.Quarantine.Digest: true }))
        {
            try
            {
                sent += await SendDueAsync(gateway, cancellationToken);
            }
            catch (Exception failed) when (failed is StoreUnavailableException or IOException)
            {
                LogLater(log, gateway.Subscription, failed);
            }
        }

        return sent;
    }

    private async ValueTask<int> SendDueAsync(Gateway gateway, CancellationToken cancellationToken)
    {
        // (1)
        var tenant = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<TenantZone>("SELECT locale, time_zone FROM tenant WHERE id = @Id", new { Id = gateway.TenantId }), cancellationToken) ?? new TenantZone("en", "UTC");
        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(tenant.TimeZone) ?? DateTimeZone.Utc;
        var local = Instant.FromDateTimeOffset(time.GetUtcNow()).InZone(zone);
        var day = LocalDatePattern.Iso.Format(local.Date);
        if (local.Hour < gateway.Settings.Quarantine.DigestHour || _done.GetValueOrDefault(gateway.Subscription) == day || address.Url is not { } url)
        {
            return 0;
        }

        var sent = 0;
        for (var after = ""; ;)
        {
            // (2)
            var due = await DueAsync(gateway, day, after, cancellationToken);
            foreach (var recipient in due)
            {
                sent += await SendAsync(gateway, recipient, day, local.Date.AtStartOfDayInZone(zone).ToInstant(), Zone.Of(tenant.TimeZone), url, cancellationToken) ? 1 : 0;
            }

            if (due.Count < Together)
            {
                _done[gateway.Subscription] = day;
                return sent;
            }

            after = due[^1].Recipient;
        }
    }

    private ValueTask<IReadOnlyList<DueRecipient>> DueAsync(Gateway gateway, string day, string after, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<DueRecipient>(
            """
            SELECT h.recipient, count(*) AS fresh, max(h.seq) AS last, coalesce(max(d.seq), 0) AS told
            FROM mail_held h LEFT JOIN mail_digest d ON d.tenant_path = h.tenant_path AND d.recipient = h.recipient
            WHERE h.tenant_path = @Path AND h.subscription_id = @Subscription AND h.held_at >= @Since AND h.state = 'held' AND h.recipient > @After
              AND h.seq > coalesce(d.seq, 0) AND coalesce(d.day, '') < @Day
            GROUP BY h.recipient ORDER BY h.recipient LIMIT @Limit
            """,
            new { Path = gateway.TenantPath, gateway.Subscription, Since = time.NowMicros() - (long)NewFor.TotalMicroseconds, After = after, Day = day, Limit = (long)Together }),
        cancellationToken);

    private async ValueTask<bool> SendAsync(Gateway gateway, DueRecipient due, string day, Instant dayStart, Zone zone, string url, CancellationToken cancellationToken)
    {
        if (!Mailbox.TryParse(due.Recipient, out _))
        {
            return false;
        }

        // (3)
        var id = IdOf(gateway.TenantPath, due.Recipient, day, dayStart);
        var accepted = await once.IsAcceptedAsync(id, cancellationToken);
        for (; accepted is null; accepted = await once.IsAcceptedAsync(id, cancellationToken))
        {
            await Task.Delay(AskAgain, time, cancellationToken);
        }

        if (accepted is false)
        {
            await AcceptAsync(gateway, due, id, zone, url, cancellationToken);
        }

        // (4)
        await stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync(
                """
                INSERT INTO mail_digest (recipient, tenant_path, seq, day, sent_at, message_id, language) VALUES (@Recipient, @Path, @Last, @Day, @Now, @Id, '')
                ON CONFLICT (tenant_path, recipient) DO UPDATE SET seq = excluded.seq, day = excluded.day, sent_at = excluded.sent_at, message_id = excluded.message_id
                """,
                new { due.Recipient, Path = gateway.TenantPath, due.Last, Day = day, Now = time.NowMicros(), Id = id.ToString() }),
            cancellationToken);
        return accepted is false;
    }

    private async ValueTask AcceptAsync(Gateway gateway, DueRecipient due, SpoolId id, Zone zone, string url, CancellationToken cancellationToken)
    {
        var link = new RecipientLink(gateway.TenantPath, gateway.Subscription, due.Recipient, 0);
        var rows = await book.NewForAsync(gateway.TenantPath, due.Recipient, due.Told, options.Quarantine.DigestMessages, cancellationToken);
        var now = time.NowMicros();
        var letter = new DigestLetter(
            options.Quarantine.From.Length > 0 ? options.Quarantine.From : "quarantine@" + options.OwnName, due.Recipient, $"{id}@{options.OwnName}",
            await door.LanguageOfAsync(link, gateway.TenantId, cancellationToken), zone, now, now + (long)options.Quarantine.LinkLife.TotalMicroseconds, rows, (int)due.Fresh,
            $"{url}/quarantine/{await links.MakeAsync(gateway.TenantPath, gateway.Subscription, due.Recipient, cancellationToken)}");
        var content = new ArrayBufferWriter<byte>(16 * 1024);
        letter.Write(content);
        var facts = new AcceptFacts
        {
            AcceptedMicros = now,
            Flags = MessageFlags.Report | (Ascii.IsValid(due.Recipient) ? MessageFlags.None : MessageFlags.Utf8 | MessageFlags.EightBit),
            TenantPath = gateway.TenantPath,
            Subscription = gateway.Subscription,
            ReversePath = "",
            Recipients = [due.Recipient],
            SizeBytes = content.WrittenCount,
            MessageIdHeader = letter.MessageId,
            Subject = letter.SubjectLine,
            FromDomain = letter.From[(letter.From.LastIndexOf('@') + 1)..],
        };
        await once.AcceptAsync(id, facts, body => body.Write(content.WrittenSpan));
    }

    // The same recipient and day, the same message.
    private static SpoolId IdOf(string tenantPath, string recipient, string day, Instant dayStart)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"digest {tenantPath} {recipient} {day}"), hash);
        Span<byte> bytes = stackalloc byte[SpoolId.Size];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)dayStart.ToUnixTimeMilliseconds() << 16);
        hash[..10].CopyTo(bytes[6..]);
        return SpoolId.Read(bytes);
    }

    private sealed record TenantZone(string Locale, string TimeZone);

    private sealed record DueRecipient(string Recipient, long Fresh, long Last, long Told);

    [LoggerMessage(2541, LogLevel.Warning, "lists of held mail of {Subscription} are sent later: the store or the spool is away")]
    private static partial void LogLater(ILogger log, string subscription, Exception exception);
}
