using System.Globalization;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Connectivity.Pages;

/// <summary>What the pages of the plan of addresses do.</summary>
internal static class AddressActs
{
    private const string Ipam = "/console/connectivity/ipam";
    private const string Pools = "/console/connectivity/pools";
    private const string Holders = "/console/connectivity/holders";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Ipam, ConnectivityPermissions.AddressWrite, AddPrefixAsync);
        routes.MapAct(Ipam + "/{ipamPrefix}", ConnectivityPermissions.AddressWrite, ChangePrefixAsync);
        routes.MapAct(Ipam + "/{ipamPrefix}/next", ConnectivityPermissions.AddressWrite, NextAsync);
        routes.MapAct(Ipam + "/{ipamPrefix}/remove", ConnectivityPermissions.AddressWrite, RemovePrefixAsync);
        routes.MapAct(Pools, ConnectivityPermissions.AddressWrite, AddPoolAsync);
        routes.MapAct(Pools + "/{pool}/assign", ConnectivityPermissions.AddressWrite, AssignAsync);
        routes.MapAct(Pools + "/{pool}/release", ConnectivityPermissions.AddressWrite, ReleaseAsync);
        routes.MapAct(Pools + "/{pool}/remove", ConnectivityPermissions.AddressWrite, RemovePoolAsync);
        routes.MapAct(Holders, ConnectivityPermissions.HolderRead, AskAsync);
    }

    private static async ValueTask<ActResult> AddPrefixAsync(Act act)
    {
        var wanted = new NewPrefix
        {
            Cidr = act.Required("cidr", 50), State = act.OneOf("state", [.. PrefixState.All]), Rir = act.Text("rir", 80), Role = act.Text("role", 80), VrfId = act.Text("vrfId", 40), TenantId = act.Text("tenantId", 40),
            Note = act.Text("note", 500),
        };
        return act.Ok ? Prefix(act, await act.Service<PrefixBook>().AddAsync(act.Caller, wanted, act.CancellationToken)) : act.Refused();
    }

    private static async ValueTask<ActResult> NextAsync(Act act)
    {
        var wanted = new NextPrefix { Length = (int)(act.Number("length", 1, 128) ?? 0), Role = act.Text("role", 80), TenantId = act.Text("tenantId", 40), Note = act.Text("note", 500) };
        return act.Ok ? Prefix(act, await act.Service<PrefixBook>().AddNextAsync(act.Caller, act.Route("ipamPrefix"), wanted, act.CancellationToken)) : act.Refused();
    }

    private static async ValueTask<ActResult> ChangePrefixAsync(Act act)
    {
        var wanted = new PrefixChange { State = act.OneOf("state", [.. PrefixState.All]), Rir = act.Text("rir", 80) ?? "", Role = act.Text("role", 80) ?? "", TenantId = act.Text("tenantId", 40), Note = act.Text("note", 500) ?? "" };
        return act.Ok ? Prefix(act, await act.Service<PrefixBook>().ChangeAsync(act.Caller, act.Route("ipamPrefix"), wanted, act.Number("version"), act.CancellationToken)) : act.Refused();
    }

    private static async ValueTask<ActResult> RemovePrefixAsync(Act act)
    {
        var removed = await act.Service<PrefixBook>().RemoveAsync(act.Caller, act.Route("ipamPrefix"), act.CancellationToken);
        return removed.Ok ? act.Done(Ipam, new("The prefix is taken out of the plan.", "プレフィックスを計画から外しました。")) : act.Refused(removed.Refusal);
    }

    private static async ValueTask<ActResult> AddPoolAsync(Act act)
    {
        var rest = act.Number("restHours", 0, 8_760);
        var wanted = new NewPool
        {
            Name = act.Required("name", 80), Cidr = act.Required("cidr", 50), PartLength = (int)(act.Number("partLength", 1, 128) ?? 0), Purpose = act.OneOf("purpose", [.. PoolPurpose.All]), VrfId = act.Text("vrfId", 40),
            Policy = act.Text("policy", 10), RestSeconds = rest is { } hours ? hours * 3_600 : null, WarnPercent = (int?)act.Number("warnPercent", 1, 100),
            Reserved = (act.Text("reserved", 4_000) ?? "").Split(['\n', ',', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        };
        if (!act.Ok)
        {
            return act.Refused();
        }

        if (!wanted.Name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
        {
            return act.Refused("name", new("Letters, digits, dots, hyphens and underscores.", "英数字、ピリオド、ハイフン、アンダースコアで入力してください。"));
        }

        var added = await act.Service<PoolBook>().AddAsync(act.Caller, wanted, act.CancellationToken);
        return added.Ok ? act.Done($"{Pools}/{added.Value.Id}", new("The pool is added.", "プールを追加しました。")) : act.Refused(added.Refusal);
    }

    private static async ValueTask<ActResult> AssignAsync(Act act)
    {
        var wanted = new NewAssignment { LineId = act.Text("lineId", 40), TenantId = act.Text("tenantId", 40), Device = act.Text("device"), Cidr = act.Text("cidr", 50) };
        if (!act.Ok)
        {
            return act.Refused();
        }

        var taken = await act.Service<AssignmentDesk>().AssignAsync(act.Caller, act.Route("pool"), wanted, act.CancellationToken);
        return taken.Ok ? act.Done($"{Pools}/{act.Route("pool")}", new("{0} is assigned.", "{0} を割り当てました。"), taken.Value.Cidr) : act.Refused(taken.Refusal);
    }

    private static async ValueTask<ActResult> ReleaseAsync(Act act)
    {
        if (await act.Service<PoolBook>().FindAsync(act.Caller, act.Route("pool"), act.CancellationToken) is not { } pool)
        {
            return act.Missing(new("There is no such pool, or it is not yours to see.", "該当するプールがないか、権限がありません。"));
        }

        var text = act.Required("cidr", 50);
        if (!act.Ok || !AddressBlock.TryParse(text, out var block) || !pool.Block.Contains(block) || block.Length > pool.PartLength)
        {
            return act.Refused("cidr", new("This is no part of the pool.", "このプールのアドレスではありません。"));
        }

        var released = await act.Service<AddressAllocator>().ReleaseAsync(act.Caller, pool, (long)pool.Block.NumberOf(block, pool.PartLength), act.CancellationToken);
        return released.Ok ? act.Done($"{Pools}/{pool.Id}", new("{0} is given back; it rests before it is given again.", "{0} を返却しました。一定期間後に再利用されます。"), released.Value.Cidr) : act.Refused(released.Refusal);
    }

    private static async ValueTask<ActResult> RemovePoolAsync(Act act)
    {
        var removed = await act.Service<PoolBook>().RemoveAsync(act.Caller, act.Route("pool"), act.CancellationToken);
        return removed.Ok ? act.Done(Ipam, new("The pool is removed.", "プールを削除しました。")) : act.Refused(removed.Refusal);
    }

    private static async ValueTask<ActResult> AskAsync(Act act)
    {
        var at = act.Required("at", 40);
        var question = new HolderQuestion
        {
            Address = act.Required("address", 50), Port = (int?)act.Number("port", 0, 65_535), ToleranceSeconds = (int?)act.Number("toleranceSeconds", 0, 3_600), Purpose = act.Required("purpose", 500),
            At = Moment(act, at) ?? default,
        };
        if (act.Ok && question.At == default)
        {
            act.Wrong("at", act.View[new("Write it as 2026-11-25T12:03:07+09:00, or without an offset in your own time zone.", "2026-11-25T12:03:07+09:00の形式、またはオフセットなし(ご利用のタイムゾーン)で入力してください。")]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var answer = await act.Service<HolderDesk>().AskAsync(act.Caller, question, act.CancellationToken);
        return answer.Ok ? act.Done($"{Holders}/{answer.Value.Question}") : act.Refused(answer.Refusal);
    }

    /// <summary>With its offset as written, without one in the reader's zone.</summary>
    private static DateTimeOffset? Moment(Act act, string text)
    {
        if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at))
        {
            return null;
        }

        return at.Kind == DateTimeKind.Unspecified ? act.View.Zone.AtWall(at) : new DateTimeOffset(at.ToUniversalTime(), TimeSpan.Zero);
    }

    private static ActResult Prefix(Act act, Outcome<PrefixRow> outcome) =>
        outcome.Ok ? act.Done($"{Ipam}/{outcome.Value.Id}", new("{0} is in the plan.", "{0} を登録しました。"), outcome.Value.Cidr) : act.Refused(outcome.Refusal);
}
