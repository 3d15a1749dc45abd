using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Inbound;

namespace Tsunagi.Mail.Directories;

/// <summary>What people do with the directories of their subscriptions: set one, try it, have it read now, say that so many recipients have really gone, take it away.</summary>
internal sealed class DirectoryDesk(Stores stores, DirectoryBook book, DirectorySync sync)
{
    public ValueTask<IReadOnlyList<CustomerDirectory>> ListAsync(Caller caller, CancellationToken cancellationToken) => book.ListAsync(caller, cancellationToken);

    public async ValueTask<Outcome<CustomerDirectory>> FindAsync(Caller caller, string subscription, CancellationToken cancellationToken) =>
        await book.FindAsync(caller, subscription, cancellationToken) is { } found ? found : Refusal.NotFound("directory of subscription", subscription);

    /// <inheritdoc cref="DirectoryBook.PutAsync"/>
    public async ValueTask<Outcome<CustomerDirectory>> PutAsync(Caller caller, string subscription, DirectorySettings settings, string? password, CancellationToken cancellationToken) =>
        await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Owner>(RecipientListBook.SubscriptionById, new { Id = subscription }, cancellationToken) is { } owner
            ? await book.PutAsync(caller, owner.Id, owner.TenantPath, settings, password, cancellationToken)
            : Refusal.NotFound("subscription", subscription);

    public async ValueTask<Outcome<CustomerDirectory>> RemoveAsync(Caller caller, string subscription, CancellationToken cancellationToken)
    {
        var known = await FindAsync(caller, subscription, cancellationToken);
        if (known.Ok)
        {
            await book.RemoveAsync(caller, known.Value, cancellationToken);
        }

        return known;
    }

    /// <summary>Reads it and says what would change; nothing is changed.</summary>
    public async ValueTask<Outcome<DirectoryChange>> TryAsync(Caller caller, string subscription, CancellationToken cancellationToken)
    {
        var known = await FindAsync(caller, subscription, cancellationToken);
        return known.Ok ? await sync.TryAsync(caller, known.Value, cancellationToken) : known.Refusal;
    }

    /// <summary>Reads it now.</summary>
    /// <param name="removes">How many recipients the caller knows will go; needed when that is more than a tenth.</param>
    public async ValueTask<Outcome<DirectoryChange>> SynchronizeAsync(Caller caller, string subscription, long? removes, CancellationToken cancellationToken)
    {
        var known = await FindAsync(caller, subscription, cancellationToken);
        return known.Ok ? await sync.SynchronizeAsync(caller, known.Value, removes, cancellationToken) : known.Refusal;
    }

    private sealed record Owner(string Id, string TenantPath);
}
