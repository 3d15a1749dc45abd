using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Checks.Classifier;
using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Mail.Teach;

/// <summary>
/// Each tenant's own model as the checks ask it: a correction over the shared one, made anew from the tenant's examples alone when one of them changes and when the shared model is another.
/// </summary>
internal sealed partial class TenantModels(Stores stores, TaughtBook book, ISecretBox secrets, SharedModel shared, TimeProvider time, ILogger<TenantModels> log) : StoreFollower(stores, TaughtBook.Channel, time)
{
    private readonly ConcurrentDictionary<string, TenantModel> _models = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _loading = new(1, 1);
    private LinearModel? _over;
    private long _revision;

    /// <summary>Null for a tenant of whose mail nobody said anything.</summary>
    public TenantModel? Of(string tenantPath) => _models.GetValueOrDefault(tenantPath);

    /// <summary>Reads what changed, and makes those models anew.</summary>
    public override async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            var model = shared.Current;
            if (!ReferenceEquals(model, _over))
            {
                (_over, _revision) = (model, 0);
            }

            foreach (var changed in await book.ChangedAsync(_revision, cancellationToken))
            {
                await MakeAsync(changed.TenantPath, model, cancellationToken);
                _revision = changed.Revision;
            }
        }
        finally
        {
            _loading.Release();
        }
    }

    public override void Dispose()
    {
        _loading.Dispose();
        base.Dispose();
    }

    protected override void TellAway(StoreUnavailableException away) => LogStoreAway(log, away);

    private async ValueTask MakeAsync(string tenantPath, LinearModel? model, CancellationToken cancellationToken)
    {
        var examples = new List<(FeatureVector, bool)>();
        foreach (var example in await book.ExamplesAsync(tenantPath, cancellationToken))
        {
            // One that does not open (its key was destroyed) or is of another version of tokens is none.
            if (await secrets.UnprotectAsync(tenantPath, TaughtBook.Purpose, Convert.FromBase64String(example.Vector), cancellationToken) is { } bytes && FeatureVector.TryRead(bytes, out var vector))
            {
                examples.Add((vector!, example.Votes > 0));
            }
        }

        if (examples.Count == 0)
        {
            _models.TryRemove(tenantPath, out _);
            return;
        }

        _models[tenantPath] = TenantModel.Train(model, examples, cancellationToken);
    }

    [LoggerMessage(2591, LogLevel.Warning, "the store is away; what tenants taught the classifier stays as it was")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
