using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Tenants;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Host.Console.Tenants;

/// <summary>What is done on the pages of tenants.</summary>
internal static class TenantActs
{
    private const string Write = "core.tenant.write";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct("/console/tenants", Write, AddAsync);
        routes.MapAct("/console/tenants/{id}", Write, ChangeAsync);
        routes.MapAct("/console/tenants/{id}/contacts", Write, AddContactAsync);
        routes.MapAct("/console/tenants/{id}/domains", Write, ClaimDomainAsync);
        routes.MapAct("/console/tenants/{id}/prefixes", Write, ClaimPrefixAsync);
        routes.MapAct("/console/tenants/{id}/sites", Write, AddSiteAsync);
        routes.MapAct("/console/domains/{id}/prove", Write, ProveAsync);
        routes.MapAct("/console/domains/{id}/approve", Write, ApproveDomainAsync);
        routes.MapAct("/console/domains/{id}/release", Write, ReleaseAsync);
        routes.MapAct("/console/prefixes/{id}/approve", Write, ApprovePrefixAsync);
    }

    private static async ValueTask<ActResult> AddAsync(Act act)
    {
        var number = act.Text("number", 60);
        var wanted = new NewTenant(
            act.Text("parent"), act.Required("kind"), act.Required("name"), act.Text("locale"), act.Text("timeZone"), act.Text("currency"),
            number is null ? null : new Dictionary<string, string> { ["number"] = number });
        if (!act.Ok)
        {
            return act.Refused();
        }

        var added = await act.Service<TenantDirectory>().AddAsync(act.Caller, wanted, act.CancellationToken);
        return added.Ok ? act.Done("/console/tenants/" + added.Value.Id, T.Added, added.Value.Name) : act.Refused(added.Refusal);
    }

    private static async ValueTask<ActResult> ChangeAsync(Act act)
    {
        var wanted = new TenantChange(act.Required("name"), act.Text("locale"), act.Text("timeZone"), act.Text("currency"));
        var version = act.Number("version");
        return act.Ok
            ? Back(act, await act.Service<TenantDirectory>().ChangeAsync(act.Caller, act.Route("id"), wanted, version, act.CancellationToken), act.Route("id"), T.Saved)
            : act.Refused();
    }

    private static async ValueTask<ActResult> AddContactAsync(Act act)
    {
        var wanted = new NewContact(act.Required("role"), act.Required("name"), act.Required("email", 254), act.Text("phone", 40));
        return act.Ok
            ? Back(act, await act.Service<TenantDirectory>().AddContactAsync(act.Caller, act.Route("id"), wanted, act.CancellationToken), act.Route("id"), T.ContactAdded)
            : act.Refused();
    }

    private static async ValueTask<ActResult> ClaimDomainAsync(Act act)
    {
        var name = act.Required("name", 253);
        return act.Ok
            ? Back(act, await act.Service<Domains>().ClaimAsync(act.Caller, act.Route("id"), name, act.CancellationToken), act.Route("id"), T.DomainClaimed, name)
            : act.Refused();
    }

    private static async ValueTask<ActResult> ClaimPrefixAsync(Act act)
    {
        var cidr = act.Required("cidr", 60);
        return act.Ok
            ? Back(act, await act.Service<Prefixes>().ClaimAsync(act.Caller, act.Route("id"), cidr, act.CancellationToken), act.Route("id"), T.BlockClaimed, cidr)
            : act.Refused();
    }

    private static async ValueTask<ActResult> AddSiteAsync(Act act)
    {
        var name = act.Required("name");
        var address = act.Text("address", 400);
        return act.Ok
            ? Back(act, await act.Service<Sites>().AddAsync(act.Caller, act.Route("id"), name, address, null, null, act.CancellationToken), act.Route("id"), T.SiteAdded, name)
            : act.Refused();
    }

    private static async ValueTask<ActResult> ProveAsync(Act act)
    {
        var proved = await act.Service<Domains>().ProveByDnsAsync(act.Caller, act.Route("id"), act.CancellationToken);
        return Back(act, proved, proved.Value?.TenantId, T.Proved, proved.Value?.Name ?? "");
    }

    private static async ValueTask<ActResult> ApproveDomainAsync(Act act)
    {
        var reason = act.Required("reason", 500);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var proved = await act.Service<Domains>().ApproveAsync(act.Caller, act.Route("id"), reason, act.CancellationToken);
        return Back(act, proved, proved.Value?.TenantId, T.Proved, proved.Value?.Name ?? "");
    }

    private static async ValueTask<ActResult> ApprovePrefixAsync(Act act)
    {
        var reason = act.Required("reason", 500);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var proved = await act.Service<Prefixes>().ApproveAsync(act.Caller, act.Route("id"), reason, act.CancellationToken);
        return Back(act, proved, proved.Value?.TenantId, T.Proved, proved.Value?.Cidr ?? "");
    }

    private static async ValueTask<ActResult> ReleaseAsync(Act act)
    {
        var released = await act.Service<Domains>().ReleaseAsync(act.Caller, act.Route("id"), act.CancellationToken);
        return Back(act, released, released.Value?.TenantId, T.Released, released.Value?.Name ?? "");
    }

    private static ActResult Back<TValue>(Act act, Outcome<TValue> outcome, string? tenantId, Core.Modules.LocalizedText sentence, params object[] values) =>
        outcome.Ok ? act.Done("/console/tenants/" + tenantId, sentence, values) : act.Refused(outcome.Refusal);
}
