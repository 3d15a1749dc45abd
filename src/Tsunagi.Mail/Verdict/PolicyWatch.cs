using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;

namespace Tsunagi.Mail.Verdict;

/// <summary>
/// Keeps the table of policies that sessions read as it is in the store: of a change only the policies of who changed are read again. Once a minute of changes everything is, because a node of an older version does not say
/// whose policies it changed.
/// </summary>
internal sealed partial class PolicyWatch(Stores stores, TimeProvider time, ILogger<PolicyWatch> log) : StoreFollower(stores, PolicyBook.Channel, time)
{
    private static readonly TimeSpan WholeEvery = TimeSpan.FromMinutes(1);

    private volatile PolicyTable _table = PolicyTable.Empty;
    private long? _wholeAt;
    private bool _wholeIsDue;

    public PolicyTable Table => _table;

    public override async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        var version = await Stores.Control.ReadAsync(static reader => PolicyBook.VersionAsync(reader), cancellationToken);
        var isOld = _wholeAt is not { } at || (_wholeIsDue && Time.GetElapsedTime(at) >= WholeEvery);
        if (version == _table.Version && !isOld)
        {
            return;
        }

        var known = _table.Version;
        if (!isOld && await Stores.Control.ReadAsync(reader => PolicyBook.ReadAfterAsync(reader, known), cancellationToken) is { } after)
        {
            _table = _table.With(after.Version, after.Changed);
            _wholeIsDue = true;
            return;
        }

        var (read, policies) = await Stores.Control.ReadAsync(static reader => PolicyBook.ReadAsync(reader), cancellationToken);
        _table = new PolicyTable(read, policies);
        (_wholeAt, _wholeIsDue) = (Time.GetTimestamp(), false);
    }

    protected override void TellAway(StoreUnavailableException away) => LogStoreAway(log, away);

    [LoggerMessage(2511, LogLevel.Warning, "the store is away; the policies stay as they were")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
