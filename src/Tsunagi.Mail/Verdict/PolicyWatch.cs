using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;

namespace Tsunagi.Mail.Verdict;

/// <summary>
/// Keeps the table of policies that sessions read as it is in the store: a change is seen at once where a hint comes through, and within half a second where
/// none does. While the store is away what was known last holds.
/// </summary>
internal sealed partial class PolicyWatch(Stores stores, TimeProvider time, ILogger<PolicyWatch> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);
    private volatile PolicyTable _table = PolicyTable.Empty;
    private bool _loaded;

    public PolicyTable Table => _table;

    /// <summary>Reads what changed.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        var version = await stores.Control.ReadAsync(static reader => PolicyBook.VersionAsync(reader), cancellationToken);
        if (_loaded && version == _table.Version)
        {
            return;
        }

        var (read, policies) = await stores.Control.ReadAsync(static reader => PolicyBook.ReadAsync(reader), cancellationToken);
        _table = new PolicyTable(read, policies);
        _loaded = true;
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // The first message must meet the policies; a store that is away must not keep the program from starting.
        await TryLoadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hint = stores.Control.Hints.Listen(PolicyBook.Channel);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                if (await TryLoadAsync(stoppingToken))
                {
                    await hint.WaitAsync(LookEvery, stoppingToken);
                }
                else
                {
                    await Task.Delay(RetryWait, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private async ValueTask<bool> TryLoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(cancellationToken);
            return true;
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
            return false;
        }
    }

    [LoggerMessage(2511, LogLevel.Warning, "the store is away; the policies stay as they were")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
