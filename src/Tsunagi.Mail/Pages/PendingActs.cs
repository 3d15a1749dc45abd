using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Quarantine.Digest;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Mail.Pages;

/// <summary>What the buttons about mail that waits do, on the console's page and on a sender's own. Each is a form that is posted with the page's token: opening an address never does anything.</summary>
internal static class PendingActs
{
    private const string List = "/console/mail/pending";
    private const string Own = "/pending/{link}";
    private static readonly LocalizedText SentText = new("It is on its way.", "送信しました。");
    private static readonly LocalizedText RecalledText = new("It is taken back.", "取り消しました。");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(List + "/{pending}/send", MailPermissions.QueueWrite, static act => HereAsync(act, PendingState.Sent));
        routes.MapAct(List + "/{pending}/cancel", MailPermissions.QueueWrite, static act => HereAsync(act, PendingState.Recalled));
        routes.MapOpenAct(Own + "/all/send", static act => AllAsync(act, PendingState.Sent));
        routes.MapOpenAct(Own + "/all/cancel", static act => AllAsync(act, PendingState.Recalled));
        routes.MapOpenAct(Own + "/{pending}/send", static act => OneAsync(act, PendingState.Sent));
        routes.MapOpenAct(Own + "/{pending}/cancel", static act => OneAsync(act, PendingState.Recalled));
    }

    private static async ValueTask<ActResult> HereAsync(Act act, string state) =>
        Said(act, await DecideAsync(act, new PendingActor(act.Caller, null), act.Route("pending"), state), state, List);

    private static async ValueTask<ActResult> OneAsync(Act act, string state) => await EnterAsync(act) is { } who
        ? Said(act, await DecideAsync(act, who, act.Route("pending"), state), state, "/pending/" + act.Route("link"))
        : RecipientActRoutes.Closed(act);

    /// <summary>Everybody who still waits; what left or was taken back meanwhile stands in nobody's way.</summary>
    private static async ValueTask<ActResult> AllAsync(Act act, string state)
    {
        if (await EnterAsync(act) is not { Message: { } message } who)
        {
            return RecipientActRoutes.Closed(act);
        }

        Outcome<PendingRow>? last = null;
        foreach (var row in await act.Service<PendingBook>().OfMessageAsync(who.Caller, message, act.CancellationToken))
        {
            if (row.State == PendingState.Pending)
            {
                last = await DecideAsync(act, who, row.Id, state);
            }
        }

        return last is null ? act.Done("/pending/" + act.Route("link"), new("Nothing of it waits any more.", "保留中の宛先はもうありません。")) : Said(act, last.Value, state, "/pending/" + act.Route("link"));
    }

    private static ValueTask<Outcome<PendingRow>> DecideAsync(Act act, PendingActor who, string id, string state) => state == PendingState.Sent
        ? act.Service<PendingDesk>().SendAsync(who, id, act.CancellationToken)
        : act.Service<PendingDesk>().CancelAsync(who, id, act.CancellationToken);

    private static ActResult Said(Act act, Outcome<PendingRow> outcome, string state, string page) =>
        outcome.Ok ? act.Done(page, state == PendingState.Sent ? SentText : RecalledText) : act.Refused(outcome.Refusal);

    private static async ValueTask<PendingActor?> EnterAsync(Act act)
    {
        var visit = await act.Service<PendingDoor>().EnterAsync(act.Route("link"), act.Http.Connection.RemoteIpAddress, acts: true, act.CancellationToken);
        return visit.State == LinkState.Good ? visit.Who : null;
    }
}
