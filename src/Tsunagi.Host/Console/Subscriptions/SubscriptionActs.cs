using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Usage;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Host.Console.Subscriptions;

/// <summary>What is done on the pages of contracts.</summary>
internal static class SubscriptionActs
{
    private const string Write = "core.subscription.write";
    private const string Hold = "core.hold.write";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct("/console/subscriptions", Write, TakeAsync);
        routes.MapAct("/console/subscriptions/{id}/change", Write, ChangeAsync);
        routes.MapAct("/console/subscriptions/{id}/end", Write, EndAsync);
        routes.MapAct("/console/subscriptions/{id}/holds", Hold, PlaceHoldAsync);
        routes.MapAct("/console/subscriptions/{id}/holds/{hold}/lift", Hold, LiftHoldAsync);
        routes.MapAct("/console/subscriptions/{id}/usage", "core.usage.write", CorrectAsync);
    }

    private static async ValueTask<ActResult> TakeAsync(Act act)
    {
        var plan = await act.Service<Plans>().FindAsync(act.Required("plan"), act.CancellationToken);
        if (plan is null || act.Service<SpecificationCatalogue>().Find(plan.Specification) is not { } specification)
        {
            return act.Refused("", S.NoPlans);
        }

        var (name, quantity) = (act.Required("name"), act.Number("quantity", 1, 1_000_000));
        var settings = Settings(act, specification);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var taken = await act.Service<SubscriptionOrders>().TakeAsync(
            act.Caller, new NewSubscription(act.Required("tenant"), plan.Id, name, settings, quantity ?? 1), act.CancellationToken);
        return taken.Ok ? act.Done("/console/subscriptions/" + taken.Value.Id, S.Taken) : act.Refused(taken.Refusal);
    }

    private static async ValueTask<ActResult> ChangeAsync(Act act)
    {
        var before = await act.Service<SubscriptionBook>().FindAsync(act.Caller, act.Route("id"), act.CancellationToken);
        if (before is null || act.Service<SpecificationCatalogue>().Find(before.Specification) is not { } specification)
        {
            return act.Refused(Refusal.NotFound("subscription", act.Route("id")));
        }

        var change = new SubscriptionChange(act.Required("name"), act.Number("quantity", 1, 1_000_000), Settings(act, specification), act.Checked("newest"));
        var version = act.Number("version");
        return act.Ok
            ? Back(act, await act.Service<SubscriptionOrders>().ChangeAsync(act.Caller, before.Id, change, version, act.CancellationToken), S.Changed)
            : act.Refused();
    }

    private static async ValueTask<ActResult> EndAsync(Act act) =>
        Back(act, await act.Service<SubscriptionOrders>().EndAsync(act.Caller, act.Route("id"), act.Number("version"), act.CancellationToken), S.EndedNow);

    private static async ValueTask<ActResult> PlaceHoldAsync(Act act)
    {
        var wanted = new NewHold(act.Required("kind"), act.Required("reason", 500));
        return act.Ok
            ? Back(act, await act.Service<SubscriptionOrders>().PlaceHoldAsync(act.Caller, act.Route("id"), wanted, act.CancellationToken), S.HoldPlaced)
            : act.Refused();
    }

    private static async ValueTask<ActResult> LiftHoldAsync(Act act) =>
        Back(act, await act.Service<SubscriptionOrders>().LiftHoldAsync(act.Caller, act.Route("id"), act.Route("hold"), act.CancellationToken), S.Lifted);

    private static async ValueTask<ActResult> CorrectAsync(Act act)
    {
        var quantity = act.Number("quantity");
        var wanted = new NewUsage(
            act.Route("id"), act.Required("meter"), act.Service<TimeProvider>().GetUtcNow(), quantity ?? 0, act.Required("key"), UsageRecords.Correction, act.Required("reason", 500));
        if (quantity is null or 0)
        {
            act.Wrong("quantity", act.View[Ui.Texts.UiTexts.Required]);
        }

        return act.Ok ? Back(act, await act.Service<UsageRecords>().RecordAsync(act.Caller, wanted, act.CancellationToken), S.Corrected) : act.Refused();
    }

    private static JsonElement Settings(Act act, PlanSpecification specification)
    {
        var schema = SpecificationCatalogue.SchemaOf(specification) as JsonObject ?? [];
        return JsonSerializer.SerializeToElement(SchemaReader.Read(act, schema));
    }

    private static ActResult Back<TValue>(Act act, Outcome<TValue> outcome, Core.Modules.LocalizedText sentence) =>
        outcome.Ok ? act.Done("/console/subscriptions/" + act.Route("id"), sentence) : act.Refused(outcome.Refusal);
}
