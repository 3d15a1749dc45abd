using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Logs;
using Tsunagi.Mail.Content;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Trace;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Mail.Pages;

/// <summary>What the pages' buttons do.</summary>
internal static class MailActs
{
    private const string Queue = "/console/mail/queue";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct("/console/mail/messages/{id}/retry", MailPermissions.QueueWrite, RetryAsync);
        routes.MapAct("/console/mail/messages/{id}/open", MailPermissions.ContentRead, OpenAsync);
        routes.MapAct("/console/mail/messages/{id}/probe", MailPermissions.QueueWrite, ProbeAsync);
        routes.MapAct("/console/mail/next-hops/{nextHop}/retry", MailPermissions.QueueWrite, RetryNextHopAsync);
        routes.MapAct("/console/mail/next-hops/{nextHop}/hold", MailPermissions.QueueWrite, HoldAsync);
        routes.MapAct("/console/mail/next-hops/{nextHop}/release", MailPermissions.QueueWrite, ReleaseAsync);
    }

    private static async ValueTask<ActResult> RetryAsync(Act act)
    {
        var id = act.Route("id");
        if (await act.Service<TraceStore>().FindAsync(act.Caller, id, act.CancellationToken) is null || !SpoolId.TryParse(id, out var message))
        {
            return act.Missing(new("There is no such message, or it is not yours to see.", "該当するメールがないか、権限がありません。"));
        }

        return act.Service<DeliveryScheduler>().RetryNow(message)
            ? act.Done("/console/mail/messages/" + id, new("It is being tried now.", "再送を開始しました。"))
            : act.Refused("", new("It does not wait any more: it is finished, held, or being delivered.", "待機中ではありません(完了、保留、または配送中)。"));
    }

    private static async ValueTask<ActResult> OpenAsync(Act act)
    {
        var reason = act.Required("reason", 300);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var id = act.Route("id");
        var opened = await act.Service<ContentDesk>().OpenAsync(act.Caller, id, reason, act.CancellationToken);
        return opened.Ok ? act.Done($"/console/mail/messages/{id}/content") : act.Refused(opened.Refusal);
    }

    private static async ValueTask<ActResult> ProbeAsync(Act act)
    {
        var id = act.Route("id");
        if (await act.Service<TraceStore>().FindAsync(act.Caller, id, act.CancellationToken) is null || !SpoolId.TryParse(id, out var message))
        {
            return act.Missing(new("There is no such message, or it is not yours to see.", "該当するメールがないか、権限がありません。"));
        }

        var asked = await act.Service<NextHopProbe>().AskAsync(message, act.CancellationToken);
        return asked.Ok
            ? act.Done("/console/mail/messages/" + id, new("{0} was asked; nothing was delivered: {1}", "{0} に確認しました(配送はしていません): {1}"), asked.Value.NextHop, asked.Value.Summary)
            : act.Refused(asked.Refusal);
    }

    private static ValueTask<ActResult> RetryNextHopAsync(Act act) => ValueTask.FromResult(
        Known(act) is { } nextHop
            ? act.Done(Queue, new("{0} messages are being tried now.", "{0}通の再送を開始しました。"), act.Service<DeliveryScheduler>().RetryNow(nextHop, act.Caller.Scope))
            : Unknown(act));

    private static async ValueTask<ActResult> HoldAsync(Act act)
    {
        var reason = act.Required("reason", 300);
        if (!act.Ok)
        {
            return act.Refused();
        }

        if (Known(act) is not { } nextHop || !act.Caller.IsOperator)
        {
            return Unknown(act);
        }

        return await act.Service<NextHopHolds>().HoldAsync(act.Caller, nextHop, reason, act.CancellationToken) is { } refusal
            ? act.Refused(refusal)
            : act.Done(Queue, new("Delivery to {0} is stopped.", "{0} への配送を停止しました。"), nextHop);
    }

    private static async ValueTask<ActResult> ReleaseAsync(Act act)
    {
        if (Known(act) is not { } nextHop || !act.Caller.IsOperator)
        {
            return Unknown(act);
        }

        return await act.Service<NextHopHolds>().ReleaseAsync(act.Caller, nextHop, act.CancellationToken) is { } refusal
            ? act.Refused(refusal)
            : act.Done(Queue, new("Delivery to {0} goes on.", "{0} への配送を再開しました。"), nextHop);
    }

    private static NextHop? Known(Act act) =>
        NextHop.TryParseAny(Uri.UnescapeDataString(act.Route("nextHop")), out var nextHop)
        && act.Service<DeliveryScheduler>().NextHops(act.Caller.Scope).Any(view => view.NextHop == nextHop.ToString())
            ? nextHop
            : null;

    private static ActResult Unknown(Act act) => act.Missing(new("There is no such next hop, or it is not yours to change.", "該当する配送先がないか、権限がありません。"));
}
