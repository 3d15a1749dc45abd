using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Api;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Identity.Users;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Apply;

/// <summary>
/// Makes what is there equal to what a file wants: (1) read the file into things, with every problem; (2) find each thing: by what was applied before,
/// or one that plainly is the same; (3) compare field by field, and with what was applied last, which shows what someone changed meanwhile; (4) what
/// the file no longer names would be removed; (5) when that was seen and asked for, make the changes through the nouns' services, in the file's order,
/// removals last and from the leaves up, remembering each as it is made: an apply that is cut off goes on where it stopped.
/// </summary>
public sealed class Applier
{
    private readonly Stores _stores;
    private readonly ManagedThings _managed;
    private readonly SpecificationCatalogue _specifications;
    private readonly Plans _plans;
    private readonly TenantDirectory _tenants;
    private readonly ChangeRecorder _changes;
    private readonly Dictionary<string, IManagedKind> _kinds;
    private readonly SemaphoreSlim _one = new(1);

    public Applier(
        Stores stores, SpecificationCatalogue specifications, Plans plans, TenantDirectory tenants, Domains domains, Prefixes prefixes, Sites sites, SubscriptionBook book,
        SubscriptionOrders orders, UserDirectory users, ChangeRecorder changes, TimeProvider time)
    {
        _stores = stores;
        _managed = new ManagedThings(stores, time);
        _specifications = specifications;
        _plans = plans;
        _tenants = tenants;
        _changes = changes;
        _kinds = ((IManagedKind[])
        [
            new ManagedTenants(tenants, "provider"), new ManagedPlans(plans), new ManagedTenants(tenants, "tenant"), new ManagedContacts(tenants), new ManagedDomains(domains),
            new ManagedPrefixes(prefixes), new ManagedSites(sites), new ManagedSubscriptions(book, orders), new ManagedUsers(users),
        ]).ToDictionary(static k => k.Kind);
    }

    public async ValueTask<ApplyPlan> PlanAsync(Caller caller, JsonObject document, CancellationToken cancellationToken) =>
        (await PrepareAsync(caller, document, cancellationToken)).Plan;

    /// <summary>Makes the changes if they are still the ones that were shown.</summary>
    public async ValueTask<Outcome<ApplyResult>> ApplyAsync(Caller caller, ApplyRequest request, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var prepared = await PrepareAsync(caller, request.Document, cancellationToken);
            if (prepared.Plan.Problems is [var problem, ..])
            {
                return Refusal.Invalid("apply.document", problem.Path, problem.Message, problem.Allowed);
            }

            if (request.ExpectedPlan != prepared.Plan.Hash)
            {
                return Refusal.Conflict("apply.other-plan", "something changed since the plan was shown, so nothing was done: look at the plan again", "expectedPlan");
            }

            // (5)
            var result = await MakeAsync(caller, prepared, request.Prune, cancellationToken);
            if (result.Done.Count > 0 || result.Failed is not null)
            {
                await RecordAsync(caller, prepared.Reading.Manifest, result, cancellationToken);
            }

            return result;
        }
        finally
        {
            _one.Release();
        }
    }

    private async ValueTask<Prepared> PrepareAsync(Caller caller, JsonObject document, CancellationToken cancellationToken)
    {
        // (1)
        var reading = ManifestReading.Read(document, _specifications);
        if (reading.Problems.Count > 0)
        {
            return new Prepared(new ApplyPlan("", [], reading.Problems), reading, []);
        }

        var manifest = reading.Manifest;
        var managed = await _managed.ListAsync(caller, manifest, cancellationToken);
        var steps = new List<Step>();
        var tenants = new Dictionary<string, Tenant?>();
        var root = await _tenants.FindAsync(caller, caller.Scope.TenantId, cancellationToken);
        tenants[""] = root;
        foreach (var thing in reading.Things)
        {
            await CheckPlanAsync(thing, reading, cancellationToken);

            // (2)
            var known = managed.GetValueOrDefault((thing.Kind, thing.Key));
            var present = known is null ? null : await _kinds[thing.Kind].FindAsync(caller, known.ObjectId, cancellationToken);
            var adopted = false;
            if (present is null && await _kinds[thing.Kind].MatchAsync(caller, thing, tenants.GetValueOrDefault(thing.Owner), cancellationToken) is { } same
                && !await _managed.IsOfAnotherAsync(caller, manifest, same.Id, cancellationToken))
            {
                (present, adopted) = (same, thing.Kind != "provider");
            }

            // (3)
            steps.Add(new Step(thing, present, ChangeOf(thing, present, adopted, known)));
            if (thing.Kind == "tenant")
            {
                tenants[thing.Key] = present is null ? null : await _tenants.FindAsync(caller, present.Id, cancellationToken);
                CheckParent(thing, tenants, reading);
            }
        }

        // (4)
        var wanted = reading.Things.Select(static t => (t.Kind, t.Key)).ToHashSet();
        foreach (var gone in managed.Values.Where(m => !wanted.Contains((m.Kind, m.Key)))
            .OrderByDescending(static m => m.ObjectPath.Length).ThenBy(static m => m.Kind == "tenant").ThenBy(static m => m.Kind != "subscription"))
        {
            var present = await _kinds[gone.Kind].FindAsync(caller, gone.ObjectId, cancellationToken);
            var removal = present is null ? null : _kinds[gone.Kind].Removal;
            steps.Add(new Step(null, present, new ApplyChange(removal is null ? "forget" : "remove", gone.Kind, gone.Key, gone.ObjectId, "", [], removal ?? "its record stays")));
        }

        return Finish(reading, steps);
    }

    private static Prepared Finish(ManifestReading reading, List<Step> steps)
    {
        if (reading.Problems.Count > 0)
        {
            return new Prepared(new ApplyPlan("", [], reading.Problems), reading, []);
        }

        var changes = steps.Select(static s => s.Change).OfType<ApplyChange>().ToList();
        var text = reading.Manifest + JsonSerializer.Serialize(changes, ApiJson.Options);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return new Prepared(new ApplyPlan(hash, changes, []), reading, steps);
    }

    /// <summary>A subscription's plan may be one that is there already: then its settings are checked against that one's specification.</summary>
    private async ValueTask CheckPlanAsync(WantedThing thing, ManifestReading reading, CancellationToken cancellationToken)
    {
        if (thing.Kind != "subscription")
        {
            return;
        }

        var code = (string)thing.Fields["plan"]!;
        if (reading.Things.Any(t => t.Kind == "plan" && t.Key == code))
        {
            return;
        }

        if (await _plans.FindAsync(code, cancellationToken) is { } plan)
        {
            ManifestReading.CheckSettings(_specifications.Find(plan.Specification)!, thing.Fields, thing.Path, reading.Problems);
            return;
        }

        var known = (await _plans.ListAsync(cancellationToken)).Select(static p => p.Code).Concat(reading.Things.Where(static t => t.Kind == "plan").Select(static t => t.Key));
        reading.Problems.Add(new ApplyProblem(thing.Path + ".plan", $"there is no plan {code}", string.Join(", ", known.Distinct().Order(StringComparer.Ordinal))));
    }

    private static void CheckParent(WantedThing thing, Dictionary<string, Tenant?> tenants, ManifestReading reading)
    {
        if (tenants[thing.Key] is { } tenant && tenants.GetValueOrDefault(thing.Owner)?.Id != tenant.ParentId)
        {
            reading.Problems.Add(new ApplyProblem(thing.Path, $"the tenant {thing.Key} stands elsewhere in the tree; a tenant is not moved", "the place it has, or a new key"));
        }
    }

    private static ApplyChange? ChangeOf(WantedThing wanted, PresentThing? present, bool adopted, ManagedThing? known)
    {
        var applied = known is null ? null : ManagedThings.AppliedOf(known);
        var fields = new List<ApplyFieldChange>();
        foreach (var (name, value) in wanted.Fields)
        {
            var now = present?.Fields[name];
            if (present is null || !JsonNode.DeepEquals(now, value))
            {
                var drift = present is not null && applied is not null && applied.ContainsKey(name) && !JsonNode.DeepEquals(applied[name], now);
                fields.Add(new ApplyFieldChange(name, now?.DeepClone(), value?.DeepClone(), drift));
            }
        }

        var act = present is null ? "create" : adopted ? "adopt" : "change";
        return act == "change" && fields.Count == 0 && applied is not null && JsonNode.DeepEquals(applied, wanted.Fields) ? null
            : act == "change" && fields.Count == 0 && known is not null ? new ApplyChange("note", wanted.Kind, wanted.Key, present!.Id, wanted.Path, [])
            : act == "change" && fields.Count == 0 ? new ApplyChange("adopt", wanted.Kind, wanted.Key, present!.Id, wanted.Path, [])
            : new ApplyChange(act, wanted.Kind, wanted.Key, present?.Id, wanted.Path, fields);
    }

    private async ValueTask<ApplyResult> MakeAsync(Caller caller, Prepared prepared, bool prune, CancellationToken cancellationToken)
    {
        var manifest = prepared.Reading.Manifest;
        var done = new List<ApplyChange>();
        var links = new Dictionary<string, string>();
        var tenants = new Dictionary<string, string> { [""] = caller.Scope.TenantId };
        var kept = 0;
        foreach (var step in prepared.Steps)
        {
            if (step.Wanted is null && !prune)
            {
                kept++;
                continue;
            }

            var made = step.Wanted is null
                ? await RemoveAsync(caller, manifest, step.Change!, cancellationToken)
                : await MakeOneAsync(caller, manifest, step, tenants, cancellationToken);
            if (!made.Ok)
            {
                return new ApplyResult(done, new ApplyFailure(step.Change!, made.Refusal.Code, made.Refusal.Field, made.Refusal.Message, made.Refusal.Allowed), links, kept);
            }

            if (step.Wanted is { Kind: "tenant" } tenant)
            {
                tenants[tenant.Key] = made.Value.Id;
            }

            if (made.Value.Link is { } link)
            {
                links[step.Wanted!.Key] = link;
            }

            if (step.Change is { } change)
            {
                done.Add(change with { Id = made.Value.Id });
            }
        }

        return new ApplyResult(done, null, links, kept);
    }

    private async ValueTask<Outcome<MadeThing>> MakeOneAsync(Caller caller, string manifest, Step step, Dictionary<string, string> tenants, CancellationToken cancellationToken)
    {
        var (wanted, kind) = (step.Wanted!, _kinds[step.Wanted!.Kind]);
        MadeThing made;
        if (step.Present is { } present)
        {
            made = new MadeThing(present.Id, present.TenantPath);
            if (step.Change is null)
            {
                return made;
            }

            var changed = new JsonObject(step.Change.Fields.Select(static f => KeyValuePair.Create(f.Field, f.After?.DeepClone())));
            if (changed.Count > 0 && await kind.ChangeAsync(caller, wanted, present, changed, cancellationToken) is { } refused)
            {
                return refused;
            }
        }
        else
        {
            var owner = (await _tenants.FindAsync(caller, tenants[wanted.Owner], cancellationToken))!;
            var created = await kind.CreateAsync(caller, wanted, owner, cancellationToken);
            if (!created.Ok)
            {
                return created.Refusal;
            }

            made = created.Value;
        }

        await _managed.KeepAsync(caller, manifest, wanted, made, cancellationToken);
        return made;
    }

    private async ValueTask<Outcome<MadeThing>> RemoveAsync(Caller caller, string manifest, ApplyChange change, CancellationToken cancellationToken)
    {
        if (change.Act == "remove" && await _kinds[change.Kind].RemoveAsync(caller, change.Id!, cancellationToken) is { } refused)
        {
            return refused;
        }

        await _managed.ForgetAsync(caller, manifest, change.Kind, change.Key, cancellationToken);
        return new MadeThing(change.Id!, "");
    }

    private ValueTask<bool> RecordAsync(Caller caller, string manifest, ApplyResult result, CancellationToken cancellationToken) => _stores.Control.WriteAsync(
        async transaction =>
        {
            var facts = new { manifest, changes = result.Done.Count, failed = result.Failed?.Code };
            await _changes.RecordAsync(transaction, caller, "apply.finished", manifest, caller.Scope.Path, null, facts, JsonSerializer.Serialize(facts));
            return true;
        },
        cancellationToken);

    private sealed record Step(WantedThing? Wanted, PresentThing? Present, ApplyChange? Change);

    private sealed record Prepared(ApplyPlan Plan, ManifestReading Reading, IReadOnlyList<Step> Steps);
}
