using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Api;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;

namespace Tsunagi.Mail.Directories;

/// <summary>What a reading of a directory did, or would do.</summary>
/// <param name="Objects">Objects that the filter found.</param>
/// <param name="PassedOver">Of them and their addresses, those that cannot be recipients.</param>
public sealed record DirectoryChange(long Objects, long PassedOver, long Entries, long Added, long Removed, long Changed);

/// <summary>
/// Makes lists of recipients what customers' directories say, on the node that holds the lease. One directory: (1) its password and the contract's domains, (2) all its objects, or nothing at all,
/// (3) the list becomes as they are, unless more than a tenth would go, which a person has to say, (4) how it went is noted. Whatever goes wrong leaves the list as it was; meanwhile an address that is not
/// on it is put off and not refused (<see cref="RecipientLists"/>), since nobody knows whether it is new.
/// </summary>
internal sealed partial class DirectorySync(
    DirectoryBook book, DirectoryReading reading, RecipientListBook lists, GatewayContracts contracts, ILeases leases, MailOptions options, TimeProvider time, ILogger<DirectorySync> log) : BackgroundService
{
    private const string Lease = "mail.directory";

    /// <summary>Reads every directory that is due.</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken) => await Parallel.ForEachAsync(
        await book.DueAsync(cancellationToken), new ParallelOptions { MaxDegreeOfParallelism = options.Directories.AtOnce, CancellationToken = cancellationToken },
        async (directory, token) => await SynchronizeAsync(CallerFor(directory), directory, null, token));

    /// <param name="removes">How many recipients a person knows will go; null while nobody said.</param>
    internal async ValueTask<Outcome<DirectoryChange>> SynchronizeAsync(Caller caller, CustomerDirectory directory, long? removes, CancellationToken cancellationToken)
    {
        Outcome<DirectoryChange> outcome;
        var asks = 0L;
        try
        {
            // (1), (2)
            var rows = await ReadAsync(directory, cancellationToken);

            // (3)
            var changed = await lists.SynchronizeAsync(caller, directory.SubscriptionId, rows.Rows, removes, dryRun: false, cancellationToken);
            outcome = changed.Ok ? Of(rows, changed.Value) : changed.Refusal;
            asks = changed.Ok || changed.Refusal.Code != RecipientListBook.ManyRemoved ? 0 : await WouldGoAsync(caller, directory, rows, cancellationToken);
        }
        catch (DirectoryException failed)
        {
            outcome = Unread(failed);
        }

        // (4)
        _ = outcome.Ok
            ? await book.NoteReadAsync(directory, (int)outcome.Value.PassedOver, cancellationToken)
            : await book.NoteProblemAsync(directory, outcome.Refusal.Message, asks, cancellationToken);
        return outcome;
    }

    /// <summary>What a reading now would do; nothing is changed.</summary>
    internal async ValueTask<Outcome<DirectoryChange>> TryAsync(Caller caller, CustomerDirectory directory, CancellationToken cancellationToken)
    {
        try
        {
            var rows = await ReadAsync(directory, cancellationToken);
            var changed = await lists.SynchronizeAsync(caller, directory.SubscriptionId, rows.Rows, null, dryRun: true, cancellationToken);
            return changed.Ok ? Of(rows, changed.Value) : changed.Refusal;
        }
        catch (DirectoryException failed)
        {
            return Unread(failed);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await leases.HoldAsync(
                Lease,
                (_, token) => Looks.RunAsync("customers' directories", options.Directories.LookEvery, LookAsync, away => LogStoreAway(log, away), time, log, token),
                stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; the next start looks anew.
        }
    }

    private async ValueTask<DirectoryRows> ReadAsync(CustomerDirectory directory, CancellationToken cancellationToken)
    {
        if (!contracts.Table.BySubscription.TryGetValue(directory.SubscriptionId, out var gateway))
        {
            throw new DirectoryException("the contract does not run: see what it waits for");
        }

        var settings = directory.Read();
        var rows = await reading.ReadAsync(settings, await book.PasswordAsync(directory, cancellationToken), gateway.Domains, cancellationToken);
        return rows.Rows.Count > 0
            ? rows
            : throw new DirectoryException($"none of {rows.Objects} objects below '{settings.BaseDn}' has an address in {string.Join(", ", gateway.Domains.Take(3))}: look at the base, the filter and the attributes");
    }

    private async ValueTask<long> WouldGoAsync(Caller caller, CustomerDirectory directory, DirectoryRows rows, CancellationToken cancellationToken) =>
        await lists.SynchronizeAsync(caller, directory.SubscriptionId, rows.Rows, null, dryRun: true, cancellationToken) is { Ok: true, Value.Removed: var removed } ? removed : 0;

    private static DirectoryChange Of(DirectoryRows rows, RecipientListChange change) =>
        new(rows.Objects, rows.PassedOver, change.Entries, change.Added, change.Removed, change.Changed);

    private static Refusal Unread(DirectoryException failed) => Refusal.Conflict("mail.directory.unread", failed.Message);

    private static Caller CallerFor(CustomerDirectory directory) =>
        Caller.System(new TenantScope(MessageView.TenantOf(directory.TenantPath), directory.TenantPath)) with { ActorName = "directory" };

    [LoggerMessage(2680, LogLevel.Warning, "the store is away; customers' directories are read when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
