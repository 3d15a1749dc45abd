using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Mail.Dkim;

namespace Tsunagi.Mail.Signing;

/// <summary>
/// The keys in use, as signers need them. A private key is opened from its tenant's box when the first message needs it, and again after a minute, so that one whose box
/// was destroyed signs nothing more.
/// </summary>
internal sealed partial class SigningKeys(Stores stores, ISecretBox secrets, TimeProvider time, ILogger<SigningKeys> log) : StoreFollower(stores, Channel, time)
{
    /// <summary>Purpose of the tenant's key that the private keys lie under.</summary>
    public const string Purpose = "mail.dkim";

    internal const string Channel = "mail_dkim";
    private static readonly TimeSpan KeepOpen = TimeSpan.FromMinutes(1);
    private readonly TimeProvider _time = time;
    private volatile FrozenDictionary<(string TenantPath, string Domain), Entry[]>? _used;
    private long _version;

    /// <summary>What signs for a domain of a tenant. Never another tenant's: the box does not open for it.</summary>
    public async ValueTask<SigningChoice> OfAsync(string tenantPath, string domain)
    {
        if (_used is not { } used)
        {
            return SigningChoice.Unreadable("the signing keys were not read yet");
        }

        if (!used.TryGetValue((tenantPath, domain), out var entries))
        {
            return SigningChoice.None;
        }

        var signers = new DkimSigner[entries.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            if (await KeyOfAsync(tenantPath, entries[i]) is not { } key)
            {
                return SigningChoice.Unreadable($"the signing key {entries[i].Selector}._domainkey.{domain} can not be read");
            }

            signers[i] = new DkimSigner(domain, entries[i].Selector, key);
        }

        return new SigningChoice(signers, null);
    }

    public override async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        var version = await Stores.Control.ReadAsync(static reader => VersionAsync(reader), cancellationToken);
        if (_used is { } known && version == _version)
        {
            return;
        }

        var (read, rows) = await Stores.Control.ReadAsync(
            static async reader => (await VersionAsync(reader), await reader.QueryAsync<Row>(
                "SELECT id, tenant_path, domain, selector, sealed, record FROM mail_dkim_key WHERE state = 'used' ORDER BY tenant_path, domain, algorithm")),
            cancellationToken);
        var open = _used?.Values.SelectMany(static entries => entries).ToDictionary(static entry => (entry.Id, entry.Sealed)) ?? [];
        _used = rows.GroupBy(static row => (row.TenantPath, row.Domain)).ToFrozenDictionary(
            static group => group.Key, group => group.Select(row => open.GetValueOrDefault((row.Id, row.Sealed)) ?? new Entry(row.Id, row.Selector, row.Sealed, row.Record)).ToArray());
        _version = read;
    }

    /// <summary>Opens a private key. Null when it cannot be read, or is not the one whose record is published.</summary>
    internal async ValueTask<DkimPrivateKey?> OpenAsync(string tenantPath, string selector, string box, string record)
    {
        try
        {
            return await secrets.UnprotectAsync(tenantPath, Purpose, Convert.FromBase64String(box), CancellationToken.None) is { } pem
                && DkimPrivateKey.TryParsePem(System.Text.Encoding.ASCII.GetString(pem), out var key, out _) && key!.ToRecord() == record
                ? key
                : null;
        }
        catch (Exception failed) when (failed is StoreUnavailableException or SecretsException or FormatException)
        {
            LogUnreadable(log, selector, tenantPath, failed);
            return null;
        }
    }

    internal static ValueTask<long> VersionAsync(ISqlReader reader) => reader.FirstOrDefaultAsync<long>("SELECT version FROM mail_signing_head WHERE one = 1");

    protected override void TellAway(StoreUnavailableException away) => LogStoreAway(log, away);

    // Two that open the same key at once do so twice: no harm.
    private async ValueTask<DkimPrivateKey?> KeyOfAsync(string tenantPath, Entry entry)
    {
        if (entry.Open is { } open && _time.GetElapsedTime(open.At) < KeepOpen)
        {
            return open.Key;
        }

        var key = await OpenAsync(tenantPath, entry.Selector, entry.Sealed, entry.Record);
        entry.Open = key is null ? null : new OpenKey(key, _time.GetTimestamp());
        return key;
    }

    private sealed record Row(string Id, string TenantPath, string Domain, string Selector, string Sealed, string Record);

    private sealed record OpenKey(DkimPrivateKey Key, long At);

    private sealed class Entry(string id, string selector, string box, string record)
    {
        public string Id => id;

        public string Selector => selector;

        public string Sealed => box;

        public string Record => record;

        public OpenKey? Open { get; set; }
    }

    [LoggerMessage(2601, LogLevel.Warning, "the store is away; the signing keys stay as they were")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(2602, LogLevel.Warning, "the signing key at {Selector} of {Tenant} could not be read")]
    private static partial void LogUnreadable(ILogger log, string selector, string tenant, Exception exception);
}

/// <summary>What signs for a domain: keys; nothing, because none are in use; or a reason why the keys in use cannot be had.</summary>
internal readonly record struct SigningChoice(IReadOnlyList<DkimSigner> Signers, string? WhyNot)
{
    public static SigningChoice None { get; } = new([], null);

    public static SigningChoice Unreadable(string whyNot) => new([], whyNot);
}
