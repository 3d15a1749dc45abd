using System.Data;
using System.Globalization;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>The list of recipients of a subscription, as its owner keeps it: read it, or replace it whole.</summary>
public sealed record RecipientListView(string SubscriptionId, string TenantPath, long Version, long Entries, long UpdatedAt, string UpdatedBy);

/// <summary>What a replacement did.</summary>
public sealed record RecipientListChange(string SubscriptionId, long Entries, long Added, long Removed, long Version);

/// <summary>
/// Keeps the lists. A synchronisation that would take more than a tenth of the recipients away is most often a broken export, and would refuse their mail
/// for good: it stops, says the number, and goes on only when that number is repeated.
/// </summary>
public sealed class RecipientListBook(Stores stores, ChangeRecorder changes, TimeProvider time)
{
    public const int MaxEntries = 200_000;
    private const int GuardFrom = 10;

    public static readonly TenantQuery SubscriptionById = new("mail.recipients.subscription", """
        SELECT id, tenant_path FROM subscription WHERE {tenant} AND id = @Id
        """);

    public static readonly TenantQuery Head = new("mail.recipients.head", """
        SELECT subscription_id, tenant_path, version, entries, updated_at, updated_by FROM mail_recipient_list WHERE {tenant} AND subscription_id = @Id
        """);

    public static readonly TenantQuery Heads = new("mail.recipients.heads", """
        SELECT subscription_id, tenant_path, version, entries, updated_at, updated_by FROM mail_recipient_list WHERE {tenant} ORDER BY subscription_id
        """);

    public static readonly TenantQuery Entries = new("mail.recipients.entries", """
        SELECT address FROM mail_recipient_entry WHERE {tenant} AND subscription_id = @Id AND address > @After ORDER BY address LIMIT @Limit
        """);

    /// <summary>Told after a list changed, so that this node's sessions know at once.</summary>
    internal event EventHandler? Changed;

    public ValueTask<IReadOnlyList<RecipientListView>> ListAsync(Caller caller, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<RecipientListView>(Heads, null, cancellationToken);

    public ValueTask<RecipientListView?> FindAsync(Caller caller, string subscription, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<RecipientListView>(Head, new { Id = subscription }, cancellationToken);

    public ValueTask<IReadOnlyList<string>> EntriesAsync(Caller caller, string subscription, string after, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<string>(
            Entries, new { Id = subscription, After = after, Limit = (long)limit }, cancellationToken);

    /// <summary>Replaces the list by the addresses of a CSV text: the first column of each line; a head line and empty lines are passed over.</summary>
    /// <param name="removes">How many entries the caller knows will go; needed when that is more than a tenth.</param>
    public async ValueTask<Outcome<RecipientListChange>> ReplaceAsync(
        Caller caller, string subscription, string csv, long? removes, CancellationToken cancellationToken)
    {
        var owner = await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Owner>(SubscriptionById, new { Id = subscription }, cancellationToken);
        if (owner is null)
        {
            return Refusal.NotFound("subscription", subscription);
        }

        var read = Read(csv);
        if (!read.Ok)
        {
            return read.Refusal!;
        }

        var outcome = await stores.Control.WriteAsync(
            transaction => ReplaceAsync(transaction, caller, owner, read.Value!, removes), cancellationToken);
        if (outcome.Ok)
        {
            Changed?.Invoke(this, EventArgs.Empty);
        }

        return outcome;
    }

    private async ValueTask<Outcome<RecipientListChange>> ReplaceAsync(
        ISqlTransaction transaction, Caller caller, Owner owner, HashSet<string> wanted, long? removes)
    {
        var known = (await transaction.QueryAsync<string>(
            "SELECT address FROM mail_recipient_entry WHERE subscription_id = @Id ORDER BY address", new { owner.Id })).ToHashSet(StringComparer.Ordinal);
        var gone = known.Where(address => !wanted.Contains(address)).ToList();
        var added = wanted.Where(address => !known.Contains(address)).ToList();
        if (known.Count >= GuardFrom && gone.Count * 10 > known.Count && removes != gone.Count)
        {
            return Refusal.Conflict(
                "mail.recipients.many-removed",
                $"this list would take {gone.Count} of {known.Count} recipients away, and their mail would be refused; repeat it with removes={gone.Count} if that is meant",
                "removes");
        }

        foreach (var address in gone)
        {
            await transaction.ExecuteAsync("DELETE FROM mail_recipient_entry WHERE subscription_id = @Id AND address = @Address", new { owner.Id, Address = address });
        }

        var insert = transaction.Prepare(
            "INSERT INTO mail_recipient_entry (subscription_id, address, tenant_path) VALUES (@id, @address, @tenant)",
            static command =>
            {
                foreach (var name in (ReadOnlySpan<string>)["id", "address", "tenant"])
                {
                    var parameter = command.CreateParameter();
                    (parameter.ParameterName, parameter.DbType) = (name, DbType.String);
                    command.Parameters.Add(parameter);
                }
            });
        foreach (var address in added)
        {
            insert.Parameters[0].Value = owner.Id;
            insert.Parameters[1].Value = address;
            insert.Parameters[2].Value = owner.TenantPath;
            await insert.ExecuteNonQueryAsync(CancellationToken.None);
        }

        var version = await transaction.FirstOrDefaultAsync<long>(
            """
            INSERT INTO mail_recipient_list (subscription_id, tenant_path, version, entries, updated_at, updated_by) VALUES (@Id, @TenantPath, 1, @Entries, @At, @By)
            ON CONFLICT (subscription_id) DO UPDATE SET version = mail_recipient_list.version + 1, entries = excluded.entries,
              updated_at = excluded.updated_at, updated_by = excluded.updated_by
            RETURNING version
            """,
            new { owner.Id, owner.TenantPath, Entries = (long)wanted.Count, At = time.NowMicros(), By = caller.ActorName });
        var facts = string.Create(CultureInfo.InvariantCulture, $$"""{"entries":{{wanted.Count}},"added":{{added.Count}},"removed":{{gone.Count}}}""");
        await changes.RecordAsync(
            transaction, caller, "mail.recipients.changed", owner.Id, owner.TenantPath, new { entries = known.Count }, new { entries = wanted.Count }, facts);
        return new RecipientListChange(owner.Id, wanted.Count, added.Count, gone.Count, version);
    }

    private static Outcome<HashSet<string>> Read(string csv)
    {
        var addresses = new HashSet<string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in csv.AsSpan().EnumerateLines())
        {
            number++;
            var cell = line.IndexOf(',') is >= 0 and var comma ? line[..comma] : line;
            var text = cell.Trim().Trim('"').Trim('\uFEFF').ToString();
            if (text.Length == 0 || (number == 1 && !text.Contains('@', StringComparison.Ordinal)))
            {
                continue;
            }

            if (!Mailbox.TryParse(text, out var mailbox))
            {
                return Refusal.Invalid("mail.recipients.address", "body", $"line {number}: '{(text.Length > 80 ? text[..80] : text)}' is not a mail address", "user@domain, one per line");
            }

            if (addresses.Count >= MaxEntries)
            {
                return Refusal.Invalid("mail.recipients.too-many", "body", $"line {number}: the list is too long", $"at most {MaxEntries} addresses");
            }

            addresses.Add(mailbox!.ToString().ToLowerInvariant());
        }

        return addresses;
    }

    private sealed record Owner(string Id, string TenantPath);
}
