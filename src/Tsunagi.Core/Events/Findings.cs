using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Events;

/// <summary>
/// What a watch has found and nobody was told yet: told a part at a time, each in one transaction, to whom it belongs, and what belongs to nobody to the provider. While the store is away it waits
/// here; whoever adds bounds how much. For one caller at a time.
/// </summary>
public sealed class Findings(Stores stores, Outbox outbox, TimeProvider time)
{
    /// <summary>Told in one transaction, which is short.</summary>
    public const int MostAtATime = 200;

    private readonly List<(string Type, string Subject, string? TenantPath, string Facts)> _waiting = [];
    private string? _provider;

    public int Count => _waiting.Count;

    /// <param name="tenantPath">Whose it is; null for the provider's.</param>
    /// <param name="facts">The event's facts as JSON.</param>
    public void Add(string type, string subject, string? tenantPath, string facts) => _waiting.Add((type, subject, tenantPath, facts));

    /// <summary>Tells what waits, the oldest first.</summary>
    public async ValueTask TellAsync(CancellationToken cancellationToken)
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        _provider ??= await ProviderTenant.PathAsync(stores, cancellationToken);
        if (_provider is not { } provider)
        {
            return;
        }

        var events = _waiting.Take(MostAtATime).Select(told => new Event(Id.New("e", time), told.Type, time.NowMicros(), told.TenantPath ?? provider, told.Subject, told.Facts)).ToList();
        await stores.Control.WriteAsync(
            async transaction =>
            {
                foreach (var item in events)
                {
                    await outbox.AppendAsync(transaction, item);
                }

                return true;
            },
            cancellationToken);
        _waiting.RemoveRange(0, events.Count);
    }
}
