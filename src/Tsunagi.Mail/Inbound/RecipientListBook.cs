using System.Data;
using System.Globalization;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>The list of recipients of a subscription, as its owner keeps it: read it, or replace it whole.</summary>
public sealed record RecipientListView(string SubscriptionId, string TenantPath, long Version, long Entries, long UpdatedAt, string UpdatedBy);

/// <summary>One address of a list.</summary>
/// <param name="AliasOf">The mailbox it stands for; empty for a mailbox.</param>
/// <param name="InGroups">Names of groups in lower case, sorted, with semicolons between.</param>
public sealed record RecipientListRow(string Address, string AliasOf, string InGroups);

/// <summary>What a replacement did.</summary>
public sealed record RecipientListChange(string SubscriptionId, long Entries, long Added, long Removed, long Changed, long Version);

/// <summary>
/// Keeps the lists. A synchronisation that would take more than a tenth of the recipients away is most often a broken export, and would refuse their mail
/// for good: it stops, says the number, and goes on only when that number is repeated.
/// </summary>
public sealed class RecipientListBook(Stores stores, ChangeRecorder changes, TimeProvider time)
{
    public const int MaxEntries = 200_000;

    /// <summary>Code of the refusal that asks for the number of recipients that would go.</summary>
    public const string ManyRemoved = "mail.recipients.many-removed";

    private const int GuardFrom = 10;
    private const int MaxGroups = 50;
    private const int MaxGroupText = 2_000;

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
        SELECT address, alias_of, in_groups FROM mail_recipient_entry WHERE {tenant} AND subscription_id = @Id AND address > @After ORDER BY address LIMIT @Limit
        """);

    /// <summary>Told after a list changed, so that this node's sessions know at once.</summary>
    internal event EventHandler? Changed;

    public ValueTask<IReadOnlyList<RecipientListView>> ListAsync(Caller caller, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<RecipientListView>(Heads, null, cancellationToken);

    public ValueTask<RecipientListView?> FindAsync(Caller caller, string subscription, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<RecipientListView>(Head, new { Id = subscription }, cancellationToken);

    /// <summary>Whether the caller may see the subscription, with a list or without.</summary>
    public async ValueTask<bool> HasSubscriptionAsync(Caller caller, string subscription, CancellationToken cancellationToken) =>
        await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Owner>(SubscriptionById, new { Id = subscription }, cancellationToken) is not null;

    public ValueTask<IReadOnlyList<RecipientListRow>> EntriesAsync(Caller caller, string subscription, string after, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<RecipientListRow>(
            Entries, new { Id = subscription, After = after, Limit = (long)limit }, cancellationToken);

    /// <summary>
    /// Replaces the list by a CSV text. A head line names the columns: address, aliasOf (an address of the same list whose mailbox and groups this one shares),
    /// groups (names with semicolons between). Without a head line the first column is the address and nothing else is read; empty lines are passed over.
    /// </summary>
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
            async transaction => await FromDirectoryAsync(transaction, owner) is { } notByHand ? notByHand : await ReplaceAsync(transaction, caller, owner, read.Value!, removes), cancellationToken);
        if (outcome.Ok)
        {
            Changed?.Invoke(this, EventArgs.Empty);
        }

        return outcome;
    }

    /// <summary>Makes the list what a directory says. One that says so already is not touched.</summary>
    /// <param name="removes">As for <see cref="ReplaceAsync(Caller, string, string, long?, CancellationToken)"/>.</param>
    /// <param name="dryRun">Says what would change, however much goes, and changes nothing.</param>
    internal async ValueTask<Outcome<RecipientListChange>> SynchronizeAsync(
        Caller caller, string subscription, IReadOnlyDictionary<string, RecipientListRow> wanted, long? removes, bool dryRun, CancellationToken cancellationToken)
    {
        var owner = await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Owner>(SubscriptionById, new { Id = subscription }, cancellationToken);
        if (owner is null)
        {
            return Refusal.NotFound("subscription", subscription);
        }

        var before = await stores.Control.ReadAsync(reader => ComparisonAsync(reader, owner, wanted), cancellationToken);
        if (dryRun || before.IsSame)
        {
            return new RecipientListChange(owner.Id, wanted.Count, before.Added.Count, before.Gone.Count, before.Changed.Count, 0);
        }

        var outcome = await stores.Control.WriteAsync(transaction => ReplaceAsync(transaction, caller, owner, wanted, removes), cancellationToken);
        if (outcome.Ok)
        {
            Changed?.Invoke(this, EventArgs.Empty);
        }

        return outcome;
    }

    /// <summary>Adds addresses to the list; those it has already stay as they are, and none goes.</summary>
    /// <param name="dryRun">Says how many would be added, and adds none.</param>
    /// <returns>How many were new.</returns>
    internal async ValueTask<Outcome<long>> AddAsync(Caller caller, string subscription, IReadOnlyList<RecipientListRow> rows, bool dryRun, CancellationToken cancellationToken)
    {
        var owner = await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Owner>(SubscriptionById, new { Id = subscription }, cancellationToken);
        if (owner is null)
        {
            return Refusal.NotFound("subscription", subscription);
        }

        var outcome = await stores.Control.WriteAsync<Outcome<long>>(
            async transaction =>
            {
                if (await FromDirectoryAsync(transaction, owner) is { } notByHand)
                {
                    return notByHand;
                }

                var wanted = (await transaction.QueryAsync<RecipientListRow>(
                    "SELECT address, alias_of, in_groups FROM mail_recipient_entry WHERE subscription_id = @Id ORDER BY address", new { owner.Id }))
                    .ToDictionary(static row => row.Address, StringComparer.Ordinal);
                var added = rows.LongCount(row => wanted.TryAdd(row.Address, row));
                if (wanted.Count > MaxEntries)
                {
                    return Refusal.Invalid("mail.recipients.too-many", "body", "the list would be too long", $"at most {MaxEntries} addresses");
                }

                if (wanted.Values.FirstOrDefault(row => row.AliasOf.Length > 0 && wanted.GetValueOrDefault(row.AliasOf) is not { AliasOf: "" }) is { } dangling)
                {
                    return Refusal.Invalid("mail.recipients.alias", "body", $"{dangling.Address} would be an alias of {dangling.AliasOf}, which is no mailbox of this list", "an address of the list that is no alias itself");
                }

                if (!dryRun && added > 0 && await ReplaceAsync(transaction, caller, owner, wanted, null) is { Ok: false } refused)
                {
                    return refused.Refusal;
                }

                return added;
            },
            cancellationToken);
        if (outcome.Ok && !dryRun && outcome.Value > 0)
        {
            Changed?.Invoke(this, EventArgs.Empty);
        }

        return outcome;
    }

    private async ValueTask<Outcome<RecipientListChange>> ReplaceAsync(
        ISqlTransaction transaction, Caller caller, Owner owner, IReadOnlyDictionary<string, RecipientListRow> wanted, long? removes)
    {
        var (known, added, gone, changed) = await ComparisonAsync(transaction, owner, wanted);
        if (known >= GuardFrom && gone.Count * 10L > known && removes != gone.Count)
        {
            return Refusal.Conflict(
                ManyRemoved,
                $"this list would take {gone.Count} of {known} recipients away, and their mail would be refused; repeat it with removes={gone.Count} if that is meant",
                "removes");
        }

        foreach (var address in gone)
        {
            await transaction.ExecuteAsync("DELETE FROM mail_recipient_entry WHERE subscription_id = @Id AND address = @Address", new { owner.Id, Address = address });
        }

        var insert = transaction.Prepare(
            "INSERT INTO mail_recipient_entry (subscription_id, address, tenant_path, alias_of, in_groups) VALUES (@id, @address, @tenant, @alias, @groups)",
            static command =>
            {
                foreach (var name in (ReadOnlySpan<string>)["id", "address", "tenant", "alias", "groups"])
                {
                    var parameter = command.CreateParameter();
                    (parameter.ParameterName, parameter.DbType) = (name, DbType.String);
                    command.Parameters.Add(parameter);
                }
            });
        foreach (var row in added)
        {
            insert.Parameters[0].Value = owner.Id;
            insert.Parameters[1].Value = row.Address;
            insert.Parameters[2].Value = owner.TenantPath;
            insert.Parameters[3].Value = row.AliasOf;
            insert.Parameters[4].Value = row.InGroups;
            await insert.ExecuteNonQueryAsync(CancellationToken.None);
        }

        foreach (var row in changed)
        {
            await transaction.ExecuteAsync(
                "UPDATE mail_recipient_entry SET alias_of = @AliasOf, in_groups = @InGroups WHERE subscription_id = @Id AND address = @Address",
                new { owner.Id, row.Address, row.AliasOf, row.InGroups });
        }

        var version = await transaction.FirstOrDefaultAsync<long>(
            """
            INSERT INTO mail_recipient_list (subscription_id, tenant_path, version, entries, updated_at, updated_by) VALUES (@Id, @TenantPath, 1, @Entries, @At, @By)
            ON CONFLICT (subscription_id) DO UPDATE SET version = mail_recipient_list.version + 1, entries = excluded.entries,
              updated_at = excluded.updated_at, updated_by = excluded.updated_by
            RETURNING version
            """,
            new { owner.Id, owner.TenantPath, Entries = (long)wanted.Count, At = time.NowMicros(), By = caller.ActorName });
        var facts = string.Create(CultureInfo.InvariantCulture, $$"""{"entries":{{wanted.Count}},"added":{{added.Count}},"removed":{{gone.Count}},"changed":{{changed.Count}}}""");
        await changes.RecordAsync(
            transaction, caller, "mail.recipients.changed", owner.Id, owner.TenantPath, new { entries = known }, new { entries = wanted.Count }, facts);
        return new RecipientListChange(owner.Id, wanted.Count, added.Count, gone.Count, changed.Count, version);
    }

    private static async ValueTask<Comparison> ComparisonAsync(ISqlReader reader, Owner owner, IReadOnlyDictionary<string, RecipientListRow> wanted)
    {
        var known = (await reader.QueryAsync<RecipientListRow>(
            "SELECT address, alias_of, in_groups FROM mail_recipient_entry WHERE subscription_id = @Id ORDER BY address", new { owner.Id }))
            .ToDictionary(static row => row.Address, StringComparer.Ordinal);
        return new Comparison(
            known.Count,
            [.. wanted.Values.Where(row => !known.ContainsKey(row.Address))],
            [.. known.Keys.Where(address => !wanted.ContainsKey(address))],
            [.. wanted.Values.Where(row => known.TryGetValue(row.Address, out var before) && before != row)]);
    }

    /// <summary>A list that a directory keeps is not changed by hand: the next reading would undo it. Null when it may be.</summary>
    private static async ValueTask<Refusal?> FromDirectoryAsync(ISqlTransaction transaction, Owner owner) =>
        await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_directory WHERE subscription_id = @Id", new { owner.Id }) == 0
            ? null
            : Refusal.Conflict("mail.recipients.from-directory", "this list comes from the customer's directory, and the next reading would undo what is changed here: change it there, or remove the directory first");

    private static Outcome<Dictionary<string, RecipientListRow>> Read(string csv)
    {
        var rows = new Dictionary<string, RecipientListRow>(StringComparer.Ordinal);
        var number = 0;
        var (address, aliasOf, groups) = (0, -1, -1);
        foreach (var line in csv.AsSpan().EnumerateLines())
        {
            number++;
            var cells = line.ToString().Split(',').Select(static cell => cell.Trim().Trim('"').Trim('\uFEFF').Trim()).ToArray();
            if (number == 1 && !cells[0].Contains('@', StringComparison.Ordinal) && cells[0].Length > 0)
            {
                address = Math.Max(0, Array.FindIndex(cells, static cell => cell.Equals("address", StringComparison.OrdinalIgnoreCase)));
                aliasOf = Array.FindIndex(cells, static cell => cell.Equals("aliasOf", StringComparison.OrdinalIgnoreCase));
                groups = Array.FindIndex(cells, static cell => cell.Equals("groups", StringComparison.OrdinalIgnoreCase));
                continue;
            }

            if (Cell(cells, address).Length == 0)
            {
                continue;
            }

            var row = ReadRow(number, Cell(cells, address), Cell(cells, aliasOf), Cell(cells, groups));
            if (!row.Ok)
            {
                return row.Refusal;
            }

            if (rows.Count >= MaxEntries && !rows.ContainsKey(row.Value.Address))
            {
                return Refusal.Invalid("mail.recipients.too-many", "body", $"line {number}: the list is too long", $"at most {MaxEntries} addresses");
            }

            rows[row.Value.Address] = row.Value;
        }

        return rows.Values.FirstOrDefault(row => row.AliasOf.Length > 0 && rows.GetValueOrDefault(row.AliasOf) is not { AliasOf: "" }) is { } dangling
            ? Refusal.Invalid("mail.recipients.alias", "body", $"{dangling.Address} is an alias of {dangling.AliasOf}, which is no mailbox of this list", "an address of the list that is no alias itself")
            : rows;
    }

    private static string Cell(string[] cells, int column) => column >= 0 && column < cells.Length ? cells[column] : "";

    private static Outcome<RecipientListRow> ReadRow(int line, string address, string aliasOf, string groups)
    {
        if (!Mailbox.TryParse(address, out var mailbox))
        {
            return Refusal.Invalid("mail.recipients.address", "body", $"line {line}: '{(address.Length > 80 ? address[..80] : address)}' is not a mail address", "user@domain, one per line");
        }

        Mailbox? real = null;
        if (aliasOf.Length > 0 && !Mailbox.TryParse(aliasOf, out real))
        {
            return Refusal.Invalid("mail.recipients.address", "body", $"line {line}: '{(aliasOf.Length > 80 ? aliasOf[..80] : aliasOf)}' is not a mail address", "user@domain");
        }

        var names = groups.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(static name => name.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var text = string.Join(';', names);
        if (names.Count > MaxGroups || text.Length > MaxGroupText || names.Exists(static name => !RecipientGroup.IsName(name)))
        {
            return Refusal.Invalid("mail.recipients.groups", "body", $"line {line}: '{(groups.Length > 80 ? groups[..80] : groups)}' are no names of groups", $"up to {MaxGroups}, each {RecipientGroup.Allowed}");
        }

        return new RecipientListRow(mailbox!.ToString().ToLowerInvariant(), real?.ToString().ToLowerInvariant() ?? "", text);
    }

    private sealed record Owner(string Id, string TenantPath);

    private sealed record Comparison(int Known, IReadOnlyList<RecipientListRow> Added, IReadOnlyList<string> Gone, IReadOnlyList<RecipientListRow> Changed)
    {
        public bool IsSame => Known > 0 && Added.Count + Gone.Count + Changed.Count == 0;
    }
}
