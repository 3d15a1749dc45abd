using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Apply;

/// <summary>Plans. New prices make a new version; running subscriptions keep theirs.</summary>
internal sealed class ManagedPlans(Plans plans) : IManagedKind
{
    public string Kind => "plan";

    public string? Removal => null;

    public async ValueTask<PresentThing?> FindAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (await plans.FindAsync(id, cancellationToken) is not { } plan)
        {
            return null;
        }

        var newest = (await plans.VersionsAsync(plan.Id, cancellationToken))[0];
        return new PresentThing(
            plan.Id, caller.Scope.Path,
            new JsonObject
            {
                ["specification"] = plan.Specification, ["nameEn"] = plan.NameEn, ["nameJa"] = plan.NameJa, ["category"] = plan.Category.Word(), ["currency"] = newest.Currency, ["prices"] = JsonNode.Parse(newest.Prices),
            });
    }

    public ValueTask<PresentThing?> MatchAsync(Caller caller, WantedThing wanted, Tenant? owner, CancellationToken cancellationToken) => FindAsync(caller, wanted.Key, cancellationToken);

    public async ValueTask<Outcome<MadeThing>> CreateAsync(Caller caller, WantedThing wanted, Tenant owner, CancellationToken cancellationToken)
    {
        var made = await PutAsync(caller, wanted, null, cancellationToken);
        return made.Ok ? new MadeThing(made.Value.Id, caller.Scope.Path) : made.Refusal;
    }

    public async ValueTask<Refusal?> ChangeAsync(Caller caller, WantedThing wanted, PresentThing present, JsonObject changed, CancellationToken cancellationToken) =>
        (await PutAsync(caller, wanted, (string?)present.Fields["nameJa"], cancellationToken)).Refusal;

    public ValueTask<Refusal?> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken) => ValueTask.FromResult<Refusal?>(null);

    private ValueTask<Outcome<Plan>> PutAsync(Caller caller, WantedThing wanted, string? nameJa, CancellationToken cancellationToken)
    {
        var fields = wanted.Fields;
        return plans.PutAsync(
            caller,
            new NewPlan(
                wanted.Key, (string)fields["specification"]!, (string)fields["nameEn"]!, (string?)fields["nameJa"] ?? nameJa, (string)fields["currency"]!,
                fields["prices"].Deserialize<IReadOnlyList<Price>>(SettingsJson.Options)!, OfferingCategories.Find((string?)fields["category"])),
            cancellationToken);
    }
}
