using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;

namespace Tsunagi.Mail.Verdict;

/// <summary>Keeps the table of policies that sessions read as it is in the store.</summary>
internal sealed partial class PolicyWatch(Stores stores, TimeProvider time, ILogger<PolicyWatch> log) : StoreFollower(stores, PolicyBook.Channel, time)
{
    private volatile PolicyTable _table = PolicyTable.Empty;
    private bool _loaded;

    public PolicyTable Table => _table;

    public override async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        var version = await Stores.Control.ReadAsync(static reader => PolicyBook.VersionAsync(reader), cancellationToken);
        if (_loaded && version == _table.Version)
        {
            return;
        }

        var (read, policies) = await Stores.Control.ReadAsync(static reader => PolicyBook.ReadAsync(reader), cancellationToken);
        _table = new PolicyTable(read, policies);
        _loaded = true;
    }

    protected override void TellAway(StoreUnavailableException away) => LogStoreAway(log, away);

    [LoggerMessage(2511, LogLevel.Warning, "the store is away; the policies stay as they were")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
