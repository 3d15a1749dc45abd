using System.Net.Sockets;
using System.Text.Json;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Changes;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Lines;

/// <summary>
/// The lines of the part of the tree a caller sees. Each change is one transaction: (1) the row with the next revision, (2) audit and event; then (3) every node's
/// <see cref="LineFeed"/> reads what came after the revision it has seen and puts a new snapshot in force.
/// </summary>
internal sealed partial class LineBook(Stores stores, SubscriptionBook subscriptions, LineSecrets secrets, LineSignal signal, FixedAddresses fixedAddresses, LineAddressing addressing, ChangeRecorder changes, LineOptions options, TimeProvider time)
{
    private const string Filters = """
         AND (@State = '' OR (@State = 'ended' AND l.ended_at IS NOT NULL) OR (@State = 'active' AND l.ended_at IS NULL AND d.holds = '[]')
           OR (@State = 'suspended' AND l.ended_at IS NULL AND (d.holds IS NULL OR d.holds <> '[]')))
         AND (@Tenant = '' OR l.tenant_id = @Tenant) AND (@Subscription = '' OR l.subscription_id = @Subscription)
         AND (@Text = '' OR l.id = @Text OR l.subscription_id = @Text OR lower(l.user_name) LIKE @Like ESCAPE '!' OR lower(l.circuit_id) LIKE @Like ESCAPE '!'
           OR lower(l.name) LIKE @Like ESCAPE '!' OR l.remote_id = @Text OR l.v4 = @V4 OR l.delegated_prefix = @Text)
        """;

    public static readonly TenantQuery ById = new("connectivity.line.by-id", LineRow.Beside + " WHERE {tenant:l} AND l.id = @Id");

    public static readonly TenantQuery Newest = new("connectivity.line.newest", LineRow.Beside + " WHERE {tenant:l} AND l.id < @AfterId" + Filters + " ORDER BY l.id DESC LIMIT @Limit");

    public static readonly TenantQuery ByName = new("connectivity.line.by-name", LineRow.Beside
        + " WHERE {tenant:l} AND (l.user_name > @AfterName OR (l.user_name = @AfterName AND l.id > @AfterId))" + Filters + " ORDER BY l.user_name, l.id LIMIT @Limit");

    public static readonly TenantQuery ByNameDescending = new("connectivity.line.by-name-descending", LineRow.Beside
        + " WHERE {tenant:l} AND (@AfterId = '' OR l.user_name < @AfterName OR (l.user_name = @AfterName AND l.id < @AfterId))" + Filters + " ORDER BY l.user_name DESC, l.id DESC LIMIT @Limit");

    public static readonly TenantQuery Counts = new("connectivity.line.counts", """
        SELECT CAST(count(*) AS bigint) AS lines, CAST(coalesce(sum(CASE WHEN d.holds = '[]' THEN 0 ELSE 1 END), 0) AS bigint) AS suspended,
          CAST(coalesce(sum(CASE WHEN l.password_form = 'Clear' OR l.password_form = 'None' THEN 0 ELSE 1 END), 0) AS bigint) AS hashed
        FROM connectivity_line l LEFT JOIN desired_record d ON d.key = l.subscription_id AND d.withdrawn = 0 WHERE {tenant:l} AND l.ended_at IS NULL
        """);

    public ValueTask<LineRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<LineRow>(ById, new { Id = id }, cancellationToken);

    public async ValueTask<LineCounts> CountAsync(Caller caller, CancellationToken cancellationToken) =>
        await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<LineCounts>(Counts, null, cancellationToken) ?? new LineCounts(0, 0, 0);

    public ValueTask<IReadOnlyList<LineRow>> ListAsync(Caller caller, LineQuery query, int limit, CancellationToken cancellationToken)
    {
        var (name, id) = query.Place();
        var order = query.Order switch { LineOrder.Name => ByName, LineOrder.NameDescending => ByNameDescending, _ => Newest };
        return new TenantStore(stores.Control, caller.Scope).QueryAsync<LineRow>(
            order,
            new
            {
                AfterName = name, AfterId = order == Newest && id.Length == 0 ? "~" : id, query.State, query.Tenant, query.Subscription, query.Text, V4 = LineRules.Canonical(query.Text, AddressFamily.InterNetwork) ?? query.Text,
                Like = $"%{query.Text.ToLowerInvariant().Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal)}%",
                Limit = (long)limit,
            },
            cancellationToken);
    }

    /// <summary>Sets a line up under a subscription that runs.</summary>
    public ValueTask<Outcome<LineMade>> AddAsync(Caller caller, NewLine wanted, CancellationToken cancellationToken)
    {
        var made = wanted.Password is null && !string.IsNullOrEmpty(wanted.UserName) ? secrets.NewPassword() : null;
        return AddAsync(caller, wanted, (wanted.Password ?? made) is { } clear ? LinePassword.Clear(clear) : LinePassword.None, made, cancellationToken);
    }

    /// <summary>The same with a password in the form another system kept it in.</summary>
    public ValueTask<Outcome<LineMade>> ImportAsync(Caller caller, NewLine wanted, LinePassword kept, CancellationToken cancellationToken) => AddAsync(caller, wanted, kept, null, cancellationToken);

    private async ValueTask<Outcome<LineMade>> AddAsync(Caller caller, NewLine wanted, LinePassword kept, string? made, CancellationToken cancellationToken)
    {
        var subscription = await subscriptions.FindAsync(caller, wanted.SubscriptionId, cancellationToken);
        if (subscription is null)
        {
            return Refusal.NotFound("subscription", wanted.SubscriptionId);
        }

        if (NotProvider(caller, subscription.TenantPath) is { } forbidden)
        {
            return forbidden;
        }

        if (subscription.Specification is not (BroadbandSettings.Kind or DedicatedSettings.Kind))
        {
            return Refusal.Invalid("connectivity.line.subscription", "subscriptionId", $"the subscription is one to {subscription.Specification}", $"{BroadbandSettings.Kind} or {DedicatedSettings.Kind}");
        }

        if (subscription.EndedAt is not null)
        {
            return Refusal.Conflict("subscription.ended", $"the subscription {subscription.Id} has ended; take a new one");
        }

        var now = time.NowMicros();
        var line = new LineRow(
            Id.New("ln", time), subscription.TenantPath, subscription.TenantId, subscription.Id, string.IsNullOrWhiteSpace(wanted.Name) ? subscription.Name : wanted.Name.Trim(), wanted.UserName ?? "",
            wanted.CircuitId ?? "", wanted.RemoteId ?? "", wanted.CircuitProves, wanted.Port ?? "", wanted.SiteId ?? "", kept.Form.ToString(), kept.Form == LinePasswordForm.None ? null : now,
            Address(wanted.V4, AddressFamily.InterNetwork), Address(wanted.V6, AddressFamily.InterNetworkV6), Address(wanted.LinkPrefix, AddressFamily.InterNetworkV6),
            Address(wanted.DelegatedPrefix, AddressFamily.InterNetworkV6), JsonSerializer.Serialize(wanted.Routes ?? []), JsonSerializer.Serialize(wanted.Replies ?? []),
            JsonSerializer.Serialize(wanted.ExternalRefs ?? new Dictionary<string, string>()), 0, 1, now, null, "[]");
        if ((LineRules.Check(line, options) ?? CheckPassword(kept) ?? NotFixer(caller, null, line)) is { } refusal)
        {
            return refusal;
        }

        var box = kept.Form == LinePasswordForm.None ? null : await secrets.ProtectAsync(line.TenantPath, kept, cancellationToken);
        var added = await stores.Control.WriteAsync<Outcome<LineMade>>(
            async transaction =>
            {
                if ((await CheckRoomAsync(transaction, line, subscription.Quantity) ?? await fixedAddresses.ApplyAsync(transaction, null, line)) is { } full)
                {
                    return full;
                }

                var row = line with { Revision = await signal.NextRevisionAsync(transaction) };
                await InsertAsync(transaction, row, box);
                await changes.RecordAsync(transaction, caller, ConnectivityEvents.LineAdded, row.Id, row.TenantPath, null, row, Facts(row));
                return new LineMade(row, made);
            },
            cancellationToken);
        return added.Ok ? await AddressAsync(caller, subscription, added.Value, cancellationToken) : added;
    }

    /// <summary>What the contract says comes from a pool for lines. A pool that is used up leaves the line without; the contract's state says so, and it is tried again.</summary>
    private async ValueTask<Outcome<LineMade>> AddressAsync(Caller caller, SubscriptionView subscription, LineMade made, CancellationToken cancellationToken)
    {
        var wish = new DesiredRecord(subscription.Id, subscription.Specification, subscription.TenantId, subscription.TenantPath, "", 0, subscription.Settings, [], null, 0);
        if (LineTerms.TryRead(wish, out _) is not { } terms || terms.V4Pool.Length + terms.LinkPool.Length + terms.DelegatedPool.Length == 0)
        {
            return made;
        }

        await addressing.EnsureAsync([terms], cancellationToken);
        return made with { Line = await FindAsync(caller, made.Line.Id, cancellationToken) ?? made.Line };
    }

    public async ValueTask<Outcome<LineRow>> ChangeAsync(Caller caller, string id, LineChange wanted, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("line", id);
        }

        if (NotProvider(caller, before.TenantPath) is { } forbidden)
        {
            return forbidden;
        }

        if (before.IsEnded)
        {
            return Ended(id);
        }

        var after = before with
        {
            Name = wanted.Name?.Trim() ?? before.Name, UserName = wanted.UserName ?? before.UserName, CircuitId = wanted.CircuitId ?? before.CircuitId, RemoteId = wanted.RemoteId ?? before.RemoteId,
            CircuitProves = wanted.CircuitProves ?? before.CircuitProves, Port = wanted.Port ?? before.Port, SiteId = wanted.SiteId ?? before.SiteId,
            V4 = wanted.V4 is null ? before.V4 : Address(wanted.V4, AddressFamily.InterNetwork), V6 = wanted.V6 is null ? before.V6 : Address(wanted.V6, AddressFamily.InterNetworkV6),
            LinkPrefix = wanted.LinkPrefix is null ? before.LinkPrefix : Address(wanted.LinkPrefix, AddressFamily.InterNetworkV6),
            DelegatedPrefix = wanted.DelegatedPrefix is null ? before.DelegatedPrefix : Address(wanted.DelegatedPrefix, AddressFamily.InterNetworkV6),
            Routes = wanted.Routes is null ? before.Routes : JsonSerializer.Serialize(wanted.Routes), Replies = wanted.Replies is null ? before.Replies : JsonSerializer.Serialize(wanted.Replies),
            Version = before.Version + 1,
        };
        return (LineRules.Check(after, options) ?? NotFixer(caller, before, after)) is { } refusal ? refusal : await stores.Control.WriteAsync<Outcome<LineRow>>(
            async transaction =>
            {
                if ((await CheckNamesAsync(transaction, after) ?? await fixedAddresses.ApplyAsync(transaction, before, after)) is { } taken)
                {
                    return taken;
                }

                var row = after with { Revision = await signal.NextRevisionAsync(transaction) };
                if (await UpdateAsync(transaction, row, ifVersion ?? before.Version) is { } stale)
                {
                    return stale;
                }

                await changes.RecordAsync(transaction, caller, ConnectivityEvents.LineChanged, id, row.TenantPath, before, row, Facts(row));
                return row;
            },
            cancellationToken);
    }

    /// <summary>Ends a line for good: its row and its history stay. Ending it again changes nothing.</summary>
    public async ValueTask<Outcome<LineRow>> EndAsync(Caller caller, string id, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("line", id);
        }

        if (NotProvider(caller, before.TenantPath) is { } forbidden)
        {
            return forbidden;
        }

        if (before.IsEnded)
        {
            return before;
        }

        var after = before with { EndedAt = time.NowMicros(), Version = before.Version + 1 };
        return await stores.Control.WriteAsync<Outcome<LineRow>>(
            async transaction =>
            {
                var row = after with { Revision = await signal.NextRevisionAsync(transaction) };
                if (await UpdateAsync(transaction, row, ifVersion ?? before.Version) is { } stale)
                {
                    return stale;
                }

                await fixedAddresses.ApplyAsync(transaction, before, row);
                await AddressAllocator.ReleaseAllAsync(transaction, id, time.NowMicros());
                await changes.RecordAsync(transaction, caller, ConnectivityEvents.LineEnded, id, row.TenantPath, before, row, Facts(row));
                return row;
            },
            cancellationToken);
    }

    /// <summary>Sets a line's password, in clear, or makes one that is shown once.</summary>
    public ValueTask<Outcome<LinePasswordMade>> SetPasswordAsync(Caller caller, string id, string? password, CancellationToken cancellationToken)
    {
        var made = password is null ? secrets.NewPassword() : null;
        return SetPasswordAsync(caller, id, LinePassword.Clear(password ?? made!), made, cancellationToken);
    }

    /// <summary>The same in the form another system kept it in.</summary>
    public ValueTask<Outcome<LinePasswordMade>> ImportPasswordAsync(Caller caller, string id, LinePassword kept, CancellationToken cancellationToken) => SetPasswordAsync(caller, id, kept, null, cancellationToken);

    private async ValueTask<Outcome<LinePasswordMade>> SetPasswordAsync(Caller caller, string id, LinePassword kept, string? made, CancellationToken cancellationToken)
    {
        var line = await FindAsync(caller, id, cancellationToken);
        if (line is null)
        {
            return Refusal.NotFound("line", id);
        }

        if (line.IsEnded)
        {
            return Ended(id);
        }

        if (CheckPassword(kept) is { } refusal)
        {
            return refusal;
        }

        var box = await secrets.ProtectAsync(line.TenantPath, kept, cancellationToken);
        return await stores.Control.WriteAsync<Outcome<LinePasswordMade>>(
            async transaction =>
            {
                var revision = await signal.NextRevisionAsync(transaction);
                await transaction.ExecuteAsync(
                    """
                    UPDATE connectivity_line SET password_form = @Form, password_box = @Box, password_set_at = @Now, revision = @Revision, version = version + 1
                    WHERE id = @Id AND ended_at IS NULL
                    """,
                    new { Id = id, Form = kept.Form.ToString(), Box = box, Now = time.NowMicros(), Revision = revision });
                await changes.RecordAsync(transaction, caller, ConnectivityEvents.PasswordSet, id, line.TenantPath, null, new { line.UserName, Made = made is not null });
                return new LinePasswordMade(id, made);
            },
            cancellationToken);
    }

    /// <summary>A customer rotates the password of its line; what the line is says whoever provides it.</summary>
    /// <summary>Whether he is of those who provide the service to this tenant, not the tenant himself.</summary>
    public static bool Provides(Caller caller, string tenantPath) => caller.IsOperator || caller.Scope.Path != tenantPath;

    private static Refusal? NotProvider(Caller caller, string tenantPath) => Provides(caller, tenantPath)
        ? null
        : new Refusal(RefusalKind.Forbidden, "connectivity.line.provider", "lines are set up and changed by those who provide the service; ask them");

    /// <summary>Addresses, routes and further attributes reach into the provider's network: only its operators write them on a line by hand.</summary>
    private static Refusal? NotFixer(Caller caller, LineRow? before, LineRow after) =>
        caller.IsOperator || (before?.V4 ?? "", before?.V6 ?? "", before?.LinkPrefix ?? "", before?.DelegatedPrefix ?? "", before?.Routes ?? "[]", before?.Replies ?? "[]")
            == (after.V4, after.V6, after.LinkPrefix, after.DelegatedPrefix, after.Routes, after.Replies)
            ? null
            : new Refusal(RefusalKind.Forbidden, "connectivity.line.fixed", "fixed addresses, routes and further attributes are written by the provider's operators only");

    private static string Address(string? text, AddressFamily family) => text is null ? "" : LineRules.Canonical(text.Trim(), family) ?? text;

    private static Refusal Ended(string id) => Refusal.Conflict("connectivity.line.ended", $"the line {id} has ended; set up a new one");

    private static Refusal? CheckPassword(LinePassword password) => password.Form == LinePasswordForm.None || (password.Value.Length > 0 && password.IsWhole)
        ? null
        : Refusal.Invalid("connectivity.line.password", "password", "the password is empty or too long", "1 to 253 octets");

    private static string Facts(LineRow line) => JsonSerializer.Serialize(new { line = line.Title, subscription = line.SubscriptionId });
}

/// <summary>How many lines there are that have not ended, how many of them are suspended, and how many passwords serve not every way of asking.</summary>
public sealed record LineCounts(long Lines, long Suspended, long Hashed);
