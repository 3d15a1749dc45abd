using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Apply;

/// <summary>Subscriptions. Another plan is another subscription: it is not changed in place.</summary>
internal sealed class ManagedSubscriptions(SubscriptionBook book, SubscriptionOrders orders) : IManagedKind
{
    public string Kind => "subscription";

    public string? Removal => "the subscription ends now; its record and usage stay";

    public async ValueTask<PresentThing?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        await book.FindAsync(caller, id, cancellationToken) is { EndedAt: null } view ? Present(view) : null;

    public async ValueTask<PresentThing?> MatchAsync(Caller caller, WantedThing wanted, Tenant? owner, CancellationToken cancellationToken)
    {
        var after = "";
        while (owner is not null && await book.ListAsync(caller, after, 200, owner.Id, null, cancellationToken) is { Count: > 0 } page)
        {
            if (page.FirstOrDefault(s => s.EndedAt is null && s.PlanCode == (string?)wanted.Fields["plan"] && s.Name == (string?)wanted.Fields["name"]) is { } same)
            {
                return Present(same);
            }

            after = page[^1].Id;
        }

        return null;
    }

    public async ValueTask<Outcome<MadeThing>> CreateAsync(Caller caller, WantedThing wanted, Tenant owner, CancellationToken cancellationToken)
    {
        var fields = wanted.Fields;
        var made = await orders.TakeAsync(
            caller, new NewSubscription(owner.Id, (string)fields["plan"]!, (string)fields["name"]!, JsonSerializer.SerializeToElement(fields["settings"]), (long)fields["quantity"]!), cancellationToken);
        return made.Ok ? new MadeThing(made.Value.Id, made.Value.TenantPath) : made.Refusal;
    }

    public async ValueTask<Refusal?> ChangeAsync(Caller caller, WantedThing wanted, PresentThing present, JsonObject changed, CancellationToken cancellationToken)
    {
        if (changed.ContainsKey("plan"))
        {
            return Refusal.Conflict("apply.plan", $"{wanted.Key} runs under the plan {present.Fields["plan"]}; give the new plan's subscription a key of its own and end this one with --prune", "plan");
        }

        var settings = changed["settings"] is { } given ? JsonSerializer.SerializeToElement(given) : (JsonElement?)null;
        return (await orders.ChangeAsync(caller, present.Id, new SubscriptionChange((string?)changed["name"], (long?)changed["quantity"], settings), null, cancellationToken)).Refusal;
    }

    public async ValueTask<Refusal?> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken) => (await orders.EndAsync(caller, id, null, cancellationToken)).Refusal;

    private static PresentThing Present(SubscriptionView view) => new(
        view.Id, view.TenantPath,
        new JsonObject { ["plan"] = view.PlanCode, ["name"] = view.Name, ["quantity"] = view.Quantity, ["settings"] = JsonNode.Parse(view.Settings) });
}
