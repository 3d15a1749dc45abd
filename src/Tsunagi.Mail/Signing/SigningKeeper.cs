using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Submission;
using Tsunagi.Mail.Trace;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Mail.Signing;

/// <summary>
/// Keeps the signing keys of every domain that sends through us, on the node that holds the lease. A generation is one RSA and one Ed25519 key (RFC 8463: who does not know one takes the other).
/// At each look, for each domain: (1) where there is no generation to come and none in use, or the one in use is old enough, the next is made; (2) the records that are due are looked for
/// in the DNS, as any verifier would; (3) a generation whose records both stand there is used from now on, and the one before is forgotten: its private keys are overwritten at once, its records are
/// to stay published for a while; (4) a record in use that is missing or differs is told once, and so is its return; the same for a private key that cannot be read; (5) whose time is over may be taken out of the DNS.
/// </summary>
internal sealed partial class SigningKeeper(
    Stores stores, SigningKeys keys, GatewayContracts contracts, ISecretBox secrets, Outbox outbox, ILeases leases, MailOptions options, TimeProvider time, ILogger<SigningKeeper> log, IMailDns? dns = null, CredentialBook? credentials = null) : BackgroundService
{
    private const string Lease = "mail.dkim";
    private static readonly (DkimAlgorithm Algorithm, string Name, string Letter)[] Algorithms = [(DkimAlgorithm.RsaSha256, "rsa-sha256", "r"), (DkimAlgorithm.Ed25519Sha256, "ed25519-sha256", "e")];

    private SigningOptions Options => options.Signing;

    /// <summary>One look at every domain that sends.</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        foreach (var (path, domain) in Wanted())
        {
            await KeepAsync(path, domain, isAsked: false, cancellationToken);
        }

        await EndAsync(cancellationToken);
    }

    /// <summary>One domain: steps (1) to (4).</summary>
    /// <param name="isAsked">A person wants to know now: every record is looked for.</param>
    internal async ValueTask KeepAsync(string tenantPath, string domain, bool isAsked, CancellationToken cancellationToken)
    {
        // (1)
        var rows = await ReadAsync(tenantPath, domain, cancellationToken);
        var used = rows.FirstOrDefault(static row => row.State == SigningKeyState.Used);
        if (!rows.Any(static row => row.State == SigningKeyState.Next) && (used is null || used.UsedAt + (long)Options.RotateAfter.TotalMicroseconds <= time.NowMicros()))
        {
            await MakeNextAsync(tenantPath, domain, cancellationToken);
            rows = await ReadAsync(tenantPath, domain, cancellationToken);
        }

        // (2), (4)
        var due = rows.Where(row => isAsked || IsDue(row)).ToList();
        var answers = await Task.WhenAll(due.Select(row => AskAsync(row, cancellationToken)));
        for (var i = 0; i < due.Count; i++)
        {
            if (answers[i] is ({ } state, { } found))
            {
                await NoteAsync(due[i], state, found, cancellationToken);
            }
        }

        foreach (var row in rows.Where(static row => row.State == SigningKeyState.Used))
        {
            await TryOpenAsync(row, cancellationToken);
        }

        // (3)
        await UseNextAsync(tenantPath, domain, cancellationToken);
    }

    /// <summary>(1) Makes the generation to come. False when there is one already.</summary>
    internal async ValueTask<bool> MakeNextAsync(string tenantPath, string domain, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var stem = $"ts{UnixMicros.ToDateTimeOffset(now).ToString("yyyyMMdd", CultureInfo.InvariantCulture)}{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(2))}";
        var made = new List<Row>(Algorithms.Length);
        foreach (var (algorithm, name, letter) in Algorithms)
        {
            using var key = DkimPrivateKey.Create(algorithm);
            var box = await secrets.ProtectAsync(tenantPath, SigningKeys.Purpose, System.Text.Encoding.ASCII.GetBytes(key.ToPem()), cancellationToken);
            made.Add(new Row(
                Id.New("dk", time), tenantPath, domain, 0, name, stem + letter, SigningKeyState.Next, key.ToRecord(), Convert.ToBase64String(box), now, 0, 0, 0, PublishedState.Unseen, "", 0));
        }

        return await stores.Control.WriteAsync(
            async transaction =>
            {
                var generation = 1 + await transaction.FirstOrDefaultAsync<long>(
                    "SELECT coalesce(max(generation), 0) FROM mail_dkim_key WHERE tenant_path = @TenantPath AND domain = @Domain", made[0]);
                if (await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_dkim_key WHERE tenant_path = @TenantPath AND domain = @Domain AND state = 'next'", made[0]) > 0)
                {
                    return false;
                }

                foreach (var row in made)
                {
                    await transaction.ExecuteAsync(
                        """
                        INSERT INTO mail_dkim_key (id, tenant_path, domain, generation, algorithm, selector, state, record, sealed, created_at, used_at, ends_at, looked_at, published, found, unreadable_at)
                        VALUES (@Id, @TenantPath, @Domain, @Generation, @Algorithm, @Selector, @State, @Record, @Sealed, @CreatedAt, 0, 0, 0, @Published, '', 0) ON CONFLICT DO NOTHING
                        """,
                        row with { Generation = generation });
                }

                await TellAsync(transaction, MailEvents.DkimPublish, tenantPath, domain, new
                {
                    domain, generation, records = made.Select(static row => new { name = row.Name, record = row.Record }).ToArray(),
                });
                return true;
            },
            cancellationToken);
    }

    /// <summary>(5) Records that no verifier needs any more.</summary>
    internal ValueTask<bool> EndAsync(CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            var over = await transaction.QueryAsync<Row>(
                $"SELECT {Row.Columns} FROM mail_dkim_key WHERE state = 'old' AND ends_at <= @Now ORDER BY tenant_path, domain, id LIMIT 200", new { Now = time.NowMicros() });
            foreach (var row in over)
            {
                await transaction.ExecuteAsync("UPDATE mail_dkim_key SET state = 'ended' WHERE id = @Id", row);
                await TellAsync(transaction, MailEvents.DkimEnded, row.TenantPath, row.Domain, new { domain = row.Domain, name = row.Name });
            }

            return over.Count > 0;
        },
        cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await leases.HoldAsync(
                Lease,
                (_, token) => Looks.RunAsync("the signing keys", Options.LookEvery, LookAsync, away => LogStoreAway(log, away), time, log, token),
                stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; the next start looks anew.
        }
    }

    private List<(string Path, string Domain)> Wanted() =>
        [.. contracts.Table.BySubscription.Values
            .Where(gateway => (gateway.Relays.Count > 0 || credentials?.HasAny(gateway.Subscription) == true) && gateway.Settings.Signing != MailSigning.Off)
            .SelectMany(static gateway => gateway.Domains.Select(domain => (gateway.TenantPath, domain)))
            .OrderBy(static pair => pair.domain, StringComparer.Ordinal)];

    private bool IsDue(Row row) => row.State switch
    {
        SigningKeyState.Next => true,
        SigningKeyState.Used => row.Published != PublishedState.Found || row.LookedAt + (long)Options.CheckEvery.TotalMicroseconds <= time.NowMicros(),
        _ => false,
    };

    // (2), and (4) for what is in use
    private ValueTask<bool> NoteAsync(Row row, string state, string found, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            var before = await transaction.FirstOrDefaultAsync<Row>($"SELECT {Row.Columns} FROM mail_dkim_key WHERE id = @Id", row);
            if (before is null)
            {
                return false;
            }

            await transaction.ExecuteAsync(
                "UPDATE mail_dkim_key SET looked_at = @Now, published = @State, found = @Found WHERE id = @Id", new { row.Id, Now = time.NowMicros(), State = state, Found = found });
            if (before.State == SigningKeyState.Used && (before.Published == PublishedState.Found) != (state == PublishedState.Found))
            {
                await TellAsync(
                    transaction, state == PublishedState.Found ? MailEvents.DkimFound : MailEvents.DkimMissing, row.TenantPath, row.Domain,
                    new { domain = row.Domain, name = row.Name, state, found, record = row.Record });
            }

            return true;
        },
        cancellationToken);

    private async Task<(string? State, string? Found)> AskAsync(Row row, CancellationToken cancellationToken)
    {
        if (dns is null)
        {
            return default;
        }

        using var deadline = new CancellationTokenSource(Options.DnsDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return PublishedRecord.Judge(await dns.TxtAsync(row.Name, either.Token), row.Record) is { } judged ? judged : default;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // No answer says nothing.
            return default;
        }
    }

    // (4)
    private async ValueTask TryOpenAsync(Row row, CancellationToken cancellationToken)
    {
        using var key = await keys.OpenAsync(row.TenantPath, row.Selector, row.Sealed, row.Record);
        if ((key is null) != (row.UnreadableAt == 0))
        {
            return;
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                var changed = await transaction.ExecuteAsync(
                    key is null ? "UPDATE mail_dkim_key SET unreadable_at = @Now WHERE id = @Id AND unreadable_at = 0" : "UPDATE mail_dkim_key SET unreadable_at = 0 WHERE id = @Id AND unreadable_at <> 0",
                    new { row.Id, Now = time.NowMicros() });
                if (changed > 0)
                {
                    await TellAsync(transaction, key is null ? MailEvents.DkimUnreadable : MailEvents.DkimReadable, row.TenantPath, row.Domain, new { domain = row.Domain, name = row.Name });
                }

                return changed > 0;
            },
            cancellationToken);
    }

    // (3)
    private ValueTask<bool> UseNextAsync(string tenantPath, string domain, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            var rows = await ReadAsync(transaction, tenantPath, domain);
            var next = rows.Where(static row => row.State == SigningKeyState.Next).ToList();
            if (next.Count == 0 || next.Exists(static row => row.Published != PublishedState.Found))
            {
                return false;
            }

            var now = time.NowMicros();
            await transaction.ExecuteAsync(
                "UPDATE mail_dkim_key SET state = 'old', sealed = '', ends_at = @Ends, unreadable_at = 0 WHERE tenant_path = @Path AND domain = @Domain AND state = 'used'",
                new { Path = tenantPath, Domain = domain, Ends = now + (long)Options.KeepPublished.TotalMicroseconds });
            await transaction.ExecuteAsync(
                "UPDATE mail_dkim_key SET state = 'used', used_at = @Now WHERE tenant_path = @Path AND domain = @Domain AND state = 'next'", new { Path = tenantPath, Domain = domain, Now = now });
            await transaction.ExecuteAsync("UPDATE mail_signing_head SET version = version + 1 WHERE one = 1");
            await TellAsync(transaction, MailEvents.DkimUsed, tenantPath, domain, new { domain, generation = next[0].Generation, selectors = next.Select(static row => row.Selector).ToArray() });
            transaction.OnCommitted(() => stores.Control.Hints.Raise(SigningKeys.Channel));
            return true;
        },
        cancellationToken);

    private ValueTask<IReadOnlyList<Row>> ReadAsync(string tenantPath, string domain, CancellationToken cancellationToken) =>
        stores.Control.ReadAsync(reader => ReadAsync(reader, tenantPath, domain), cancellationToken);

    private static ValueTask<IReadOnlyList<Row>> ReadAsync(ISqlReader reader, string tenantPath, string domain) => reader.QueryAsync<Row>(
        $"SELECT {Row.Columns} FROM mail_dkim_key WHERE tenant_path = @Path AND domain = @Domain AND state <> 'ended' ORDER BY generation, algorithm", new { Path = tenantPath, Domain = domain });

    private ValueTask TellAsync(ISqlTransaction transaction, string type, string tenantPath, string domain, object facts) =>
        outbox.AppendAsync(transaction, new Event(Id.New("e", time), type, time.NowMicros(), tenantPath, domain, JsonSerializer.Serialize(facts)));

    private sealed record Row(
        string Id, string TenantPath, string Domain, long Generation, string Algorithm, string Selector, string State, string Record, string Sealed, long CreatedAt, long UsedAt, long EndsAt, long LookedAt,
        string Published, string Found, long UnreadableAt)
    {
        public const string Columns =
            "id, tenant_path, domain, generation, algorithm, selector, state, record, sealed, created_at, used_at, ends_at, looked_at, published, found, unreadable_at";

        public string Name => $"{Selector}._domainkey.{Domain}";
    }

    [LoggerMessage(2604, LogLevel.Warning, "the store is away; the signing keys are looked after when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
