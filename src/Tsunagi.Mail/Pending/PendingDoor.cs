using System.Net;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Net;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Quarantine.Digest;
using Tsunagi.Mail.Reporting;

namespace Tsunagi.Mail.Pending;

/// <summary>
/// Lets a sender in by the link of a notice: (1) a network that tried too many wrong links waits, (2) the link is read, (3) acts are counted for each link. What comes out is somebody who sees one own
/// message and nothing else, and holds no permission.
/// </summary>
internal sealed class PendingDoor(PendingLinks links, Stores stores, MailOptions options, TimeProvider time)
{
    private static readonly IReadOnlySet<string> NoPermissions = new HashSet<string>(StringComparer.Ordinal);
    private readonly LinkThrottle _wrong = new(time);
    private readonly LinkThrottle _acts = new(time);

    /// <param name="acts">Something is to be done, not only shown.</param>
    public async ValueTask<PendingVisit> EnterAsync(string token, IPAddress? from, bool acts, CancellationToken cancellationToken)
    {
        // (1)
        var network = from is null ? "" : AddressGroup.Of(from).ToString();
        if (_wrong.IsSpent(network, options.Quarantine.WrongLinksPerMinute))
        {
            return new PendingVisit(LinkState.TooMany);
        }

        // (2)
        var (state, link) = await links.ReadAsync(token, cancellationToken);
        if (link is null)
        {
            _wrong.Take(network, options.Quarantine.WrongLinksPerMinute);
            return new PendingVisit(state);
        }

        // (3)
        if (state == LinkState.Good && acts && !_acts.Take($"{link.TenantPath} {link.Message}", options.Quarantine.LinkActsPerMinute))
        {
            state = LinkState.TooMany;
        }

        var scope = new TenantScope(LetterTenant.Of(link.TenantPath), link.TenantPath);
        var tenant = await TenantAsync(scope.TenantId, cancellationToken);
        return new PendingVisit(state)
        {
            Link = link,
            Who = new PendingActor(new Caller("sender", link.Sender, scope, NoPermissions, false, tenant.Locale), link.Message),
            Tenant = tenant,
        };
    }

    /// <summary>In which language and zone a tenant's people are written to.</summary>
    public async ValueTask<TenantManner> TenantAsync(string tenantId, CancellationToken cancellationToken) => await stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<TenantManner>("SELECT locale, time_zone FROM tenant WHERE id = @Id", new { Id = tenantId }), cancellationToken) ?? new TenantManner("en", "UTC");
}

/// <summary>How a tenant's people are written to.</summary>
internal sealed record TenantManner(string Locale, string TimeZone);

/// <summary>Somebody who came by a link.</summary>
internal sealed record PendingVisit(LinkState State)
{
    /// <summary>Null unless the link is one of ours.</summary>
    public PendingLink? Link { get; init; }

    public PendingActor? Who { get; init; }

    public TenantManner Tenant { get; init; } = new("en", "UTC");
}
