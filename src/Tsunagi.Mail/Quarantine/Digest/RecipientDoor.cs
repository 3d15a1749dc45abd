using System.Net;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Net;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Contract;

namespace Tsunagi.Mail.Quarantine.Digest;

/// <summary>
/// Lets a recipient in by the link of a digest: (1) a network that tried too many wrong links waits, (2) the link is read, (3) acts are counted for each link.
/// What comes out is somebody who sees the own held mail and nothing else, and holds no permission.
/// </summary>
internal sealed class RecipientDoor(RecipientLinks links, GatewayContracts contracts, Stores stores, MailOptions options, TimeProvider time)
{
    private static readonly IReadOnlySet<string> NoPermissions = new HashSet<string>(StringComparer.Ordinal);
    private readonly LinkThrottle _wrong = new(time);
    private readonly LinkThrottle _acts = new(time);

    /// <param name="acts">Something is to be done, not only shown.</param>
    public async ValueTask<RecipientVisit> EnterAsync(string token, IPAddress? from, bool acts, CancellationToken cancellationToken)
    {
        // (1)
        var network = from is null ? "" : AddressGroup.Of(from).ToString();
        if (_wrong.IsSpent(network, options.Quarantine.WrongLinksPerMinute))
        {
            return new RecipientVisit(LinkState.TooMany);
        }

        // (2)
        var (state, link) = await links.ReadAsync(token, cancellationToken);
        if (link is null)
        {
            _wrong.Take(network, options.Quarantine.WrongLinksPerMinute);
            return new RecipientVisit(state);
        }

        // (3)
        if (state == LinkState.Good && acts && !_acts.Take($"{link.TenantPath} {link.Recipient}", options.Quarantine.LinkActsPerMinute))
        {
            state = LinkState.TooMany;
        }

        var path = link.TenantPath.TrimEnd('/');
        var scope = new TenantScope(path[(path.LastIndexOf('/') + 1)..], link.TenantPath);
        var language = await LanguageOfAsync(link, scope.TenantId, cancellationToken);
        var caller = new Caller("recipient", link.Recipient, scope, NoPermissions, false, language);
        return new RecipientVisit(state)
        {
            Link = link,
            Who = new HeldActor(caller, link.Recipient),
            Settings = SettingsOf(link.Subscription),
            Language = language,
            TimeZone = await stores.Control.ReadAsync(
                reader => reader.FirstOrDefaultAsync<string>("SELECT time_zone FROM tenant WHERE id = @Id", new { Id = scope.TenantId }), cancellationToken) ?? "UTC",
        };
    }

    /// <summary>The recipient's own choice, else the contract's, else the tenant's.</summary>
    public async ValueTask<string> LanguageOfAsync(RecipientLink link, string tenantId, CancellationToken cancellationToken)
    {
        var chosen = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<string>(
                "SELECT language FROM mail_digest WHERE tenant_path = @Path AND recipient = @Recipient", new { Path = link.TenantPath, link.Recipient }),
            cancellationToken);
        return chosen is "en" or "ja" ? chosen : SettingsOf(link.Subscription).DigestLanguage switch
        {
            DigestLanguage.English => "en",
            DigestLanguage.Japanese => "ja",
            _ => await stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<string>("SELECT locale FROM tenant WHERE id = @Id", new { Id = tenantId }), cancellationToken) ?? "en",
        };
    }

    /// <summary>In which language this recipient's digests are written from now on.</summary>
    public async ValueTask ChooseLanguageAsync(RecipientLink link, string language, CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            INSERT INTO mail_digest (recipient, tenant_path, seq, day, sent_at, message_id, language) VALUES (@Recipient, @Path, 0, '', 0, '', @Language)
            ON CONFLICT (tenant_path, recipient) DO UPDATE SET language = excluded.language
            """,
            new { link.Recipient, Path = link.TenantPath, Language = language }),
        cancellationToken);

    private QuarantineSettings SettingsOf(string subscription) =>
        contracts.Table.BySubscription.TryGetValue(subscription, out var gateway) ? gateway.Settings.Quarantine : new QuarantineSettings();
}

/// <summary>Somebody who came by a link.</summary>
internal sealed record RecipientVisit(LinkState State)
{
    /// <summary>Null unless the link is one of ours.</summary>
    public RecipientLink? Link { get; init; }

    public HeldActor? Who { get; init; }

    public QuarantineSettings Settings { get; init; } = new();

    public string Language { get; init; } = "en";

    /// <summary>The tenant's: in it the list was written.</summary>
    public string TimeZone { get; init; } = "UTC";
}
