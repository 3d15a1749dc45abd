using Tsunagi.BackOffice.Runs;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Accounts;

/// <summary>What day it is where the provider is: for what is due and overdue over all accounts.</summary>
internal sealed class CivilDay(Stores stores, TimeProvider time)
{
    public async ValueTask<DateOnly> TodayAsync(CancellationToken cancellationToken) => RunOrders.Today(
        time, await stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT time_zone FROM tenant WHERE kind = 'provider'"), cancellationToken) ?? "UTC");
}
