using System.Globalization;
using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Push;

/// <summary>
/// Pushes as people make them: (1) planned: which sites' boxes get which version, in which ring, and which do not and why, (2) started, (3) stopped. From the plan on its versions are given
/// to nobody who merely pulls, so that a box that restarts does not run ahead of its ring.
/// </summary>
internal sealed class PushBook(Stores stores, RoutersOptions options, ChangeRecorder changes, PushSignal signal, TimeProvider time)
{
    public static readonly TenantQuery Candidates = new("routers.push.candidates", """
        SELECT id AS device_id, tenant_path, site_id, site_name, identity,
          coalesce((SELECT taken FROM router_arms a WHERE a.device_id = router_device.id), 0) AS taken,
          coalesce((SELECT max(c.number) FROM router_configuration c WHERE c.site_id = router_device.site_id AND c.tenant_path = router_device.tenant_path), 0) AS newest
        FROM router_device WHERE {tenant} AND root = 'Arms' AND state <> 'unclaimed' ORDER BY id LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("routers.push.by-id", $$"""SELECT {{RouterPush.Columns}} FROM router_push WHERE {tenant} AND id = @Id""");

    public static readonly TenantQuery List = new("routers.push.list", $$"""SELECT {{RouterPush.Columns}} FROM router_push WHERE {tenant} AND id < @Before AND (@State = '' OR state = @State) ORDER BY id DESC LIMIT @Limit""");

    public static readonly TenantQuery Boxes = new("routers.push.boxes", $$"""
        SELECT {{PushBox.Columns}} FROM router_push_box WHERE {tenant} AND push_id = @Push AND id > @After AND (@State = '' OR state = @State) ORDER BY id LIMIT @Limit
        """);

    public static readonly TenantQuery Counts = new("routers.push.counts", """
        SELECT ring, state, count(*) AS boxes FROM router_push_box WHERE {tenant} AND push_id = @Push GROUP BY ring, state ORDER BY ring, state
        """);

    public static readonly TenantQuery OfSite = new("routers.push.of-site", $$"""
        SELECT {{PushBox.Columns}} FROM router_push_box WHERE {tenant} AND site_id = @Site AND id < @Before ORDER BY id DESC LIMIT @Limit
        """);

    public ValueTask<RouterPush?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<RouterPush>(ById, new { Id = id }, cancellationToken);

    public ValueTask<IReadOnlyList<RouterPush>> ListAsync(Caller caller, string state, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<RouterPush>(List, new { State = state, Before = before.Length == 0 ? "~" : before, Limit = (long)limit }, cancellationToken);

    public ValueTask<IReadOnlyList<PushBox>> BoxesAsync(Caller caller, string push, string state, string after, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<PushBox>(Boxes, new { Push = push, State = state, After = after, Limit = (long)limit }, cancellationToken);

    public ValueTask<IReadOnlyList<PushCount>> CountsAsync(Caller caller, string push, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<PushCount>(Counts, new { Push = push }, cancellationToken);

    /// <summary>What pushes did at a site, newest first.</summary>
    public ValueTask<IReadOnlyList<PushBox>> OfSiteAsync(Caller caller, string site, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<PushBox>(OfSite, new { Site = site, Before = before.Length == 0 ? "~" : before, Limit = (long)limit }, cancellationToken);

    /// <summary>(1)</summary>
    public async ValueTask<Outcome<PushPlan>> PlanAsync(Caller caller, NewPush wanted, CancellationToken cancellationToken)
    {
        var all = await new TenantStore(stores.Control, caller.Scope).QueryAsync<Candidate>(Candidates, new { Limit = (long)options.Arms.MaxPushBoxes + 1 }, cancellationToken);
        var bySite = all.GroupBy(static box => box.SiteId).ToDictionary(static boxes => boxes.Key, static boxes => boxes.First(), StringComparer.Ordinal);
        if (wanted.Sites.Concat(wanted.Canary).FirstOrDefault(site => !bySite.ContainsKey(site)) is { } unknown)
        {
            return Refusal.NotFound("site with a box that speaks ARMS", unknown);
        }

        var chosen = wanted.Sites.Count > 0 ? wanted.Sites.Concat(wanted.Canary).Distinct(StringComparer.Ordinal).Select(site => bySite[site]).ToList() : [.. bySite.Values];
        var (take, skipped) = (new List<Candidate>(), new List<PushSkip>());
        foreach (var box in chosen)
        {
            if ((box.Newest == 0 ? "the site has no configuration" : box.Taken == box.Newest ? "it runs the newest version" : null) is { } whyNot)
            {
                skipped.Add(new PushSkip(box.SiteId, box.SiteName, whyNot));
            }
            else
            {
                take.Add(box);
            }
        }

        if (take.Count == 0)
        {
            return Refusal.Invalid("routers.push.nothing", "sites", "there is nothing to push: no box runs another version than its site's newest", "at least one site with a newer version");
        }

        if (take.Count > options.Arms.MaxPushBoxes)
        {
            return Refusal.Invalid("routers.push.boxes", "sites", $"there are more than {options.Arms.MaxPushBoxes} boxes", $"at most {options.Arms.MaxPushBoxes}");
        }

        if (!PushRings.TryDivide(wanted.Rings, take.Count, wanted.Canary.Count, out var sizes))
        {
            return Refusal.Invalid("routers.push.rings", "rings", $"'{wanted.Rings}' divides nothing into rings", "up to ten numbers or percentages with commas between, such as 1,10%,100%");
        }

        return await WriteAsync(caller, wanted, take, sizes, skipped, cancellationToken);
    }

    private async ValueTask<PushPlan> WriteAsync(Caller caller, NewPush wanted, List<Candidate> take, IReadOnlyList<int> sizes, List<PushSkip> skipped, CancellationToken cancellationToken)
    {
        // Spread over sites, whatever their names: the same plan is the same order only within one push.
        var id = Id.New("ru", time);
        var ordered = take.OrderByDescending(box => wanted.Canary.Contains(box.SiteId)).ThenBy(box => string.GetHashCode(id + box.SiteId, StringComparison.Ordinal)).ToList();
        var push = new RouterPush(
            id, caller.Scope.Path, PushStates.Planned, wanted.Why, string.Join(',', sizes.Select(static size => size.ToString(CultureInfo.InvariantCulture))), -1, 0, wanted.Budget, ordered.Count, caller.ActorName,
            time.NowMicros(), 0, 0, "");
        var (rows, ring, left) = (new List<PushBox>(), 0, sizes[0]);
        foreach (var box in ordered)
        {
            if (left == 0)
            {
                left = sizes[++ring];
            }

            left--;
            rows.Add(new PushBox(Id.New("rx", time), box.TenantPath, id, box.SiteId, box.SiteName, box.DeviceId, box.Identity, ring, box.Newest, box.Taken, PushBoxStates.Waiting, 0, 0, 0, 0, ""));
        }

        // In pieces: a transaction is short. Nothing looks at boxes of a push that is not there yet.
        foreach (var piece in rows.Chunk(500))
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    foreach (var row in piece)
                    {
                        await transaction.ExecuteAsync($"INSERT INTO router_push_box ({PushBox.Columns}) VALUES ({PushBox.Values})", row);
                    }

                    return true;
                },
                cancellationToken);
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync($"INSERT INTO router_push ({RouterPush.Columns}) VALUES ({RouterPush.Values})", push);
                await changes.RecordAsync(transaction, caller, RouterEvents.PushPlanned, id, push.TenantPath, null, new { boxes = push.Boxes, rings = push.Rings, budget = push.Budget }, Facts(push), wanted.Why);
                return true;
            },
            cancellationToken);
        return new PushPlan(push, skipped);
    }

    /// <summary>(2)</summary>
    public async ValueTask<Outcome<RouterPush>> StartAsync(Caller caller, RouterPush push, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var started = await stores.Control.WriteAsync<Outcome<RouterPush>>(
            async transaction =>
            {
                var busy = await transaction.FirstOrDefaultAsync<string>(
                    """
                    SELECT b.site_name FROM router_push_box b JOIN router_push_box o ON o.site_id = b.site_id AND o.push_id <> b.push_id JOIN router_push p ON p.id = o.push_id
                    WHERE b.push_id = @Id AND p.state = 'running' AND o.state IN ('waiting', 'asked', 'accepted') ORDER BY b.id LIMIT 1
                    """,
                    new { push.Id });
                if (busy is not null)
                {
                    return Refusal.Conflict("routers.push.busy", $"another push that runs still has to do with site {busy}; wait for its end, or stop it");
                }

                if (await transaction.ExecuteAsync("UPDATE router_push SET state = 'running', ring = 0, ring_at = @Now, started_at = @Now WHERE id = @Id AND state = 'planned'", new { push.Id, Now = now }) == 0)
                {
                    return Refusal.Conflict("routers.push.started", "the push was started before, or given up");
                }

                await changes.RecordAsync(transaction, caller, RouterEvents.PushStarted, push.Id, push.TenantPath, new { state = push.State }, new { state = PushStates.Running }, Facts(push));
                return push with { State = PushStates.Running, Ring = 0, RingAt = now, StartedAt = now };
            },
            cancellationToken);
        signal.Set();
        return started;
    }

    /// <summary>(3) What is under way at a box ends by itself; no further one is begun.</summary>
    public async ValueTask<Outcome<RouterPush>> StopAsync(Caller caller, RouterPush push, string why, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        return await stores.Control.WriteAsync<Outcome<RouterPush>>(
            async transaction =>
            {
                var next = push.State == PushStates.Planned ? PushStates.Discarded : PushStates.Stopped;
                if (await transaction.ExecuteAsync("UPDATE router_push SET state = @Next, ended_at = @Now, cause = @Why WHERE id = @Id AND state = @State AND state IN ('planned', 'running')", new { push.Id, push.State, Next = next, Now = now, Why = why }) == 0)
                {
                    return Refusal.Conflict("routers.push.over", "the push is over");
                }

                await transaction.ExecuteAsync(
                    "UPDATE router_push_box SET state = @To, ended_at = @Now, cause = @Why WHERE push_id = @Id AND state = 'waiting'",
                    new { push.Id, Now = now, To = next == PushStates.Discarded ? PushBoxStates.Dropped : PushBoxStates.Skipped, Why = why });
                await changes.RecordAsync(transaction, caller, RouterEvents.PushStopped, push.Id, push.TenantPath, new { state = push.State }, new { state = next }, Facts(push), why);
                return push with { State = next, EndedAt = now, Cause = why };
            },
            cancellationToken);
    }

    /// <summary>Whether a version is given by its push only: one that has not reached the site, or has failed there, is told to nobody who pulls.</summary>
    public async ValueTask<bool> IsHeldAsync(string site, long number, CancellationToken cancellationToken) => await stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<long>($"SELECT count(*) FROM router_push_box b WHERE {Held} AND b.number = @Number", new { SiteId = site, Number = number }), cancellationToken) > 0;

    /// <summary>Rows "b" of a site whose version is held.</summary>
    public const string Held = """
        b.site_id = @SiteId AND b.state IN ('waiting', 'asked', 'accepted', 'rolled-back', 'silent', 'skipped')
          AND NOT EXISTS (SELECT 1 FROM router_push_box later WHERE later.site_id = b.site_id AND later.number = b.number AND later.id > b.id AND later.state = 'confirmed')
        """;

    internal static string Facts(RouterPush push) => JsonSerializer.Serialize(new { push = push.Id, boxes = push.Boxes, rings = push.Rings, budget = push.Budget });

    private sealed record Candidate(string DeviceId, string TenantPath, string SiteId, string SiteName, string Identity, long Taken, long Newest);
}

/// <summary>A push somebody wants.</summary>
/// <param name="Sites">None: every site whose box runs another version than the newest.</param>
/// <param name="Canary">Sites of the first ring.</param>
internal sealed record NewPush(IReadOnlyList<string> Sites, IReadOnlyList<string> Canary, string Rings, long Budget, string Why);

/// <summary>A plan, and what is not in it.</summary>
internal sealed record PushPlan(RouterPush Push, IReadOnlyList<PushSkip> Skipped);

/// <summary>A site that is not in a plan.</summary>
public sealed record PushSkip(string SiteId, string Site, string Why);

/// <summary>Boxes of a ring in a state.</summary>
public sealed record PushCount(long Ring, string State, long Boxes);
