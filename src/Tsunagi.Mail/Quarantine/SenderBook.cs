using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Quarantine;

/// <summary>
/// Senders that recipients and administrators allow or block, for one recipient, one domain or a whole tenant. Kept in the control store and, all of it, in memory:
/// a look-up costs a few dictionary probes and no allocation worth naming. What another node changed is known here within seconds; rows carry a number that grows, so only news is read.
/// The nearest word counts: the recipient's before the domain's before the tenant's, the tenant's own before that of those above it, a whole address before its domain. An allow is worth nothing
/// without proof of who the sender is: whoever asks must have authenticated the address.
/// </summary>
internal sealed partial class SenderBook(Stores stores, ChangeRecorder changes, TimeProvider time, ILogger<SenderBook> log) : BackgroundService
{
    /// <summary>Entries of one tenant; one more is refused.</summary>
    public const int MaxEntries = 20_000;

    private const int MaxNames = 12;
    private const string Columns = "id, tenant_path, scope, owner, sender, rule, changed_at, changed_by";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(3);

    public static readonly TenantQuery List = new("mail.sender.list", $$"""
        SELECT {{Columns}} FROM mail_sender_rule WHERE {tenant} AND rule <> 'none' AND id > @After AND (@Sender = '' OR sender = @Sender OR owner = @Sender) ORDER BY id LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("mail.sender.by-id", $$"""SELECT {{Columns}} FROM mail_sender_rule WHERE {tenant} AND rule <> 'none' AND id = @Id""");

    private readonly ConcurrentDictionary<(SenderScope Scope, string TenantPath, string Owner, string Sender), SenderRule> _rules = new();
    private long _revision;

    /// <summary>
    /// What was said of a sender for a recipient. All three as they are compared: addresses in lower case. Called for every recipient of every message.
    /// </summary>
    /// <param name="tenantPath">The recipient's tenant; what its parents said counts too.</param>
    public SenderRule Find(string tenantPath, string recipient, string sender)
    {
        if (_rules.IsEmpty)
        {
            return SenderRule.None;
        }

        var names = NamesOf(sender);
        var paths = PathsOf(tenantPath);
        var rule = Find(SenderScope.Recipient, paths, recipient, names);
        if (rule == SenderRule.None)
        {
            rule = Find(SenderScope.Domain, paths, recipient[(recipient.LastIndexOf('@') + 1)..], names);
        }

        return rule == SenderRule.None ? Find(SenderScope.Tenant, paths, null, names) : rule;
    }

    public ValueTask<IReadOnlyList<SenderEntry>> ListAsync(Caller caller, string sender, string after, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<SenderEntry>(
            List, new { Sender = sender.Trim().ToLowerInvariant(), After = after, Limit = (long)limit }, cancellationToken);

    /// <summary>Enters a rule, or changes the one there is.</summary>
    /// <param name="tenantPath">Whose entry it is.</param>
    public async ValueTask<Outcome<SenderEntry>> SetAsync(
        Caller caller, string tenantPath, SenderScope scope, string owner, string sender, SenderRule rule, CancellationToken cancellationToken)
    {
        if (Canonical(sender) is not { } canonical)
        {
            return Refusal.Invalid("mail.sender.address", "sender", $"'{sender}' is neither an address nor a domain", "name@domain, or a domain");
        }

        var set = await stores.Control.WriteAsync(transaction => SetAsync(transaction, caller, tenantPath, scope, owner, canonical, rule), cancellationToken);
        await LoadAsync(cancellationToken);
        return set;
    }

    /// <summary>The same within a transaction; <see cref="LoadAsync"/> follows it.</summary>
    public async ValueTask<Outcome<SenderEntry>> SetAsync(
        ISqlTransaction transaction, Caller caller, string tenantPath, SenderScope scope, string owner, string sender, SenderRule rule)
    {
        var count = await transaction.FirstOrDefaultAsync<long>(
            "SELECT count(*) FROM mail_sender_rule WHERE tenant_path = @Path AND rule <> 'none'", new { Path = tenantPath });
        if (count >= MaxEntries)
        {
            return Refusal.Conflict("mail.sender.too-many", $"there are {MaxEntries} entries already: take some out first");
        }

        var entry = await transaction.FirstOrDefaultAsync<SenderEntry>(
            $"""
            INSERT INTO mail_sender_rule (id, tenant_path, scope, owner, sender, rule, revision, changed_at, changed_by)
            VALUES (@Id, @Path, @Scope, @Owner, @Sender, @Rule, @Revision, @At, @By)
            ON CONFLICT (tenant_path, scope, owner, sender) DO UPDATE SET rule = excluded.rule, revision = excluded.revision, changed_at = excluded.changed_at, changed_by = excluded.changed_by
            RETURNING {Columns}
            """,
            new
            {
                Id = Id.New("qs", time), Path = tenantPath, Scope = WordOf(scope), Owner = owner, Sender = sender, Rule = WordOf(rule), Revision = await NextAsync(transaction),
                At = time.NowMicros(), By = caller.ActorName,
            }) ?? throw new InvalidOperationException($"the rule about {sender} was written and is not there");
        await changes.RecordAsync(transaction, caller, "mail.sender.ruled", entry.Id, entry.TenantPath, null, new { entry.Scope, entry.Owner, entry.Sender, entry.Rule });
        return entry;
    }

    /// <summary>What a tenant itself says of senders, for all its recipients.</summary>
    public async ValueTask<IReadOnlyDictionary<string, SenderRule>> OfTenantAsync(string tenantPath, CancellationToken cancellationToken) => (await stores.Control.ReadAsync(
        reader => reader.QueryAsync<Row>(
            "SELECT scope, tenant_path, owner, sender, rule, revision FROM mail_sender_rule WHERE tenant_path = @Path AND scope = 'tenant' AND owner = @Path AND rule <> 'none' ORDER BY sender", new { Path = tenantPath }),
        cancellationToken)).ToDictionary(static row => row.Sender, static row => row.Rule == "allow" ? SenderRule.Allow : SenderRule.Block, StringComparer.Ordinal);

    /// <summary>Enters rules of a tenant for all its recipients, a hundred in a transaction; those before a refusal stand.</summary>
    public async ValueTask<Refusal?> AddAsync(Caller caller, string tenantPath, IEnumerable<(string Sender, SenderRule Rule)> rules, CancellationToken cancellationToken)
    {
        Refusal? refused = null;
        foreach (var some in rules.Chunk(100))
        {
            refused ??= await stores.Control.WriteAsync<Refusal?>(
                async transaction =>
                {
                    foreach (var (sender, rule) in some)
                    {
                        if (await SetAsync(transaction, caller, tenantPath, SenderScope.Tenant, tenantPath, sender, rule) is { Ok: false } no)
                        {
                            return no.Refusal;
                        }
                    }

                    return null;
                },
                cancellationToken);
        }

        await LoadAsync(cancellationToken);
        return refused;
    }

    public async ValueTask<Refusal?> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<SenderEntry>(ById, new { Id = id }, cancellationToken) is not { } entry)
        {
            return Refusal.NotFound("rule about a sender", id);
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                // The row stays, saying nothing, so that the other nodes hear of it.
                var removed = await transaction.ExecuteAsync(
                    "UPDATE mail_sender_rule SET rule = 'none', revision = @Revision, changed_at = @At, changed_by = @By WHERE id = @Id AND rule <> 'none'",
                    new { Id = id, Revision = await NextAsync(transaction), At = time.NowMicros(), By = caller.ActorName });
                if (removed > 0)
                {
                    await changes.RecordAsync(transaction, caller, "mail.sender.ruled", id, entry.TenantPath, new { entry.Scope, entry.Owner, entry.Sender, entry.Rule }, null);
                }

                return true;
            },
            cancellationToken);
        await LoadAsync(cancellationToken);
        return null;
    }

    /// <summary>Reads what is new; a store that is away leaves it as it was.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var rows = await stores.Control.ReadAsync(
                reader => reader.QueryAsync<Row>(
                    "SELECT scope, tenant_path, owner, sender, rule, revision FROM mail_sender_rule WHERE revision > @Revision ORDER BY revision", new { Revision = Volatile.Read(ref _revision) }),
                cancellationToken);
            foreach (var row in rows)
            {
                var key = (ScopeOf(row.Scope), row.TenantPath, row.Owner, row.Sender);
                if (row.Rule == "none")
                {
                    _rules.TryRemove(key, out _);
                }
                else
                {
                    _rules[key] = row.Rule == "allow" ? SenderRule.Allow : SenderRule.Block;
                }
            }

            if (rows.Count > 0)
            {
                Volatile.Write(ref _revision, Math.Max(Volatile.Read(ref _revision), rows[^1].Revision));
            }
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
        }
    }

    /// <summary>An address or "@domain" in lower case; null when it is neither. A domain may come without its @.</summary>
    public static string? Canonical(string text)
    {
        var sender = text.Trim().Trim('<', '>').ToLowerInvariant();
        sender = sender.Contains('@', StringComparison.Ordinal) || !sender.Contains('.', StringComparison.Ordinal) ? sender : "@" + sender;
        var address = sender.StartsWith('@') ? "any" + sender : sender;
        return Mailbox.TryParse(address, out _) && sender.Length <= 320 ? sender : null;
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await Task.Delay(LookEvery, time, stoppingToken);
                await LoadAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    /// <param name="owner">Null where the tenant itself is the owner.</param>
    private SenderRule Find(SenderScope scope, List<string> paths, string? owner, List<string> names)
    {
        foreach (var path in paths)
        {
            foreach (var name in names)
            {
                if (_rules.TryGetValue((scope, path, owner ?? path, name), out var rule))
                {
                    return rule;
                }
            }
        }

        return SenderRule.None;
    }

    // The address, then its domain, then those above it.
    private static List<string> NamesOf(string sender)
    {
        var names = new List<string>(5) { sender };
        for (var at = sender.LastIndexOf('@'); at >= 0 && names.Count < MaxNames; at = sender.IndexOf('.', at + 1))
        {
            if (at + 1 < sender.Length && (at > 0 || names.Count > 1))
            {
                names.Add("@" + sender[(at + 1)..]);
            }
        }

        return names;
    }

    // The tenant, then those above it.
    private static List<string> PathsOf(string tenantPath)
    {
        var paths = new List<string>(4);
        for (var path = tenantPath; path.Length > 1;)
        {
            paths.Add(path);
            path = path[..(path.LastIndexOf('/', path.Length - 2) + 1)];
        }

        return paths;
    }

    private static ValueTask<long> NextAsync(ISqlTransaction transaction) =>
        transaction.FirstOrDefaultAsync<long>("UPDATE mail_sender_head SET revision = revision + 1 WHERE one = 1 RETURNING revision");

    private static string WordOf(SenderScope scope) => scope switch { SenderScope.Recipient => "recipient", SenderScope.Domain => "domain", _ => "tenant" };

    private static SenderScope ScopeOf(string word) => word switch { "recipient" => SenderScope.Recipient, "domain" => SenderScope.Domain, _ => SenderScope.Tenant };

    private static string WordOf(SenderRule rule) => rule switch { SenderRule.Allow => "allow", SenderRule.Block => "block", _ => "none" };

    private sealed record Row(string Scope, string TenantPath, string Owner, string Sender, string Rule, long Revision);

    [LoggerMessage(2521, LogLevel.Warning, "the store is away; what is said of senders stays as it was")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
